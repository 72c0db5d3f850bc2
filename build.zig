//! Builds libsora_ffi.so, the C ABI over libwebrtc that TypeScript binds. `zig build --help` lists the steps.
const std = @import("std");
const builtin = @import("builtin");
const drivers = @import("build/drivers.zig");
const files = @import("build/files.zig");
const Folder = @import("build/folder.zig").Folder;
const native = @import("build/native.zig");
const Native = native.Native;
const port = @import("build/port.zig");
const Sysroot = @import("build/sysroot.zig").Sysroot;

/// The one version this build is made for; setup/setup.sh installs it.
const zig_version = "0.16.0";

comptime {
    if (!std.mem.eql(u8, builtin.zig_version_string, zig_version)) @compileError(
        "sora-ffi builds with Zig " ++ zig_version ++ "; this is " ++ builtin.zig_version_string ++
            ". `make build` installs the right one into .deps/venv and uses it.",
    );
}

pub fn build(b: *std.Build) void {
    const test_step = b.step("test", "Run the C++ tests of the C API");
    const codec_test_step = b.step("codec-test", "Run the C++ tests of the inner parts");
    const asan_step = b.step("asan-test", "Run the C++ tests of the C API with AddressSanitizer");
    const asan_codec_step = b.step("asan-codec-test", "Run the C++ tests of the inner parts with AddressSanitizer");
    const hardware_step = b.step("hardware-test", "Run the C++ tests of the engines over drivers, on stand-ins for these");
    const asan_hardware_step = b.step("asan-hardware-test", "The same with AddressSanitizer");
    const fuzz_step = b.step("fuzz", "Build zig-out/bin/sora_ffi_fuzz; -- TARGET SECONDS runs a target, all of them: all SECONDS");
    const fuzz_test_step = b.step("fuzz-test", "Run each fuzz target for a short while");
    const tsan_step = b.step("tsan-test", "Run the C++ tests of threads that race on the same handles, with ThreadSanitizer");
    const memory_step = b.step("memory-test", "Run the C++ tests of memory that runs out, and build zig-out/bin/sora_ffi_memory_tests");
    const h265_step = b.step("h265-test-library", "Build zig-out/lib/libsora_ffi_h265_test.so, which tests of H.265 open");
    const drivers_step = b.step("drivers", "Build stand-ins for drivers of hardware codecs into zig-out/drivers, for tests");
    const bench_step = b.step("bench", "Build zig-out/bin/sora_ffi_limits, sora_ffi_codecs, sora_ffi_drivers and sora_ffi_load, which bench/ runs");
    const profile_step = b.step("profile", "Build zig-out/lib/symbols/libsora_ffi.so, the library with names of functions, which bench/profile runs");
    const check_step = b.step("check", "Build the library and its tests, install and run nothing; for macOS and Windows, compile each file as far as it goes");

    const target = b.standardTargetOptions(.{
        // On a Mac the native one, for which Zig takes Apple's SDK.
        .default_target = if (builtin.os.tag == .macos) .{} else .{
            .cpu_arch = builtin.cpu.arch,
            .os_tag = .linux,
            .abi = .gnu,
            .glibc_version = .{ .major = 2, .minor = 31, .patch = 0 },
        },
    });
    const optimize = b.option(std.builtin.OptimizeMode, "optimize", "Default: ReleaseFast") orelse .ReleaseFast;
    const strip = b.option(bool, "strip", "Leave debug information out (default: true)") orelse true;
    const canary = b.option([]const u8, "canary", "A planted defect for tsan-test, memory-test and fuzz-test, see csrc/core/canary.h") orelse "";
    const runner: Runner = .{
        .b = b,
        .runs = b.option(bool, "run", "Whether steps of tests run what they build (default: true)") orelse true,
    };
    const folder = if (b.option([]const u8, "webrtc", "A libwebrtc in the layout of Shiguredo's builds, to link instead of Debian's")) |path|
        Folder.find(b, path)
    else
        null;
    if (folder != null or target.result.os.tag != .linux) {
        for ([_]*std.Build.Step{ test_step, codec_test_step, asan_step, asan_codec_step, hardware_step, asan_hardware_step, fuzz_step, fuzz_test_step, tsan_step, memory_step, h265_step, drivers_step, bench_step, profile_step }) |step|
            port.fails(b, step, "this step is for Linux and links Debian's libwebrtc: leave out -Dtarget and -Dwebrtc");
        return port.add(b, .{ .target = target, .optimize = optimize, .strip = strip, .folder = folder }, check_step);
    }
    const sysroot = Sysroot.find(b, target.result);

    const plain = Native.add(b, .{ .target = target, .optimize = optimize, .strip = strip, .sysroot = sysroot });
    const lib = plain.addLibrary(b, &.{});
    b.installArtifact(lib);
    check_step.dependOn(&lib.step);

    // The same with a codec of the tests, which must not be in the library: see csrc/tests/h265.
    const h265_lib = plain.addLibrary(b, files.find(b, "csrc", &.{"tests/h265"}));
    check_step.dependOn(&h265_lib.step);
    h265_step.dependOn(&b.addInstallArtifact(h265_lib, .{ .dest_sub_path = "libsora_ffi_h265_test.so" }).step);

    // The same with the names of functions, for bench/profile.
    const named = Native.add(b, .{ .target = target, .optimize = optimize, .strip = strip, .sysroot = sysroot, .symbols = true });
    profile_step.dependOn(&b.addInstallArtifact(named.addLibrary(b, &.{}), .{ .dest_sub_path = "symbols/libsora_ffi.so" }).step);

    const tests = addInterfaceTests(b, plain, lib);
    check_step.dependOn(&tests.step);
    _ = runner.add(test_step, tests);

    // The tests of the inner parts reach what no C function exposes: bitstreams, layers, encoders and decoders on their own,
    // conversions of frames, parameters of senders, the event queue. They link the parts and not the library: of its exports, the
    // program's own would be called.
    const inner_tests = files.find(b, "csrc", &.{ "tests/harness", "tests/core", "tests/codecs", "tests/runtime", "tests/media", "tests/peer", "tests/transport", "tests/datagrams", "tests/net" });
    const codec_tests = plain.addProgram(b, "sora_ffi_codec_tests", inner_tests, false);
    check_step.dependOn(&codec_tests.step);
    _ = runner.add(codec_test_step, codec_tests);

    const sanitized = Native.add(b, .{
        .target = target,
        .optimize = optimize,
        .strip = strip,
        .sysroot = sysroot,
        .sanitizer = .address,
        .canary = canary,
    });
    const interface_tests = files.find(b, "csrc", &.{ "tests/harness", "tests/api" });
    _ = runner.add(asan_step, sanitized.addProgram(b, "sora_ffi_asan_tests", interface_tests, true));
    _ = runner.add(asan_codec_step, sanitized.addProgram(b, "sora_ffi_asan_codec_tests", inner_tests, false));

    const hardware_tests = native.concat(b, &.{ files.find(b, "csrc", &.{ "tests/harness", "tests/hardware" }), &.{"tests/codecs/support.cpp"} });
    const asan_drivers = b.allocator.create(std.Build.Step) catch @panic("OOM");
    asan_drivers.* = .init(.{ .id = .custom, .name = "stand-ins with AddressSanitizer", .owner = b });
    drivers.add(b, target, sysroot, asan_drivers, true);
    runner.addHardware(hardware_step, plain.addProgram(b, "sora_ffi_hardware_tests", hardware_tests, false), drivers_step, false);
    runner.addHardware(asan_hardware_step, sanitized.addProgram(b, "sora_ffi_asan_hardware_tests", hardware_tests, false), asan_drivers, true);

    // Each reads an input of libFuzzer's; -- in a program of their own, so that only what they feed is compiled for it.
    const fuzzer = sanitized.addFuzzer(
        b,
        "sora_ffi_fuzz",
        native.concat(b, &.{
            files.find(b, "csrc", &.{ "os/posix", "os/linux", "core", "datagrams", "transport", "fuzz" }),
            &.{ "api/queue.cpp", "api/transport.cpp" },
            // Options and offers.
            &.{ "codecs/codec_options.cpp", "codecs/undecodable_formats.cpp", "net/settings.cpp", "net/tls_client.cpp" },
            &.{ "peer/configuration.cpp", "peer/offer_limits.cpp", "peer/offered_video.cpp", "peer/stereo.cpp", "peer/sync_group.cpp" },
            // Frames and samples.
            &.{ "media/audio_convert.cpp", "media/audio_queue.cpp" },
            &.{ "media/video_format.cpp", "media/video_vectors.cpp", "media/video_vectors_i420.cpp" },
            &.{ "codecs/hardware/av1_quantizer.cpp", "codecs/hardware/quantizer.cpp", "codecs/hardware/temporal_id.cpp" },
            &.{ "codecs/h265_pps_parser.cpp", "codecs/h265_sps_parser.cpp", "codecs/internal/av1_sequence.cpp" },
        }),
        native.concat(b, &.{
            files.find(b, "csrc", &.{"tests/harness"}),
            &.{ "tests/transport/client.cpp", "tests/transport/client_dtls.cpp", "tests/transport/client_stun.cpp" },
        }),
    );
    // A program with a planted defect is run and never installed: others would run it for what it is not.
    if (canary.len == 0) fuzz_step.dependOn(&b.addInstallArtifact(fuzzer, .{}).step);
    if (b.args != null) _ = runner.add(fuzz_step, fuzzer);
    _ = runner.add(fuzz_test_step, fuzzer);

    // Threads that race on the same handles; and memory that runs out, with the tests of the C API that use no media, for valgrind.
    const racing = Native.add(b, .{
        .target = target,
        .optimize = optimize,
        .strip = strip,
        .sysroot = sysroot,
        .sanitizer = .thread,
        .canary = canary,
    });
    const races = runner.add(tsan_step, racing.addProgram(b, "sora_ffi_tsan_tests", native.concat(b, &.{
        files.find(b, "csrc", &.{"tests/threads"}),
        // Without the limit of threads, whose pthread_create would hide them from the sanitizer.
        &.{ "tests/harness/harness.cpp", "tests/harness/mallinfo2.cpp", "tests/harness/offer.cpp", "tests/api/support.cpp" },
    }), true));
    // Suppressions are by name, which takes a symbolizer of the machine's.
    const symbolizer = for ([_][]const u8{ "/usr/bin/llvm-symbolizer", "/usr/bin/addr2line" }) |path| {
        b.build_root.handle.access(b.graph.io, path, .{}) catch continue;
        break path;
    } else "";
    if (races) |run| run.setEnvironmentVariable("TSAN_OPTIONS", b.fmt("suppressions={s}:external_symbolizer_path={s}:{s}", .{
        b.pathFromRoot("csrc/tests/threads/suppressions.txt"),                symbolizer,
        // As many accesses as it can keep, so that a report has the stacks of both.
        "exitcode=66:history_size=7:second_deadlock_stack=1:log_path=stdout",
    }));
    const with_names = Native.add(b, .{
        .target = target,
        .optimize = optimize,
        .strip = strip,
        .sysroot = sysroot,
        .symbols = true,
        .canary = canary,
    });
    const memory_tests = with_names.addProgram(b, "sora_ffi_memory_tests", native.concat(b, &.{
        files.find(b, "csrc", &.{ "tests/harness", "tests/memory" }),
        &.{ "tests/api/support.cpp", "tests/api/handles_test.cpp", "tests/api/queue_test.cpp", "tests/api/realm_test.cpp" },
        &.{ "tests/api/transport_test.cpp", "tests/api/peer_close_test.cpp", "tests/api/factory_test.cpp" },
    }), true);
    if (canary.len == 0) memory_step.dependOn(&b.addInstallArtifact(memory_tests, .{}).step);
    _ = runner.add(memory_step, memory_tests);

    drivers.add(b, target, sysroot, drivers_step, false);

    const limits = addLimits(b, target, sysroot);
    check_step.dependOn(&limits.step);
    bench_step.dependOn(&b.addInstallArtifact(limits, .{}).step);

    // The codecs alone, over files, which bench/ holds against the codecs' own tools.
    const codecs = plain.addProgram(b, "sora_ffi_codecs", native.concat(b, &.{
        files.find(b, "csrc", &.{ "bench/codecs", "tests/harness" }), &.{"tests/codecs/support.cpp"},
    }), false);
    check_step.dependOn(&codecs.step);
    bench_step.dependOn(&b.addInstallArtifact(codecs, .{}).step);

    // The engines over drivers, on stand-ins whose own work it leaves out.
    const engines = plain.addProgram(b, "sora_ffi_drivers", native.concat(b, &.{
        files.find(b, "csrc", &.{ "bench/drivers", "tests/harness" }),
        &.{ "tests/codecs/support.cpp", "tests/hardware/support.cpp" },
    }), false);
    check_step.dependOn(&engines.step);
    bench_step.dependOn(&b.addInstallArtifact(engines, .{}).step);
    bench_step.dependOn(drivers_step);

    // Clients that load a server.
    const load = plain.addProgram(b, "sora_ffi_load", native.concat(b, &.{
        files.find(b, "csrc", &.{"bench/load"}),
        &.{ "tests/transport/client.cpp", "tests/transport/client_dtls.cpp", "tests/transport/client_stun.cpp" },
    }), false);
    check_step.dependOn(&load.step);
    bench_step.dependOn(&b.addInstallArtifact(load, .{}).step);
}

/// Steps that run programs of tests.
const Runner = struct {
    b: *std.Build,
    /// Whether they run them, or build them alone.
    runs: bool,

    /// A step that runs a program, with the words behind `--`.
    fn add(self: Runner, step: *std.Build.Step, program: *std.Build.Step.Compile) ?*std.Build.Step.Run {
        if (!self.runs) {
            // Without somebody who asks for it, nothing is linked.
            program.getEmittedBin().addStepDependencies(step);
            return null;
        }
        const run = self.b.addRunArtifact(program);
        run.has_side_effects = true;
        run.setCwd(self.b.path("."));
        if (self.b.args) |words| run.addArgs(words);
        step.dependOn(&run.step);
        return run;
    }

    /// The same for a program that finds stand-ins for drivers where the loader looks for these.
    fn addHardware(self: Runner, step: *std.Build.Step, program: *std.Build.Step.Compile, stand_ins: *std.Build.Step, sanitize: bool) void {
        step.dependOn(stand_ins);
        const run = self.add(step, program) orelse return;
        run.step.dependOn(stand_ins);
        // Intel's dispatcher is the machine's own.
        run.setEnvironmentVariable("LD_LIBRARY_PATH", self.b.fmt("{0s}/nvidia:{0s}/vpl:{0s}/amf:{1s}", .{
            self.b.getInstallPath(.prefix, drivers.folderOf(sanitize)),
            self.b.pathFromRoot(".deps/drivers/usr/lib/x86_64-linux-gnu"),
        }));
    }
};

const own_flags = [_][]const u8{ "-std=c++20", "-Wall", "-Wextra", "-Werror" };

/// The tests that see the library as TypeScript does: through the header and the exported symbols alone. Its SRTP ciphers, which
/// it does not export, are compiled into them once more.
fn addInterfaceTests(b: *std.Build, plain: Native, lib: *std.Build.Step.Compile) *std.Build.Step.Compile {
    const tests = b.addExecutable(.{
        .name = "sora_ffi_tests",
        .use_lld = true,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .target = plain.target,
            .optimize = plain.optimize,
            .link_libc = true,
            .link_libcpp = false,
        }),
    });
    tests.root_module.linkLibrary(lib);
    plain.addBare(b, tests.root_module, native.concat(b, &.{
        files.find(b, "csrc", &.{ "tests/harness", "tests/api", "tests/srtp", "tests/libc" }),
        &native.newer_names,
        &.{"link/nss.cpp"},
    }));
    for ([_][]const u8{ "libsrtp2.a", "libcrypto.a", "libz.a", "libzstd.a" }) |name|
        tests.root_module.addObjectFile(plain.sysroot.library(b, name));
    plain.sysroot.linkStandardLibrary(b, tests.root_module);
    return tests;
}

/// libyuv alone, doing what the library does to frames.
fn addLimits(b: *std.Build, target: std.Build.ResolvedTarget, sysroot: Sysroot) *std.Build.Step.Compile {
    const limits = b.addExecutable(.{
        .name = "sora_ffi_limits",
        .use_lld = true,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .target = target,
            .optimize = .ReleaseFast,
            .link_libc = true,
            .link_libcpp = true,
            .strip = true,
        }),
    });
    limits.root_module.addCSourceFiles(.{
        .root = b.path("csrc"),
        .files = files.find(b, "csrc", &.{"bench"}),
        .flags = native.concat(b, &.{ &own_flags, sysroot.cHeaders(b) }),
    });
    for ([_][]const u8{ "libyuv.a", "libjpeg.a" }) |name| limits.root_module.addObjectFile(sysroot.library(b, name));
    return limits;
}
