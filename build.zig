//! Builds libsora_ffi.so, the C ABI over libwebrtc that TypeScript binds. `zig build --help` lists the steps.
const std = @import("std");
const builtin = @import("builtin");

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
    const codec_test_step = b.step("codec-test", "Run the C++ tests of codecs, pictures and queues");
    const asan_step = b.step("asan-test", "Run the C++ tests of the C API with AddressSanitizer");
    const asan_codec_step = b.step("asan-codec-test", "Run the C++ tests of codecs, pictures and queues with AddressSanitizer");
    const h265_step = b.step("h265-test-library", "Build zig-out/lib/libsora_ffi_h265_test.so, which tests of H.265 open");
    const bench_step = b.step("bench", "Build zig-out/bin/sora_ffi_limits, which bench/ measures against");
    const check_step = b.step("check", "Build the library and its tests, install and run nothing");

    const target = b.standardTargetOptions(.{ .default_target = .{
        .cpu_arch = builtin.cpu.arch,
        .os_tag = .linux,
        .abi = .gnu,
        .glibc_version = .{ .major = 2, .minor = 35, .patch = 0 },
    } });
    const optimize = b.option(std.builtin.OptimizeMode, "optimize", "Default: ReleaseFast") orelse .ReleaseFast;
    const strip = b.option(bool, "strip", "Leave debug information out (default: true)") orelse true;

    const sysroot = Sysroot.find(b, target.result);
    const flags = sysroot.flags(b);

    const engines = engineFolders(b);
    const sources = find(b, "csrc", std.mem.concat(b.allocator, []const u8, &.{
        &.{ "core", "api", "peer", "net", "media", "codecs", "link" }, engines,
    }) catch @panic("OOM"));
    const library = Library{ .target = target, .optimize = optimize, .strip = strip, .sysroot = sysroot, .flags = flags };
    const lib = library.add(b, sources);
    b.installArtifact(lib);
    check_step.dependOn(&lib.step);

    // The same with a codec of the tests, which must not be in the library: see csrc/tests/h265.
    const h265_lib = library.add(b, std.mem.concat(b.allocator, []const u8, &.{
        sources, find(b, "csrc", &.{"tests/h265"}),
    }) catch @panic("OOM"));
    check_step.dependOn(&h265_lib.step);
    h265_step.dependOn(&b.addInstallArtifact(h265_lib, .{ .dest_sub_path = "libsora_ffi_h265_test.so" }).step);

    // The tests see the library as TypeScript does: through the header and the exported symbols alone. Its SRTP ciphers and its
    // event queue, which it does not export, are compiled into the tests once more.
    const tests = b.addExecutable(.{
        .name = "sora_ffi_tests",
        .use_lld = true,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .target = target,
            .optimize = optimize,
            .link_libc = true,
            .link_libcpp = true,
        }),
    });
    const test_flags = [_][]const u8{ "-std=c++20", "-Wall", "-Wextra", "-Werror" };
    tests.root_module.addCSourceFiles(.{
        .root = b.path("csrc/tests"),
        .files = find(b, "csrc/tests", &.{ "harness", "api" }),
        .flags = &test_flags,
    });
    tests.root_module.addIncludePath(b.path("csrc/include"));
    tests.root_module.linkLibrary(lib);
    tests.root_module.addCSourceFiles(.{
        .root = b.path("csrc"),
        .files = std.mem.concat(b.allocator, []const u8, &.{
            find(b, "csrc", &.{"tests/srtp"}), &.{ "link/nss.cpp", "link/libc_names.cpp" },
        }) catch @panic("OOM"),
        .flags = std.mem.concat(b.allocator, []const u8, &.{ &test_flags, sysroot.cHeaders(b) }) catch @panic("OOM"),
    });
    for ([_][]const u8{ "libsrtp2.a", "libcrypto.a", "libz.a", "libzstd.a" }) |name|
        tests.root_module.addObjectFile(sysroot.library(b, name));
    const run_tests = b.addRunArtifact(tests);
    check_step.dependOn(&tests.step);
    run_tests.has_side_effects = true;
    run_tests.setCwd(b.path("."));
    if (b.args) |words| run_tests.addArgs(words);
    test_step.dependOn(&run_tests.step);

    // The tests of the inner parts reach what no C function shows: bitstreams, layers, encoders and decoders by themselves,
    // conversions of pictures, the event queue. They link the sources once more, beside what the library is linked from, and not
    // the library: of what it exports the program's own would be called.
    const inner = std.mem.concat(b.allocator, []const u8, &.{
        find(b, "csrc", &.{ "codecs", "tests/harness" }),
        find(b, "csrc", engines),
        &.{
            "core/json.cpp",          "core/result.cpp",         "core/object.cpp",       "core/event_queue.cpp",
            "media/video_format.cpp", "media/audio_convert.cpp", "media/audio_queue.cpp", "link/thread_locals.cpp",
            "link/libc_names.cpp",    "link/nss.cpp",
        },
    }) catch @panic("OOM");
    const inner_flags = std.mem.concat(b.allocator, []const u8, &.{
        flags, &.{b.fmt("-DSORA_TEST_LIBRARIES=\"{s}/usr/lib/{s}\"", .{ sysroot.path, sysroot.triple })},
    }) catch @panic("OOM");
    const codec_tests = b.addExecutable(.{
        .name = "sora_ffi_codec_tests",
        .use_lld = true,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .target = target,
            .optimize = optimize,
            .link_libc = true,
            .link_libcpp = false,
            .strip = strip,
            .pic = true,
        }),
    });
    codec_tests.root_module.addCSourceFiles(.{
        .root = b.path("csrc"),
        .files = std.mem.concat(b.allocator, []const u8, &.{
            inner, find(b, "csrc", &.{ "tests/codecs", "tests/media", "tests/core" }),
        }) catch @panic("OOM"),
        .flags = inner_flags,
    });
    sysroot.link(b, codec_tests.root_module);
    codec_tests.bundle_compiler_rt = true;
    codec_tests.link_gc_sections = true;
    codec_tests.pie = true;
    const run_codec_tests = b.addRunArtifact(codec_tests);
    check_step.dependOn(&codec_tests.step);
    run_codec_tests.has_side_effects = true;
    run_codec_tests.setCwd(b.path("."));
    if (b.args) |words| run_codec_tests.addArgs(words);
    codec_test_step.dependOn(&run_codec_tests.step);

    // Both once more with AddressSanitizer in every source of ours, which is linked into the tests here: a library that is opened at
    // run time has no say in how memory is allocated.
    const parts = std.mem.concat(b.allocator, []const u8, &.{
        find(b, "csrc", &.{ "core", "api", "peer", "net", "media", "codecs", "tests/harness", "tests/asan" }),
        find(b, "csrc", engines),
        &.{ "link/libc_names.cpp", "link/nss.cpp", "link/thread_priority.cpp" },
    }) catch @panic("OOM");
    for ([_]struct { step: *std.Build.Step, name: []const u8, folders: []const []const u8 }{
        .{ .step = asan_step, .name = "sora_ffi_asan_tests", .folders = &.{"tests/api"} },
        .{ .step = asan_codec_step, .name = "sora_ffi_asan_codec_tests", .folders = &.{ "tests/codecs", "tests/media", "tests/core" } },
    }) |program| {
        const asan_tests = library.sanitized(b, program.name, std.mem.concat(b.allocator, []const u8, &.{
            parts, find(b, "csrc", program.folders),
        }) catch @panic("OOM"));
        const run_asan_tests = b.addRunArtifact(asan_tests);
        run_asan_tests.has_side_effects = true;
        run_asan_tests.setCwd(b.path("."));
        if (b.args) |words| run_asan_tests.addArgs(words);
        program.step.dependOn(&run_asan_tests.step);
    }

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
        .files = find(b, "csrc", &.{"bench"}),
        .flags = std.mem.concat(b.allocator, []const u8, &.{ &test_flags, sysroot.cHeaders(b) }) catch @panic("OOM"),
    });
    for ([_][]const u8{ "libyuv.a", "libjpeg.a" }) |name| limits.root_module.addObjectFile(sysroot.library(b, name));
    check_step.dependOn(&limits.step);
    bench_step.dependOn(&b.addInstallArtifact(limits, .{}).step);

    // The codecs alone, over files, which bench/ holds against the codecs' own tools.
    const codecs = b.addExecutable(.{
        .name = "sora_ffi_codecs",
        .use_lld = true,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .target = target,
            .optimize = optimize,
            .link_libc = true,
            .link_libcpp = false,
            .strip = strip,
            .pic = true,
        }),
    });
    codecs.root_module.addCSourceFiles(.{
        .root = b.path("csrc"),
        .files = std.mem.concat(b.allocator, []const u8, &.{ inner, find(b, "csrc", &.{"bench/codecs"}), &.{"tests/codecs/support.cpp"} }) catch @panic("OOM"),
        .flags = inner_flags,
    });
    sysroot.link(b, codecs.root_module);
    codecs.bundle_compiler_rt = true;
    codecs.link_gc_sections = true;
    codecs.pie = true;
    check_step.dependOn(&codecs.step);
    bench_step.dependOn(&b.addInstallArtifact(codecs, .{}).step);
}

/// The network of libwebrtc's voice detector: its layers and weights, which the libwebrtc that we link leaves out, compiled
/// against its headers.
fn addVoiceNetwork(b: *std.Build, module: *std.Build.Module, sysroot: Sysroot, flags: []const []const u8) void {
    const path = ".deps/rnn_vad";
    b.build_root.handle.access(b.graph.io, path ++ "/.stamp", .{}) catch
        fail("{s} is missing: run setup/rnn_vad.sh first.", .{path});
    const voice_flags = std.mem.concat(b.allocator, []const u8, &.{
        flags,
        &.{
            b.fmt("-I{s}", .{b.pathFromRoot("csrc/media/rnn_vad")}),
            "-isystem",
            b.pathFromRoot(path),
            // The layers name libwebrtc's headers without the folder "modules".
            "-isystem",
            sysroot.absolute(b, "usr/include/tg_owt/modules"),
            "-Wno-invalid-constexpr",
        },
    }) catch @panic("OOM");
    module.addCSourceFiles(.{ .root = b.path("csrc"), .files = find(b, "csrc", &.{"media/rnn_vad"}), .flags = voice_flags });
    module.addCSourceFiles(.{
        .root = b.path(path),
        .files = &.{
            "audio_processing/agc2/rnn_vad/rnn_fc.cc",
            "audio_processing/agc2/rnn_vad/rnn_gru.cc",
            "third_party/rnnoise/src/rnn_vad_weights.cc",
        },
        .flags = voice_flags,
    });
}

/// The unpacked packages that libwebrtc is linked from.
const Sysroot = struct {
    /// .deps/sysroot/ARCH, relative to the build root
    path: []const u8,
    triple: []const u8,

    const gcc = "16";
    const clang = "21"; // Zig's own
    const libraries = [_][]const u8{
        "libtg_owt.a", "libssl.a", "libcrypto.a", "libsrtp2.a", "libvpx.a",  "libopus.a",
        "libyuv.a",    "libaom.a", "libjpeg.a",   "libz.a",     "libzstd.a",
    };

    fn find(b: *std.Build, target: std.Target) Sysroot {
        const arch, const triple = switch (target.cpu.arch) {
            .x86_64 => .{ "amd64", "x86_64-linux-gnu" },
            .aarch64 => .{ "arm64", "aarch64-linux-gnu" },
            else => fail("sora-ffi is built for x86_64 and aarch64 Linux, not for {s}.", .{@tagName(target.cpu.arch)}),
        };
        if (target.os.tag != .linux or target.abi != .gnu) fail("sora-ffi is built for Linux with glibc.", .{});
        const path = b.fmt(".deps/sysroot/{s}", .{arch});
        b.build_root.handle.access(b.graph.io, b.pathJoin(&.{ path, ".stamp" }), .{}) catch
            fail("{s} is missing: run setup/sysroot.sh {s} first.", .{ path, arch });
        return .{ .path = path, .triple = triple };
    }

    fn absolute(self: Sysroot, b: *std.Build, sub_path: []const u8) []const u8 {
        return b.pathFromRoot(b.pathJoin(&.{ self.path, sub_path }));
    }

    fn flags(self: Sysroot, b: *std.Build) []const []const u8 {
        var list: std.ArrayList([]const u8) = .empty;
        const a = b.allocator;
        list.appendSlice(a, &.{
            "-std=c++20",                               "-nostdinc++",                    "-fvisibility=hidden",                "-fvisibility-inlines-hidden",
            "-DNDEBUG",                                 "-fno-sanitize=undefined",        "-Wall",                              "-Wextra",
            "-Wno-unused-parameter",                    "-fPIC",                          "-ffunction-sections",                "-fdata-sections",
            "-Werror",
            // GCC's own headers cannot be marked as system headers (see below); these are theirs.
                                             "-Wno-ignored-attributes",        "-Wno-unknown-attributes",            "-Wno-keyword-compat",
            "-Wno-unknown-warning-option",              "-Wno-deprecated-builtins",       "-Wno-user-defined-literals",         "-Wno-unused-but-set-variable",
            "-Wno-inline-namespace-reopened-noninline", "-Wno-unqualified-std-cast-call", "-Wno-inconsistent-missing-override", "-Wno-mismatched-tags",
            "-Wno-int-in-bool-context",                 "-Wno-unused-variable",
        }) catch @panic("OOM");
        // What the archive was compiled with; another NDEBUG or feature set would change class layouts.
        for ([_][]const u8{
            "WEBRTC_POSIX",            "WEBRTC_LINUX",                           "WEBRTC_HAVE_SCTP",
            "WEBRTC_HAVE_DCSCTP",      "WEBRTC_USE_H264",                        "RTC_ENABLE_VP9",
            "RTC_ENABLE_H265",         "HAVE_WEBRTC_VIDEO",                      "WEBRTC_LIBRARY_IMPL",
            "NO_MAIN_THREAD_WRAPPING", "RTC_DISABLE_TRACE_EVENTS",               "WEBRTC_ENABLE_PROTOBUF=0",
            "WEBRTC_APM_DEBUG_DUMP=0", "BWE_TEST_LOGGING_COMPILE_TIME_ENABLE=0", "WEBRTC_NON_STATIC_TRACE_EVENT_HANDLERS=1",
        }) |define| list.append(a, b.fmt("-D{s}", .{define})) catch @panic("OOM");
        list.appendSlice(a, &.{
            b.fmt("-I{s}", .{b.pathFromRoot("csrc")}),
            b.fmt("-I{s}", .{b.pathFromRoot("csrc/include")}),
            // -I and not -isystem: GCC's headers reach each other by include_next.
            b.fmt("-I{s}", .{self.absolute(b, "usr/include/c++/" ++ gcc)}),
            b.fmt("-I{s}", .{self.absolute(b, b.fmt("usr/include/{s}/c++/" ++ gcc, .{self.triple}))}),
            b.fmt("-I{s}", .{self.absolute(b, "usr/include/c++/" ++ gcc ++ "/backward")}),
            "-isystem",
            self.absolute(b, "usr/include/tg_owt"),
        }) catch @panic("OOM");
        list.appendSlice(a, self.cHeaders(b)) catch @panic("OOM");
        list.appendSlice(a, &.{
            "-include",
            b.pathFromRoot("csrc/link/prelude.h"),
        }) catch @panic("OOM");
        return list.items;
    }

    /// The headers of C libraries, behind the C library's own.
    fn cHeaders(self: Sysroot, b: *std.Build) []const []const u8 {
        return b.allocator.dupe([]const u8, &.{
            "-idirafter", self.absolute(b, "usr/include"),
            "-idirafter", self.absolute(b, b.fmt("usr/include/{s}", .{self.triple})),
        }) catch @panic("OOM");
    }

    /// The version of Debian's source package of libwebrtc, out of its changelog: what is there, whatever the lock file pins.
    fn libwebrtcVersion(self: Sysroot, b: *std.Build) []const u8 {
        const path = b.fmt("{s}/usr/share/doc/libtgowt-dev/changelog.Debian.gz", .{self.path});
        const packed_text = read(b, path);
        var input: std.Io.Reader = .fixed(packed_text);
        const window = b.allocator.alloc(u8, std.compress.flate.max_window_len) catch @panic("OOM");
        var unpacked: std.compress.flate.Decompress = .init(&input, .gzip, window);
        // "libtgowt (0~git20251117.d067233+dfsg-3) unstable; urgency=medium"
        const line = unpacked.reader.takeDelimiterExclusive('\n') catch fail("{s} cannot be unpacked.", .{path});
        return between(line, "(", ")") orelse fail("{s} names no version.", .{path});
    }

    fn library(self: Sysroot, b: *std.Build, name: []const u8) std.Build.LazyPath {
        return b.path(b.fmt("{s}/usr/lib/{s}/{s}", .{ self.path, self.triple, name }));
    }

    /// AddressSanitizer's run time in one object: nothing refers to its interceptors, so a linker would leave them in the archive.
    fn sanitizer(self: Sysroot, b: *std.Build, target: std.Target) std.Build.LazyPath {
        const merge = b.addSystemCommand(&.{ b.graph.zig_exe, "ld.lld", "-r", "--whole-archive" });
        for ([_][]const u8{ "asan", "asan_cxx", "asan_static" }) |part| merge.addFileArg(b.path(b.fmt(
            "{s}/usr/lib/llvm-" ++ clang ++ "/lib/clang/" ++ clang ++ "/lib/linux/libclang_rt.{s}-{s}.a",
            .{ self.path, part, @tagName(target.cpu.arch) },
        )));
        merge.addArg("-o");
        return merge.addOutputFileArg("asan.o");
    }

    fn link(self: Sysroot, b: *std.Build, module: *std.Build.Module) void {
        const gcc_path = b.fmt("{s}/usr/lib/gcc/{s}/" ++ gcc, .{ self.path, self.triple });
        for ([_][]const u8{ "libstdc++.a", "libgcc_eh.a" }) |name|
            module.addObjectFile(b.path(b.pathJoin(&.{ gcc_path, name })));
        const lib_path = b.fmt("{s}/usr/lib/{s}", .{ self.path, self.triple });
        for (libraries) |name| module.addObjectFile(self.library(b, name));
        const io = b.graph.io;
        var dir = b.build_root.handle.openDir(io, lib_path, .{ .iterate = true }) catch
            fail("{s} cannot be read: remove .deps/sysroot and run setup/sysroot.sh.", .{lib_path});
        defer dir.close(io);
        var names: std.ArrayList([]const u8) = .empty;
        var iterator = dir.iterate();
        while (iterator.next(io) catch @panic("cannot list the sysroot")) |entry| {
            if (std.mem.startsWith(u8, entry.name, "libabsl_") and std.mem.endsWith(u8, entry.name, ".a"))
                names.append(b.allocator, b.dupe(entry.name)) catch @panic("OOM");
        }
        sort(names.items);
        for (names.items) |name| module.addObjectFile(self.library(b, name));
    }
};

/// A shared library of the C ABI. All have one name, or Zig would compile what they have in common for each of them.
const Library = struct {
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
    strip: bool,
    sysroot: Sysroot,
    flags: []const []const u8,

    fn add(self: Library, b: *std.Build, sources: []const []const u8) *std.Build.Step.Compile {
        const lib = b.addLibrary(.{
            .name = "sora_ffi",
            .linkage = .dynamic,
            .use_lld = true,
            .use_llvm = true,
            .root_module = b.createModule(.{
                .target = self.target,
                .optimize = self.optimize,
                .link_libc = true,
                .link_libcpp = false,
                .strip = self.strip,
                .pic = true,
            }),
        });
        self.addSources(b, lib.root_module, sources, self.flags);
        self.sysroot.link(b, lib.root_module);
        lib.bundle_compiler_rt = true;
        lib.link_gc_sections = true;
        lib.setVersionScript(b.path("csrc/link/exports.map"));
        return lib;
    }

    fn addSources(self: Library, b: *std.Build, module: *std.Build.Module, sources: []const []const u8, flags: []const []const u8) void {
        const versions = [_][]const u8{
            b.fmt("-DSORA_LIBRARY_VERSION=\"{s}\"", .{packageVersion(b)}),
            b.fmt("-DSORA_LIBWEBRTC_VERSION=\"{s}\"", .{self.sysroot.libwebrtcVersion(b)}),
        };
        for (sources) |source| {
            const own: []const []const u8 = if (std.mem.eql(u8, source, "api/version.cpp")) &versions else &.{};
            module.addCSourceFile(.{
                .file = b.path("csrc").path(b, source),
                .flags = std.mem.concat(b.allocator, []const u8, &.{ flags, own }) catch @panic("OOM"),
            });
        }
        addVoiceNetwork(b, module, self.sysroot, flags);
    }

    /// A program of these sources that ends at the first wrong use of memory, with what and where.
    fn sanitized(self: Library, b: *std.Build, name: []const u8, sources: []const []const u8) *std.Build.Step.Compile {
        const exe = b.addExecutable(.{
            .name = name,
            .use_lld = true,
            .use_llvm = true,
            .root_module = b.createModule(.{
                .target = self.target,
                .optimize = self.optimize,
                .link_libc = true,
                .link_libcpp = false,
                .strip = false,
                .pic = true,
            }),
        });
        const flags = std.mem.concat(b.allocator, []const u8, &.{
            self.flags,
            &.{
                "-fsanitize=address",                                                                            "-fno-omit-frame-pointer",
                "-O1",                                                                                           "-g1",
                // Of GCC's headers, where a test includes them first.
                "-Wno-invalid-constexpr",                                                                        "-Wno-sign-compare",
                b.fmt("-DSORA_TEST_LIBRARIES=\"{s}/usr/lib/{s}\"", .{ self.sysroot.path, self.sysroot.triple }),
            },
        }) catch @panic("OOM");
        self.addSources(b, exe.root_module, sources, flags);
        self.sysroot.link(b, exe.root_module);
        exe.root_module.addObjectFile(self.sysroot.sanitizer(b, self.target.result));
        exe.bundle_compiler_rt = true;
        exe.pie = true;
        exe.rdynamic = true; // codec libraries that the tests open allocate by the sanitizer as well
        return exe;
    }
};

/// The folders of the codec engines, relative to csrc.
fn engineFolders(b: *std.Build) []const []const u8 {
    const io = b.graph.io;
    var folders: std.ArrayList([]const u8) = .empty;
    var dir = b.build_root.handle.openDir(io, "csrc/codecs", .{ .iterate = true }) catch fail("csrc/codecs cannot be read.", .{});
    defer dir.close(io);
    var iterator = dir.iterate();
    while (iterator.next(io) catch @panic("cannot list the engines")) |entry| {
        if (entry.kind == .directory)
            folders.append(b.allocator, b.pathJoin(&.{ "codecs", entry.name })) catch @panic("OOM");
    }
    sort(folders.items);
    return folders.items;
}

/// The C and C++ files of some folders below root, in a stable order.
fn find(b: *std.Build, root: []const u8, folders: []const []const u8) []const []const u8 {
    const io = b.graph.io;
    var files: std.ArrayList([]const u8) = .empty;
    for (folders) |folder| {
        const path = b.pathJoin(&.{ root, folder });
        var dir = b.build_root.handle.openDir(io, path, .{ .iterate = true }) catch fail("{s} cannot be read.", .{path});
        defer dir.close(io);
        var iterator = dir.iterate();
        while (iterator.next(io) catch @panic("cannot list the sources")) |entry| {
            if (std.mem.endsWith(u8, entry.name, ".cpp"))
                files.append(b.allocator, b.pathJoin(&.{ folder, entry.name })) catch @panic("OOM");
        }
    }
    sort(files.items);
    return files.items;
}

/// The version that package.json gives this project.
fn packageVersion(b: *std.Build) []const u8 {
    return between(read(b, "package.json"), "\"version\": \"", "\"") orelse fail("package.json names no version.", .{});
}

fn read(b: *std.Build, path: []const u8) []const u8 {
    return b.build_root.handle.readFileAlloc(b.graph.io, path, b.allocator, .limited(1 << 20)) catch fail("{s} cannot be read.", .{path});
}

fn between(text: []const u8, before: []const u8, after: []const u8) ?[]const u8 {
    const start = (std.mem.find(u8, text, before) orelse return null) + before.len;
    const length = std.mem.find(u8, text[start..], after) orelse return null;
    return text[start..][0..length];
}

fn sort(names: [][]const u8) void {
    std.mem.sort([]const u8, names, {}, struct {
        fn lessThan(_: void, a: []const u8, c: []const u8) bool {
            return std.mem.lessThan(u8, a, c);
        }
    }.lessThan);
}

fn fail(comptime format: []const u8, arguments: anytype) noreturn {
    std.debug.print("build: " ++ format ++ "\n", arguments);
    std.process.exit(1);
}
