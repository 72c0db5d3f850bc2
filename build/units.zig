//! Source files that are compiled together: a compiler takes as long to start and to load the parsed headers as it takes for most of
//! our files, and instantiates the same templates for each.
const std = @import("std");

/// Files of a unit: more would keep one core busy while the others have nothing left to do.
const most = 8;

/// What is compiled for files below csrc, which stand sorted by their folders: files that include several of one folder.
pub fn units(b: *std.Build, sources: []const []const u8) []const std.Build.LazyPath {
    var list: std.ArrayList(std.Build.LazyPath) = .empty;
    var first: usize = 0;
    while (first < sources.len) {
        const folder = std.fs.path.dirname(sources[first]) orelse "";
        var end = first + 1;
        while (end < sources.len and std.mem.eql(u8, std.fs.path.dirname(sources[end]) orelse "", folder)) end += 1;
        // In parts of about the same size.
        const parts = std.math.divCeil(usize, end - first, most) catch unreachable;
        for (0..parts) |part| {
            const from = first + (end - first) * part / parts;
            const to = first + (end - first) * (part + 1) / parts;
            list.append(b.allocator, unit(b, folder, part, sources[from..to])) catch @panic("OOM");
        }
        first = end;
    }
    return list.items;
}

/// The files themselves, such as tests, of which each may use the names that it likes.
pub fn each(b: *std.Build, sources: []const []const u8) []const std.Build.LazyPath {
    const list = b.allocator.alloc(std.Build.LazyPath, sources.len) catch @panic("OOM");
    for (list, sources) |*path, source| path.* = b.path(b.pathJoin(&.{ "csrc", source }));
    return list;
}

fn unit(b: *std.Build, folder: []const u8, part: usize, sources: []const []const u8) std.Build.LazyPath {
    if (sources.len == 1) return b.path(b.pathJoin(&.{ "csrc", sources[0] }));
    var text: std.ArrayList(u8) = .empty;
    for (sources) |source| text.appendSlice(b.allocator, b.fmt("#include \"{s}\"\n", .{source})) catch @panic("OOM");
    const name = b.allocator.dupe(u8, folder) catch @panic("OOM");
    std.mem.replaceScalar(u8, name, '/', '_');
    return b.addWriteFiles().add(b.fmt("{s}_{d}.cpp", .{ name, part + 1 }), text.items);
}
