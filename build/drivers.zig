//! Stand-ins for the drivers of hardware codecs, for tests alone: zig-out/drivers/VENDOR has the names that clients open, and
//! zig-out/drivers/asan/VENDOR the same with AddressSanitizer, for programs that have it too.
const std = @import("std");
const files = @import("files.zig");
const native = @import("native.zig");
const Sysroot = @import("sysroot.zig").Sysroot;

const Driver = struct {
    name: []const u8,
    /// What clients open; the first is the file.
    names: []const []const u8,
};

const drivers = [_]Driver{
    .{ .name = "nvidia", .names = &.{ "libcuda.so.1", "libnvidia-encode.so.1", "libnvcuvid.so.1" } },
    // Where Intel's dispatcher looks by itself: a name that begins with libvpl, in a folder of LD_LIBRARY_PATH.
    .{ .name = "vpl", .names = &.{"libvplstandin.so"} },
    .{ .name = "amf", .names = &.{"libamfrt64.so.1"} },
};

/// Where they are installed.
pub fn folderOf(sanitize: bool) []const u8 {
    return if (sanitize) "drivers/asan" else "drivers";
}

/// Adds what builds and installs them to a step.
pub fn add(b: *std.Build, target: std.Build.ResolvedTarget, sysroot: Sysroot, step: *std.Build.Step, sanitize: bool) void {
    for (drivers) |driver| {
        const lib = b.addLibrary(.{
            .name = b.fmt("standin_{s}{s}", .{ driver.name, if (sanitize) "_asan" else "" }),
            .linkage = .dynamic,
            .use_lld = true,
            .use_llvm = true,
            .root_module = b.createModule(.{
                .target = target,
                .optimize = .ReleaseFast,
                .link_libc = true,
                .link_libcpp = false,
                .strip = false,
                .pic = true,
            }),
        });
        lib.root_module.addCSourceFiles(.{
            .root = b.path("tests/drivers"),
            .files = files.find(b, "tests/drivers", &.{ "soft", driver.name }),
            .flags = native.concat(b, &.{
                &.{
                    b.fmt("-I{s}", .{b.pathFromRoot("tests/drivers")}),
                    // AMF's interface is declared by ourselves, once.
                    b.fmt("-I{s}", .{b.pathFromRoot("csrc")}),
                    b.fmt("-DSTANDIN_TRIPLE=\"{s}\"", .{sysroot.triple}),
                },
                sysroot.flags(b, target.result),
                &native.gcc_headers,
                if (sanitize) &.{ "-fsanitize=address", "-fno-omit-frame-pointer", "-Xclang", "-O1" } else &.{},
                &.{
                    // x265 and libde265, of the machine's own release.
                    "-idirafter",
                    b.pathFromRoot(".deps/drivers/usr/include"),
                },
            }),
        });
        lib.root_module.addCSourceFiles(.{
            .root = b.path("csrc"),
            .files = &native.newer_names,
            .flags = sysroot.flags(b, target.result),
        });
        for ([_][]const u8{ "libopenh264.a", "libaom.a", "libvpx.a" }) |archive| lib.root_module.addObjectFile(sysroot.library(b, archive));
        sysroot.linkStandardLibrary(b, lib.root_module);
        lib.bundle_compiler_rt = false;
        lib.link_gc_sections = true;
        // The program has AddressSanitizer's run time.
        if (sanitize) lib.linker_allow_shlib_undefined = true;
        lib.setVersionScript(b.path("tests/drivers/exports.map"));
        const folder = b.fmt("{s}/{s}", .{ folderOf(sanitize), driver.name });
        const install = b.addInstallFileWithDir(lib.getEmittedBin(), .{ .custom = folder }, driver.names[0]);
        step.dependOn(&install.step);
        // Other names are links: whatever opens several of them has one library, and one state.
        for (driver.names[1..]) |name| {
            const link = b.addSystemCommand(&.{ "ln", "-sfn", driver.names[0], b.getInstallPath(.prefix, b.pathJoin(&.{ folder, name })) });
            link.step.dependOn(&install.step);
            step.dependOn(&link.step);
        }
    }
}
