//! Files of csrc that do not compile for Windows, each with the reason. `zig build check -Dtarget=x86_64-windows-gnu` fails when one of
//! them does, or when another does not. libwebrtc's headers stand in no file's way; nor is there a csrc/os/windows to link.
const std = @import("std");
const files = @import("files.zig");

const File = struct {
    name: []const u8,
    reason: Reason,
};

const Reason = enum {
    /// Datagrams go through csrc/os/datagrams.h, which describes them by msghdr of POSIX; Winsock has WSAMSG.
    datagrams,
    /// rtc::Dispatcher waits for a descriptor of POSIX; on Windows libwebrtc has it wait for a WSAEVENT.
    dispatcher,

    /// What the compiler says.
    fn refusal(self: Reason) []const u8 {
        return switch (self) {
            .datagrams => "fatal error: 'sys/socket.h' file not found",
            .dispatcher => "error: only virtual member functions can be marked 'override'",
        };
    }
};

const for_windows = [_]File{
    .{ .name = "api/transport.cpp", .reason = .datagrams },
    .{ .name = "net/network_monitor.cpp", .reason = .dispatcher },
    .{ .name = "net/packet_sockets.cpp", .reason = .datagrams },
    .{ .name = "transport/port_transport.cpp", .reason = .datagrams },
    .{ .name = "datagrams/receive_batch.cpp", .reason = .datagrams },
    .{ .name = "datagrams/send_batch.cpp", .reason = .datagrams },
    .{ .name = "transport/udp_port.cpp", .reason = .datagrams },
    .{ .name = "datagrams/udp_socket.cpp", .reason = .datagrams },
};

/// What the compiler says of a file, below csrc, on Windows; null when it compiles.
pub fn refusal(source: []const u8) ?[]const u8 {
    for (for_windows) |file| if (std.mem.eql(u8, file.name, source)) return file.reason.refusal();
    return null;
}

/// Ends the build when a file of the list is not there any more.
pub fn checkNames(b: *std.Build) void {
    for (for_windows) |file| b.build_root.handle.access(b.graph.io, b.pathJoin(&.{ "csrc", file.name }), .{}) catch
        files.fail("build/uncompiled.zig lists csrc/{s}, which is not there.", .{file.name});
}
