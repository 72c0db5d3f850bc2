//! What all of our C++ is compiled with, wherever libwebrtc comes from.
const std = @import("std");

/// The language, its warnings, and what libwebrtc's headers ask for.
pub fn common(b: *std.Build, target: std.Target) []const []const u8 {
    var list: std.ArrayList([]const u8) = .empty;
    const a = b.allocator;
    list.appendSlice(a, &.{
        "-std=c++20", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-DNDEBUG",            "-fno-sanitize=undefined",
        "-Wall",      "-Wextra",             "-Wno-unused-parameter",       "-ffunction-sections", "-fdata-sections",
        "-Werror",
    }) catch @panic("OOM");
    list.appendSlice(a, switch (target.os.tag) {
        .macos => &.{ "-fPIC", "-DWEBRTC_POSIX", "-DWEBRTC_MAC" },
        // -fms-extensions: libwebrtc's headers use __declspec, which is a macro for MinGW without it.
        .windows => &.{ "-DWEBRTC_WIN", "-DNOMINMAX", "-DWIN32_LEAN_AND_MEAN", "-D_USE_MATH_DEFINES", "-fms-extensions" },
        else => &.{ "-fPIC", "-DWEBRTC_POSIX", "-DWEBRTC_LINUX" },
    }) catch @panic("OOM");
    // What the archive was compiled with; another NDEBUG or feature set would change class layouts.
    for ([_][]const u8{
        "WEBRTC_HAVE_SCTP",                         "WEBRTC_HAVE_DCSCTP",      "WEBRTC_USE_H264",
        "RTC_ENABLE_VP9",                           "RTC_ENABLE_H265",         "HAVE_WEBRTC_VIDEO",
        "WEBRTC_LIBRARY_IMPL",                      "NO_MAIN_THREAD_WRAPPING", "RTC_DISABLE_TRACE_EVENTS",
        "WEBRTC_ENABLE_PROTOBUF=0",                 "WEBRTC_APM_DEBUG_DUMP=0", "BWE_TEST_LOGGING_COMPILE_TIME_ENABLE=0",
        "WEBRTC_NON_STATIC_TRACE_EVENT_HANDLERS=1",
    }) |define| list.append(a, b.fmt("-D{s}", .{define})) catch @panic("OOM");
    list.appendSlice(a, &.{
        b.fmt("-I{s}", .{b.pathFromRoot("csrc")}),
        b.fmt("-I{s}", .{b.pathFromRoot("csrc/include")}),
        "-include",
        b.pathFromRoot("csrc/link/prelude.h"),
    }) catch @panic("OOM");
    return list.items;
}
