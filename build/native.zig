//! What our C++ is compiled to: the inner parts once for each way of compiling, and the libraries and programs that are linked from
//! them.
const std = @import("std");
const files = @import("files.zig");
const Sysroot = @import("sysroot.zig").Sysroot;

/// The inner parts, compiled in one way, and what is linked from them.
pub const Native = struct {
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
    strip: bool,
    sysroot: Sysroot,
    /// With AddressSanitizer, which needs programs: a library that is opened at run time has no say in how memory is allocated.
    sanitize: bool,
    flags: []const []const u8,
    /// An archive of everything below the C functions.
    parts: *std.Build.Step.Compile,

    /// How it is compiled.
    pub const Options = struct {
        target: std.Build.ResolvedTarget,
        optimize: std.builtin.OptimizeMode,
        strip: bool,
        sysroot: Sysroot,
        sanitize: bool = false,
    };

    /// Compiles the inner parts.
    pub fn add(b: *std.Build, options: Options) Native {
        const flags = concat(b, &.{
            options.sysroot.flags(b),
            if (options.sanitize) &.{ "-fsanitize=address", "-fno-omit-frame-pointer", "-O1", "-g1" } else &.{},
        });
        var native: Native = .{
            .target = options.target,
            .optimize = options.optimize,
            .strip = options.strip and !options.sanitize,
            .sysroot = options.sysroot,
            .sanitize = options.sanitize,
            .flags = flags,
            .parts = undefined,
        };
        native.parts = b.addLibrary(.{
            .name = if (options.sanitize) "sora_parts_asan" else "sora_parts",
            .linkage = .static,
            .use_lld = true,
            .use_llvm = true,
            .root_module = native.module(b),
        });
        const folders = concat(b, &.{ &.{ "core", "peer", "net", "media", "codecs" }, files.engineFolders(b) });
        native.addSources(b, native.parts.root_module, files.find(b, "csrc", folders), &.{});
        native.addVoiceNetwork(b);
        return native;
    }

    /// A shared library of the C ABI, with further sources.
    pub fn addLibrary(self: Native, b: *std.Build, further: []const []const u8) *std.Build.Step.Compile {
        const lib = b.addLibrary(.{
            .name = "sora_ffi",
            .linkage = .dynamic,
            .use_lld = true,
            .use_llvm = true,
            .root_module = self.module(b),
        });
        self.addSources(b, lib.root_module, concat(b, &.{ files.find(b, "csrc", &.{"link"}), further }), &.{});
        self.addInterface(b, lib.root_module);
        self.link(b, lib);
        lib.link_gc_sections = true;
        lib.setVersionScript(b.path("csrc/link/exports.map"));
        return lib;
    }

    /// A program of these sources, over the inner parts or, with `interface`, over the C functions, which are linked in.
    pub fn addProgram(self: Native, b: *std.Build, name: []const u8, sources: []const []const u8, interface: bool) *std.Build.Step.Compile {
        const exe = b.addExecutable(.{
            .name = name,
            .use_lld = true,
            .use_llvm = true,
            .root_module = self.module(b),
        });
        self.addSources(b, exe.root_module, sources, &.{
            // Of GCC's headers, where a test includes them first.
            "-Wno-invalid-constexpr",                                                                        "-Wno-sign-compare",
            b.fmt("-DSORA_TEST_LIBRARIES=\"{s}/usr/lib/{s}\"", .{ self.sysroot.path, self.sysroot.triple }),
        });
        self.addSources(b, exe.root_module, &.{ "link/libc_names.cpp", "link/nss.cpp", "link/thread_priority.cpp" }, &.{});
        if (interface) self.addInterface(b, exe.root_module);
        self.link(b, exe);
        exe.pie = true;
        if (self.sanitize) {
            self.addSources(b, exe.root_module, files.find(b, "csrc", &.{"tests/asan"}), &.{});
            exe.root_module.addObjectFile(self.sysroot.sanitizer(b, self.target.result));
            exe.rdynamic = true; // codec libraries that the tests open allocate by the sanitizer as well
        } else {
            exe.link_gc_sections = true;
        }
        return exe;
    }

    fn module(self: Native, b: *std.Build) *std.Build.Module {
        return b.createModule(.{
            .target = self.target,
            .optimize = self.optimize,
            .link_libc = true,
            .link_libcpp = false,
            .strip = self.strip,
            .pic = true,
        });
    }

    /// The C functions, which tell the versions of the package and of libwebrtc.
    fn addInterface(self: Native, b: *std.Build, to: *std.Build.Module) void {
        self.addSources(b, to, files.find(b, "csrc", &.{"api"}), &.{
            b.fmt("-DSORA_LIBRARY_VERSION=\"{s}\"", .{files.packageVersion(b)}),
            b.fmt("-DSORA_LIBWEBRTC_VERSION=\"{s}\"", .{self.sysroot.libwebrtcVersion(b)}),
        });
    }

    fn addSources(self: Native, b: *std.Build, to: *std.Build.Module, sources: []const []const u8, further: []const []const u8) void {
        to.addCSourceFiles(.{ .root = b.path("csrc"), .files = sources, .flags = concat(b, &.{ self.flags, further }) });
    }

    fn link(self: Native, b: *std.Build, step: *std.Build.Step.Compile) void {
        step.root_module.linkLibrary(self.parts);
        self.sysroot.link(b, step.root_module);
        // Of Zig's compiler-rt the linker would take memcpy, memset and libm's functions as well, before it looks at the C
        // library, whose own are many times faster. What compilers call beyond these comes from libgcc.
        step.bundle_compiler_rt = false;
    }

    /// The network of libwebrtc's voice detector: its layers and weights, which the libwebrtc that we link leaves out, compiled
    /// against its headers.
    fn addVoiceNetwork(self: Native, b: *std.Build) void {
        const path = ".deps/rnn_vad";
        b.build_root.handle.access(b.graph.io, path ++ "/.stamp", .{}) catch
            files.fail("{s} is missing: run setup/rnn_vad.sh first.", .{path});
        const flags = concat(b, &.{
            self.flags,
            &.{
                b.fmt("-I{s}", .{b.pathFromRoot("csrc/media/rnn_vad")}),
                "-isystem",
                b.pathFromRoot(path),
                // The layers name libwebrtc's headers without the folder "modules".
                "-isystem",
                self.sysroot.absolute(b, "usr/include/tg_owt/modules"),
                "-Wno-invalid-constexpr",
            },
        });
        const to = self.parts.root_module;
        to.addCSourceFiles(.{ .root = b.path("csrc"), .files = files.find(b, "csrc", &.{"media/rnn_vad"}), .flags = flags });
        to.addCSourceFiles(.{
            .root = b.path(path),
            .files = &.{
                "audio_processing/agc2/rnn_vad/rnn_fc.cc",
                "audio_processing/agc2/rnn_vad/rnn_gru.cc",
                "third_party/rnnoise/src/rnn_vad_weights.cc",
            },
            .flags = flags,
        });
    }
};

/// One list of several.
pub fn concat(b: *std.Build, lists: []const []const []const u8) []const []const u8 {
    return std.mem.concat(b.allocator, []const u8, lists) catch @panic("OOM");
}
