//! What our C++ is compiled to: the inner parts once for each way of compiling, and the libraries and programs that are linked from
//! them.
const std = @import("std");
const Compiler = @import("compiler.zig").Compiler;
const files = @import("files.zig");
const Sysroot = @import("sysroot.zig").Sysroot;
const each = @import("units.zig").each;
const units = @import("units.zig").units;

/// What clang says of GCC's headers where a file includes them first.
pub const gcc_headers = [_][]const u8{ "-Wno-invalid-constexpr", "-Wno-sign-compare" };

/// What stands in for functions of the C library. Each file is linked by itself: out of an archive a linker takes only what it misses.
const libc = "os/linux/libc";

/// The same for what other systems have as well.
pub const posix_libc = "os/posix/libc";

/// What stands in for names of newer C libraries that the archives use.
pub const newer_names = [_][]const u8{ libc ++ "/libc_names.cpp", libc ++ "/find_object.cpp" };

/// The inner parts, compiled in one way, and what is linked from them.
pub const Native = struct {
    target: std.Build.ResolvedTarget,
    optimize: std.builtin.OptimizeMode,
    strip: bool,
    sysroot: Sysroot,
    /// Sanitizers need programs: a library that is opened at run time has no say in how memory is allocated.
    sanitizer: Sanitizer,
    /// What is compiled into the folders of planted defects, see csrc/core/canary.h.
    canary: []const []const u8,
    compiler: Compiler,
    /// An archive of everything below the C functions.
    parts: *std.Build.Step.Compile,
    /// The C functions, which tell the versions of the package and of libwebrtc.
    interface: []const std.Build.LazyPath,

    pub const Sanitizer = enum { none, address, thread };

    /// How it is compiled.
    pub const Options = struct {
        target: std.Build.ResolvedTarget,
        optimize: std.builtin.OptimizeMode,
        strip: bool,
        sysroot: Sysroot,
        sanitizer: Sanitizer = .none,
        /// The name of a planted defect, for `make stress`.
        canary: []const u8 = "",
        /// Keeps the names of functions in what is linked, for profilers; the objects are the same.
        symbols: bool = false,
    };

    /// Compiles the inner parts.
    pub fn add(b: *std.Build, options: Options) Native {
        const strip = options.strip and options.sanitizer == .none;
        const compiler: Compiler = .add(b, .{
            .target = options.target,
            .optimize = options.optimize,
            .strip = strip,
            .flags = concat(b, &.{
                options.sysroot.flags(b, options.target.result),
                // -O1 through the compiler itself: Zig takes every -O for one of its own modes.
                switch (options.sanitizer) {
                    .none => &.{},
                    .address => &.{ "-fsanitize=address", "-fno-omit-frame-pointer", "-Xclang", "-O1", "-g1" },
                    .thread => &.{ "-Xclang", "-fsanitize=thread", "-fno-omit-frame-pointer", "-Xclang", "-O1", "-g1" },
                },
            }),
        });
        var native: Native = .{
            .target = options.target,
            .optimize = options.optimize,
            .strip = strip and !options.symbols,
            .sysroot = options.sysroot,
            .sanitizer = options.sanitizer,
            .canary = if (options.canary.len > 0) concat(b, &.{&.{b.fmt("-DSORA_CANARY=\"{s}\"", .{options.canary})}}) else &.{},
            .compiler = compiler,
            .parts = undefined,
            .interface = unitObjects(b, compiler, files.find(b, "csrc", &.{"api"}), versions(b, options.target.result, options.sysroot.libwebrtcVersion(b))),
        };
        native.parts = b.addLibrary(.{
            .name = switch (options.sanitizer) {
                .none => "sora_parts",
                .address => "sora_parts_asan",
                .thread => "sora_parts_tsan",
            },
            .linkage = .static,
            .use_lld = true,
            .use_llvm = true,
            .root_module = native.module(b),
        });
        for (partFolders(b, "linux")) |folder| {
            const further = if (hasCanaries(folder)) native.canary else &.{};
            for (unitObjects(b, compiler, files.find(b, "csrc", &.{folder}), further)) |object| native.parts.root_module.addObjectFile(object);
        }
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
        self.addSources(b, lib.root_module, further, &.{});
        self.addBare(b, lib.root_module, files.find(b, "csrc", &.{ "link", libc, posix_libc }));
        self.addInterface(lib.root_module);
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
        const libraries = b.fmt("-DSORA_TEST_LIBRARIES=\"{s}/usr/lib/{s}\"", .{ self.sysroot.path, self.sysroot.triple });
        self.addSources(b, exe.root_module, sources, concat(b, &.{ &gcc_headers, &.{libraries} }));
        self.addBare(b, exe.root_module, &(newer_names ++ .{ "link/nss.cpp", "link/openssl_memory.cpp", posix_libc ++ "/thread_priority.cpp" }));
        if (interface) self.addInterface(exe.root_module);
        // Before the C++ library, whose operator new would be taken otherwise: libraries that are opened pair it with the
        // sanitizer's operator delete.
        switch (self.sanitizer) {
            .none => {},
            .address => exe.root_module.addObjectFile(self.sysroot.sanitizer(b, self.target.result, &.{ "asan", "asan_cxx", "asan_static" })),
            .thread => exe.root_module.addObjectFile(self.sysroot.sanitizer(b, self.target.result, &.{ "tsan", "tsan_cxx" })),
        }
        self.link(b, exe);
        exe.pie = true;
        if (self.sanitizer != .none) {
            self.addBare(b, exe.root_module, files.find(b, "csrc", &.{"tests/libc"}));
            exe.rdynamic = true; // codec libraries that the tests open allocate by the sanitizer as well
        } else {
            exe.link_gc_sections = true;
        }
        return exe;
    }

    /// The program of the fuzz targets: what it feeds is compiled once more, with counters for libFuzzer and with
    /// UndefinedBehaviorSanitizer, and so are the targets. It has no main of libFuzzer's.
    pub fn addFuzzer(self: Native, b: *std.Build, name: []const u8, fed: []const []const u8, further: []const []const u8) *std.Build.Step.Compile {
        const exe = b.addExecutable(.{
            .name = name,
            .use_lld = true,
            .use_llvm = true,
            .root_module = self.module(b),
        });
        for (fed) |source| {
            const canary = if (hasCanaries(std.fs.path.dirname(source) orelse "")) self.canary else &.{};
            self.addSources(b, exe.root_module, &.{source}, concat(b, &.{ &gcc_headers, canary, &.{
                "-fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp,indirect-calls",
                "-fsanitize=undefined",
                "-fno-sanitize-recover=undefined",
                "-fno-stack-protector",
            } }));
        }
        self.addSources(b, exe.root_module, further, &gcc_headers);
        self.addBare(b, exe.root_module, &(newer_names ++ .{ "link/nss.cpp", posix_libc ++ "/thread_priority.cpp" }));
        self.addBare(b, exe.root_module, files.find(b, "csrc", &.{"tests/libc"}));
        self.linkLibraries(b, exe);
        exe.root_module.addObjectFile(self.sysroot.sanitizer(b, self.target.result, &.{ "asan", "asan_cxx", "asan_static" }));
        exe.root_module.addObjectFile(self.sysroot.compilerRuntime(b, self.target.result, "fuzzer_no_main"));
        exe.pie = true;
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

    fn addInterface(self: Native, to: *std.Build.Module) void {
        for (self.interface) |object| to.addObjectFile(object);
    }

    fn addSources(self: Native, b: *std.Build, to: *std.Build.Module, sources: []const []const u8, further: []const []const u8) void {
        for (objects(b, self.compiler, each(b, sources), further)) |object| to.addObjectFile(object);
    }

    /// Files that use none of libwebrtc's headers: what stands in for parts of the C library, tests of the C functions.
    pub fn addBare(self: Native, b: *std.Build, to: *std.Build.Module, sources: []const []const u8) void {
        for (sources) |source| to.addObjectFile(self.compiler.bareObject(b.path(b.pathJoin(&.{ "csrc", source })), &gcc_headers));
    }

    fn link(self: Native, b: *std.Build, step: *std.Build.Step.Compile) void {
        step.root_module.linkLibrary(self.parts);
        self.linkLibraries(b, step);
    }

    fn linkLibraries(self: Native, b: *std.Build, step: *std.Build.Step.Compile) void {
        self.sysroot.link(b, step.root_module);
        // Of Zig's compiler-rt the linker would take memcpy, memset and libm's functions as well, before it looks at the C
        // library, whose own are many times faster. What compilers call beyond these comes from libgcc.
        step.bundle_compiler_rt = false;
    }

    /// The network of libwebrtc's voice detector: its layers and weights, which the libwebrtc that we link leaves out, compiled
    /// against its headers.
    fn addVoiceNetwork(self: Native, b: *std.Build) void {
        const flags = voiceFlags(b, self.sysroot);
        const to = self.parts.root_module;
        self.addSources(b, to, files.find(b, "csrc", &.{"media/rnn_vad"}), flags);
        for ([_][]const u8{
            "audio_processing/agc2/rnn_vad/rnn_fc.cc",
            "audio_processing/agc2/rnn_vad/rnn_gru.cc",
            "third_party/rnnoise/src/rnn_vad_weights.cc",
        }) |source| to.addObjectFile(self.compiler.object(b.path(b.pathJoin(&.{ voice_network, source })), flags));
    }
};

/// The objects of our own parts, compiled several files at a time.
pub fn unitObjects(b: *std.Build, compiler: Compiler, sources: []const []const u8, further: []const []const u8) []const std.Build.LazyPath {
    return objects(b, compiler, units(b, sources), further);
}

fn objects(b: *std.Build, compiler: Compiler, sources: []const std.Build.LazyPath, further: []const []const u8) []const std.Build.LazyPath {
    const list = b.allocator.alloc(std.Build.LazyPath, sources.len) catch @panic("OOM");
    for (list, sources) |*object, source| object.* = compiler.object(source, further);
    return list;
}

/// The folders of everything below the C functions, less the engines and csrc/os.
pub const rooms = [_][]const u8{ "core", "datagrams", "net", "codecs", "runtime", "media", "peer", "transport" };

/// The folders of everything below the C functions, on a system that is called like its folder in csrc/os.
pub fn partFolders(b: *std.Build, system: []const u8) []const []const u8 {
    const os = [_][]const u8{ "os/posix", b.fmt("os/{s}", .{system}) };
    return concat(b, &.{ &os, &rooms, files.engineFolders(b) });
}

/// Whether a folder has planted defects: others need no other objects for these.
fn hasCanaries(folder: []const u8) bool {
    return std.mem.eql(u8, folder, "core") or std.mem.eql(u8, folder, "peer");
}

/// Debian's libwebrtc leaves out the network of the voice detector.
const voice_network = ".deps/rnn_vad";

/// Further flags for our files over that network, which comes from elsewhere with the sysroot.
pub fn voiceFlags(b: *std.Build, sysroot: ?Sysroot) []const []const u8 {
    const from = sysroot orelse return &.{};
    b.build_root.handle.access(b.graph.io, voice_network ++ "/.stamp", .{}) catch
        files.fail("{s} is missing: run setup/rnn_vad.sh first.", .{voice_network});
    return b.allocator.dupe([]const u8, &.{
        b.fmt("-I{s}", .{b.pathFromRoot("csrc/media/rnn_vad")}),
        "-isystem",
        b.pathFromRoot(voice_network),
        // The layers name libwebrtc's headers without the folder "modules".
        "-isystem",
        from.absolute(b, "usr/include/tg_owt/modules"),
        "-Wno-invalid-constexpr",
    }) catch @panic("OOM");
}

/// What the library tells of itself.
pub fn versions(b: *std.Build, target: std.Target, libwebrtc: []const u8) []const []const u8 {
    return b.allocator.dupe([]const u8, &.{
        b.fmt("-DSORA_LIBRARY_VERSION=\"{s}\"", .{files.packageVersion(b)}),
        b.fmt("-DSORA_LIBWEBRTC_VERSION=\"{s}\"", .{libwebrtc}),
        b.fmt("-DSORA_PLATFORM=\"{s}-{s}\"", .{ @tagName(target.os.tag), @tagName(target.cpu.arch) }),
    }) catch @panic("OOM");
}

/// One list of several.
pub fn concat(b: *std.Build, lists: []const []const []const u8) []const []const u8 {
    return std.mem.concat(b.allocator, []const u8, lists) catch @panic("OOM");
}
