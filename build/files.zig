//! Files of the checkout, and what stands in them.
const std = @import("std");

/// The folders of the codec engines, relative to csrc.
pub fn engineFolders(b: *std.Build) []const []const u8 {
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
pub fn find(b: *std.Build, root: []const u8, folders: []const []const u8) []const []const u8 {
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
pub fn packageVersion(b: *std.Build) []const u8 {
    return between(read(b, "package.json"), "\"version\": \"", "\"") orelse fail("package.json names no version.", .{});
}

pub fn read(b: *std.Build, path: []const u8) []const u8 {
    return b.build_root.handle.readFileAlloc(b.graph.io, path, b.allocator, .limited(1 << 20)) catch fail("{s} cannot be read.", .{path});
}

pub fn between(text: []const u8, before: []const u8, after: []const u8) ?[]const u8 {
    const start = (std.mem.find(u8, text, before) orelse return null) + before.len;
    const length = std.mem.find(u8, text[start..], after) orelse return null;
    return text[start..][0..length];
}

pub fn sort(names: [][]const u8) void {
    std.mem.sort([]const u8, names, {}, struct {
        fn lessThan(_: void, a: []const u8, c: []const u8) bool {
            return std.mem.lessThan(u8, a, c);
        }
    }.lessThan);
}

pub fn fail(comptime format: []const u8, arguments: anytype) noreturn {
    std.debug.print("build: " ++ format ++ "\n", arguments);
    std.process.exit(1);
}
