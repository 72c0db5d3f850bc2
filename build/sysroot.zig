//! The sysroot: the unpacked packages that libwebrtc is linked from.
const std = @import("std");
const common_flags = @import("flags.zig");
const files = @import("files.zig");
const fail = files.fail;

/// The unpacked packages that libwebrtc is linked from.
pub const Sysroot = struct {
    /// .deps/sysroot/ARCH, relative to the build root
    path: []const u8,
    triple: []const u8,

    const gcc = "16";
    const clang = "21"; // Zig's own
    const libraries = [_][]const u8{
        "libtg_owt.a", "libssl.a", "libcrypto.a", "libsrtp2.a", "libvpx.a",  "libopus.a",
        "libyuv.a",    "libaom.a", "libjpeg.a",   "libz.a",     "libzstd.a",
    };

    pub fn find(b: *std.Build, target: std.Target) Sysroot {
        const arch, const triple = switch (target.cpu.arch) {
            .x86_64 => .{ "amd64", "x86_64-linux-gnu" },
            .aarch64 => .{ "arm64", "aarch64-linux-gnu" },
            else => fail("sora-ffi is built for x86_64 and aarch64, not for {s}.", .{@tagName(target.cpu.arch)}),
        };
        if (target.os.tag == .linux and target.abi != .gnu) fail("sora-ffi is built for Linux with glibc.", .{});
        const path = b.fmt(".deps/sysroot/{s}", .{arch});
        b.build_root.handle.access(b.graph.io, b.pathJoin(&.{ path, ".stamp" }), .{}) catch
            fail("{s} is missing: run setup/sysroot.sh {s} first.", .{ path, arch });
        return .{ .path = path, .triple = triple };
    }

    pub fn absolute(self: Sysroot, b: *std.Build, sub_path: []const u8) []const u8 {
        return b.pathFromRoot(b.pathJoin(&.{ self.path, sub_path }));
    }

    /// Flags for our C++ over Debian's libwebrtc and GCC's standard library.
    pub fn flags(self: Sysroot, b: *std.Build, target: std.Target) []const []const u8 {
        var list: std.ArrayList([]const u8) = .empty;
        const a = b.allocator;
        list.appendSlice(a, common_flags.common(b, target)) catch @panic("OOM");
        list.appendSlice(a, &.{
            "-nostdinc++",
            // GCC's own headers cannot be marked as system headers (see below); these are theirs.
            "-Wno-ignored-attributes",
            "-Wno-unknown-attributes",
            "-Wno-keyword-compat",
            "-Wno-unknown-warning-option",
            "-Wno-deprecated-builtins",
            "-Wno-user-defined-literals",
            "-Wno-unused-but-set-variable",
            "-Wno-inline-namespace-reopened-noninline",
            "-Wno-unqualified-std-cast-call",
            "-Wno-inconsistent-missing-override",
            "-Wno-mismatched-tags",
            "-Wno-int-in-bool-context",
            "-Wno-unused-variable",
            b.fmt("-I{s}", .{b.pathFromRoot("csrc/os/linux/libc/newer")}),
            // Before glibc 2.34 libstdc++ asks at each lock whether the threads' library was loaded; ours needs it.
            "-D_GLIBCXX_GTHREAD_USE_WEAK=0",
            // -I and not -isystem: GCC's headers reach each other by include_next.
            b.fmt("-I{s}", .{self.absolute(b, "usr/include/c++/" ++ gcc)}),
            b.fmt("-I{s}", .{self.absolute(b, b.fmt("usr/include/{s}/c++/" ++ gcc, .{self.triple}))}),
            b.fmt("-I{s}", .{self.absolute(b, "usr/include/c++/" ++ gcc ++ "/backward")}),
        }) catch @panic("OOM");
        list.appendSlice(a, self.headers(b)) catch @panic("OOM");
        return list.items;
    }

    /// The headers of libwebrtc and of C libraries.
    pub fn headers(self: Sysroot, b: *std.Build) []const []const u8 {
        const webrtc = [_][]const u8{ "-isystem", self.absolute(b, "usr/include/tg_owt") };
        return std.mem.concat(b.allocator, []const u8, &.{ &webrtc, self.cHeaders(b) }) catch @panic("OOM");
    }

    /// The headers of C libraries, behind the C library's own.
    pub fn cHeaders(self: Sysroot, b: *std.Build) []const []const u8 {
        return b.allocator.dupe([]const u8, &.{
            "-idirafter", self.absolute(b, "usr/include"),
            "-idirafter", self.absolute(b, b.fmt("usr/include/{s}", .{self.triple})),
        }) catch @panic("OOM");
    }

    /// The version of Debian's source package of libwebrtc, out of its changelog: what is there, whatever the lock file pins.
    pub fn libwebrtcVersion(self: Sysroot, b: *std.Build) []const u8 {
        const path = b.fmt("{s}/usr/share/doc/libtgowt-dev/changelog.Debian.gz", .{self.path});
        const packed_text = files.read(b, path);
        var input: std.Io.Reader = .fixed(packed_text);
        const window = b.allocator.alloc(u8, std.compress.flate.max_window_len) catch @panic("OOM");
        var unpacked: std.compress.flate.Decompress = .init(&input, .gzip, window);
        // "libtgowt (0~git20251117.d067233+dfsg-3) unstable; urgency=medium"
        const line = unpacked.reader.takeDelimiterExclusive('\n') catch fail("{s} cannot be unpacked.", .{path});
        return b.fmt("tg_owt {s}", .{files.between(line, "(", ")") orelse fail("{s} names no version.", .{path})});
    }

    pub fn library(self: Sysroot, b: *std.Build, name: []const u8) std.Build.LazyPath {
        return b.path(b.fmt("{s}/usr/lib/{s}/{s}", .{ self.path, self.triple, name }));
    }

    /// Links C++'s standard library, and what the compiler calls, alone.
    pub fn linkStandardLibrary(self: Sysroot, b: *std.Build, module: *std.Build.Module) void {
        const gcc_path = b.fmt("{s}/usr/lib/gcc/{s}/" ++ gcc, .{ self.path, self.triple });
        for ([_][]const u8{ "libstdc++.a", "libgcc_eh.a", "libgcc.a" }) |name|
            module.addObjectFile(b.path(b.pathJoin(&.{ gcc_path, name })));
    }

    /// A sanitizer's run time, of these archives, in one object: nothing refers to its interceptors, so a linker would leave them in the archive.
    pub fn sanitizer(self: Sysroot, b: *std.Build, target: std.Target, parts: []const []const u8) std.Build.LazyPath {
        const merge = b.addSystemCommand(&.{ b.graph.zig_exe, "ld.lld", "-r", "--whole-archive" });
        for (parts) |part| merge.addFileArg(self.compilerRuntime(b, target, part));
        merge.addArg("-o");
        return merge.addOutputFileArg("sanitizer.o");
    }

    /// An archive of the run time of what clang instruments.
    pub fn compilerRuntime(self: Sysroot, b: *std.Build, target: std.Target, part: []const u8) std.Build.LazyPath {
        return b.path(b.fmt("{s}/usr/lib/llvm-" ++ clang ++ "/lib/clang/" ++ clang ++ "/lib/linux/libclang_rt.{s}-{s}.a", .{
            self.path, part, @tagName(target.cpu.arch),
        }));
    }

    pub fn link(self: Sysroot, b: *std.Build, module: *std.Build.Module) void {
        self.linkStandardLibrary(b, module);
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
        files.sort(names.items);
        for (names.items) |name| module.addObjectFile(self.library(b, name));
    }
};
