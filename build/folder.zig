//! A libwebrtc in the layout of Shiguredo's builds, https://github.com/shiguredo-webrtc-build/webrtc-build, which the option -Dwebrtc
//! names.
const std = @import("std");
const files = @import("files.zig");
const fail = files.fail;

/// The folder `webrtc` of an archive of theirs, and what has to be added to it.
pub const Folder = struct {
    /// absolute
    path: []const u8,
    /// Whether it has the headers of Chromium's libc++, which its archive was compiled with.
    libcxx: bool,

    /// Ends the build with what is missing, if anything is.
    pub fn find(b: *std.Build, option: []const u8) Folder {
        const self: Folder = .{ .path = b.pathFromRoot(option), .libcxx = false };
        if (!self.has(b, ".")) fail("-Dwebrtc={s} is not a folder.", .{option});
        for ([_][]const u8{ "include/api/peer_connection_interface.h", "lib/libwebrtc.a" }) |path| if (!self.has(b, path)) fail(
            "-Dwebrtc={s} has no {s}: name the folder webrtc of an archive of https://github.com/shiguredo-webrtc-build/webrtc-build.",
            .{ option, path },
        );
        const libcxx = self.has(b, "libcxx");
        const config = "libcxx/include/__config_site";
        if (libcxx and !self.has(b, config)) fail(
            "-Dwebrtc={s} has no {s}: copy it there from buildtools/third_party/libc++ of Chromium.",
            .{ option, config },
        );
        return .{ .path = self.path, .libcxx = libcxx };
    }

    /// The headers of libwebrtc, of the libraries inside its archive, and of their standard library.
    pub fn headers(self: Folder, b: *std.Build) []const []const u8 {
        var list: std.ArrayList([]const u8) = .empty;
        const third = "include/third_party/";
        const standard_library = [_][]const u8{ "libcxx/include", third ++ "libc++abi/src/include" };
        if (self.libcxx) {
            // As sora-cpp-sdk compiles over the same archives. Its __config_site names the namespace, __Cr, and the version of the ABI.
            list.appendSlice(b.allocator, &.{
                "-nostdinc++",
                "-D_LIBCPP_DISABLE_AVAILABILITY",
                "-D_LIBCPP_DISABLE_VISIBILITY_ANNOTATIONS",
                "-D_LIBCXXABI_DISABLE_VISIBILITY_ANNOTATIONS",
                "-D_LIBCPP_HARDENING_MODE=_LIBCPP_HARDENING_MODE_EXTENSIVE",
            }) catch @panic("OOM");
            // -I and not -isystem: before the C library's headers, which libc++ has some of by the same names. They say themselves that
            // they are a system's.
            for (standard_library) |path| list.appendSlice(b.allocator, &.{ "-I", self.absolute(b, path) }) catch @panic("OOM");
        }
        for ([_][]const u8{
            "include",
            third ++ "abseil-cpp",
            third ++ "boringssl/src/include",
            third ++ "libyuv/include",
            third ++ "zlib",
            third ++ "libvpx/source/libvpx",
            third ++ "libaom/source/libaom",
            third ++ "dav1d/libdav1d/include",
            third ++ "openh264/src/codec/api",
        }) |path| list.appendSlice(b.allocator, &.{ "-isystem", self.absolute(b, path) }) catch @panic("OOM");
        return list.items;
    }

    /// libwebrtc with all that it needs besides the system's libraries.
    pub fn archive(self: Folder, b: *std.Build) std.Build.LazyPath {
        return .{ .cwd_relative = self.absolute(b, "lib/libwebrtc.a") };
    }

    /// The version that the file VERSIONS names.
    pub fn version(self: Folder, b: *std.Build) []const u8 {
        const text = b.build_root.handle.readFileAlloc(b.graph.io, self.absolute(b, "VERSIONS"), b.allocator, .limited(1 << 20)) catch
            return "shiguredo-webrtc-build";
        const number = files.between(text, "WEBRTC_BUILD_VERSION=", "\n") orelse return "shiguredo-webrtc-build";
        return b.fmt("shiguredo-webrtc-build {s}", .{number});
    }

    fn absolute(self: Folder, b: *std.Build, sub_path: []const u8) []const u8 {
        return b.pathJoin(&.{ self.path, sub_path });
    }

    fn has(self: Folder, b: *std.Build, sub_path: []const u8) bool {
        b.build_root.handle.access(b.graph.io, self.absolute(b, sub_path), .{}) catch return false;
        return true;
    }
};
