//! The library for another system than Linux, or over another libwebrtc than Debian's.
const std = @import("std");
const builtin = @import("builtin");
const common = @import("flags.zig").common;
const Compiler = @import("compiler.zig").Compiler;
const files = @import("files.zig");
const Folder = @import("folder.zig").Folder;
const native = @import("native.zig");
const Sysroot = @import("sysroot.zig").Sysroot;
const uncompiled = @import("uncompiled.zig");

/// How it is compiled.
pub const Options = struct {
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
    strip: bool,
    /// Without one the headers are those of Debian's, which are the same source, and there is nothing to link.
    folder: ?Folder,
};

/// What of libwebrtc the linker of a Mac has to find in Apple's SDK.
const frameworks = [_][]const u8{
    "AppKit",    "AudioToolbox", "AVFoundation", "CoreAudio", "CoreFoundation", "CoreGraphics", "CoreMedia",  "CoreServices",
    "CoreVideo", "Foundation",   "IOSurface",    "Metal",     "MetalKit",       "OpenGL",       "QuartzCore", "ScreenCaptureKit",
    "Security",  "VideoToolbox",
};

/// Enters what there is into the steps: a check everywhere, the library where it can be linked.
pub fn add(b: *std.Build, options: Options, check: *std.Build.Step) void {
    const os = options.target.result.os.tag;
    if (os != .linux and os != .macos and os != .windows)
        files.fail("sora-ffi has no csrc/os/{s}: it is built for Linux, and compiles for macOS and in part for Windows.", .{@tagName(os)});
    if (os == .windows and options.folder != null)
        files.fail("-Dwebrtc is for Linux and macOS: Shiguredo's builds for Windows are for the C++ library of Visual Studio.", .{});

    // As fast as it can be compiled.
    var quick = options;
    quick.optimize = .Debug;
    quick.strip = true;
    const port: Port = .init(b, quick);
    const objects = port.objects();
    for (objects) |object| object.addStepDependencies(check);
    port.checkRefused(check);
    if (os == .windows)
        return fails(b, b.getInstallStep(), "there is no csrc/os/windows to link the library with: only the step check is for Windows");
    const checked = library(b, quick, objects);
    // What libwebrtc defines stays open, unless the folder's archive has it.
    checked.linker_allow_shlib_undefined = true;
    check.dependOn(&b.addInstallArtifact(checked, .{ .dest_dir = .{ .override = .{ .custom = "check" } } }).step);

    if (options.folder == null) return fails(
        b,
        b.getInstallStep(),
        "the library for macOS is linked from a libwebrtc that is given as -Dwebrtc=FOLDER; without one there is only the step check",
    );
    if (os == .macos and builtin.os.tag != .macos) return fails(
        b,
        b.getInstallStep(),
        "the library for macOS is linked on a Mac, which has the frameworks that libwebrtc needs; elsewhere there is only the step check",
    );
    const lib = library(b, options, Port.init(b, options).objects());
    if (os == .macos) for (frameworks) |name| lib.root_module.linkFramework(name, .{});
    b.installArtifact(lib);
}

/// Lets a step of the build fail with a reason.
pub fn fails(b: *std.Build, step: *std.Build.Step, reason: []const u8) void {
    step.dependOn(&b.addFail(reason).step);
}

fn library(b: *std.Build, options: Options, from: []const std.Build.LazyPath) *std.Build.Step.Compile {
    const macos = options.target.result.os.tag == .macos;
    const with_zigs = if (options.folder) |folder| !folder.libcxx and !macos else false;
    const lib = b.addLibrary(.{
        .name = "sora_ffi",
        .linkage = .dynamic,
        .use_llvm = true,
        .root_module = b.createModule(.{
            .target = options.target,
            .optimize = options.optimize,
            .link_libc = true,
            .link_libcpp = with_zigs,
            .strip = options.strip,
            .pic = true,
        }),
    });
    for (from) |object| lib.root_module.addObjectFile(object);
    if (options.folder) |folder| {
        lib.root_module.addObjectFile(folder.archive(b));
        // Of the system's own, which Zig's headers go with.
        if (macos and !folder.libcxx and builtin.os.tag == .macos) lib.root_module.linkSystemLibrary("c++", .{});
    }
    lib.link_gc_sections = true;
    lib.force_load_objc = macos;
    if (!macos) lib.setVersionScript(b.path("csrc/link/exports.map"));
    return lib;
}

/// One way of compiling the library's files.
const Port = struct {
    b: *std.Build,
    target: std.Target,
    folder: ?Folder,
    /// of this machine; without a folder
    sysroot: ?Sysroot,
    compiler: Compiler,

    fn init(b: *std.Build, options: Options) Port {
        const target = options.target.result;
        const sysroot: ?Sysroot = if (options.folder == null) Sysroot.find(b, b.graph.host.result) else null;
        const given = if (options.folder) |folder| folder.libcxx else false;
        return .{
            .b = b,
            .target = target,
            .folder = options.folder,
            .sysroot = sysroot,
            .compiler = .add(b, .{
                .target = options.target,
                .optimize = options.optimize,
                .strip = options.strip,
                .driver = if (given) .cc else .@"c++",
                .flags = native.concat(b, &.{
                    common(b, target),
                    if (options.folder) |folder| folder.headers(b) else sysroot.?.headers(b),
                    // Behind Apple's SDK, where that is.
                    if (target.os.tag == .macos) &.{ "-idirafter", b.pathFromRoot("csrc/os/macos/sdk") } else &.{},
                }),
            }),
        };
    }

    /// The objects of every file that compiles, and that the system has a use for.
    fn objects(self: Port) []const std.Build.LazyPath {
        const b = self.b;
        var list: std.ArrayList(std.Build.LazyPath) = .empty;
        for (self.groups()) |group| {
            var names: std.ArrayList([]const u8) = .empty;
            for (group.names) |name| if (self.refusal(name) == null) names.append(b.allocator, name) catch @panic("OOM");
            list.appendSlice(b.allocator, native.unitObjects(b, self.compiler, names.items, group.flags)) catch @panic("OOM");
        }
        const bare = switch (self.target.os.tag) {
            .windows => &.{},
            .macos => files.find(b, "csrc", &.{ native.posix_libc, "os/macos/libc" }),
            // What else is there stands in for a newer C library, which Debian's archives were compiled for.
            else => native.concat(b, &.{ files.find(b, "csrc", &.{native.posix_libc}), &.{"os/linux/libc/descriptors.cpp"} }),
        };
        for (bare) |source| list.append(b.allocator, self.compiler.bareObject(path(b, source), &.{})) catch @panic("OOM");
        return list.items;
    }

    /// Lets a step fail when a file compiles that is listed as one that does not.
    fn checkRefused(self: Port, check: *std.Build.Step) void {
        for (self.groups()) |group| for (group.names) |name|
            if (self.refusal(name)) |text| check.dependOn(self.compiler.refused(path(self.b, name), group.flags, text));
        if (self.target.os.tag == .windows) uncompiled.checkNames(self.b);
    }

    fn refusal(self: Port, source: []const u8) ?[]const u8 {
        return if (self.target.os.tag == .windows) uncompiled.refusal(source) else null;
    }

    /// Files over libwebrtc's headers that are compiled alike.
    const Group = struct { names: []const []const u8, flags: []const []const u8 };

    fn groups(self: Port) []const Group {
        const b = self.b;
        const parts = if (self.target.os.tag == .windows)
            native.concat(b, &.{ &native.rooms, files.engineFolders(b) })
        else
            native.partFolders(b, @tagName(self.target.os.tag));
        const libwebrtc = if (self.folder) |folder| folder.version(b) else self.sysroot.?.libwebrtcVersion(b);
        return b.allocator.dupe(Group, &.{
            .{ .names = files.find(b, "csrc", parts), .flags = &.{} },
            .{ .names = files.find(b, "csrc", &.{"api"}), .flags = native.versions(b, self.target, libwebrtc) },
            .{ .names = files.find(b, "csrc", &.{"media/rnn_vad"}), .flags = native.voiceFlags(b, self.sysroot) },
        }) catch @panic("OOM");
    }
};

/// A file below csrc.
fn path(b: *std.Build, source: []const u8) std.Build.LazyPath {
    return b.path(b.pathJoin(&.{ "csrc", source }));
}
