//! Compiles C++ files over headers that are parsed once: libwebrtc's take a compiler ten times as long as one of our files.
const std = @import("std");

/// A way of compiling: for a processor, with some flags.
pub const Compiler = struct {
    b: *std.Build,
    /// What every command begins with.
    command: []const []const u8,
    /// csrc/link/precompiled.h as the compiler keeps it.
    headers: std.Build.LazyPath,

    /// How it is compiled.
    pub const Options = struct {
        target: std.Build.ResolvedTarget,
        optimize: std.builtin.OptimizeMode,
        strip: bool,
        flags: []const []const u8,
        /// c++ brings the C++ library that Zig has.
        driver: enum { cc, @"c++" } = .cc,
    };

    /// Parses the headers.
    pub fn add(b: *std.Build, options: Options) Compiler {
        var command: std.ArrayList([]const u8) = .empty;
        command.appendSlice(b.allocator, &.{
            b.graph.zig_exe,
            @tagName(options.driver),
            "-target",
            options.target.query.zigTriple(b.allocator) catch @panic("OOM"),
            b.fmt("-mcpu={s}", .{options.target.query.serializeCpuAlloc(b.allocator) catch @panic("OOM")}),
            switch (options.optimize) {
                .Debug => "-O0",
                .ReleaseSafe, .ReleaseFast => "-O2",
                .ReleaseSmall => "-Os",
            },
            if (options.strip) "-g0" else "-g",
        }) catch @panic("OOM");
        command.appendSlice(b.allocator, options.flags) catch @panic("OOM");
        var self: Compiler = .{ .b = b, .command = command.items, .headers = undefined };
        const run = self.start("precompiled.h");
        // Without the times of the headers: their content decides whether they have changed.
        run.addArgs(&.{ "-fpch-instantiate-templates", "-Xclang", "-fno-pch-timestamp", "-x", "c++-header" });
        run.addFileArg(b.path("csrc/link/precompiled.h"));
        self.headers = output(run, "precompiled");
        return self;
    }

    /// The object of a file, with further flags.
    pub fn object(self: Compiler, source: std.Build.LazyPath, further: []const []const u8) std.Build.LazyPath {
        const run = self.start(source.getDisplayName());
        run.addArgs(&.{ "-Xclang", "-include-pch", "-Xclang" });
        run.addFileArg(self.headers);
        return compile(run, source, further);
    }

    /// The object of a file that uses none of the headers, with further flags.
    pub fn bareObject(self: Compiler, source: std.Build.LazyPath, further: []const []const u8) std.Build.LazyPath {
        return compile(self.start(source.getDisplayName()), source, further);
    }

    /// A step that succeeds when a file does not compile, for this reason.
    pub fn refused(self: Compiler, source: std.Build.LazyPath, further: []const []const u8, reason: []const u8) *std.Build.Step {
        const run = self.start(self.b.fmt("{s}, which must not", .{source.getDisplayName()}));
        run.addArgs(&.{ "-Xclang", "-include-pch", "-Xclang" });
        run.addFileArg(self.headers);
        run.addArgs(further);
        run.addArg("-c");
        run.addFileArg(source);
        run.addArg("-o");
        _ = run.addOutputFileArg("refused.o");
        run.expectExitCode(1);
        run.expectStdErrMatch(reason);
        run.has_side_effects = true; // headers may change what comes of it
        return &run.step;
    }

    fn start(self: Compiler, name: []const u8) *std.Build.Step.Run {
        const run = self.b.addSystemCommand(self.command);
        run.setName(self.b.fmt("compile {s}", .{name}));
        return run;
    }

    fn compile(run: *std.Build.Step.Run, source: std.Build.LazyPath, further: []const []const u8) std.Build.LazyPath {
        run.addArgs(further);
        run.addArg("-c");
        run.addFileArg(source);
        return output(run, std.fs.path.stem(std.fs.path.basename(source.getDisplayName())));
    }

    /// What comes out of a command, which runs again when a header that it reads has changed.
    fn output(run: *std.Build.Step.Run, name: []const u8) std.Build.LazyPath {
        const b = run.step.owner;
        run.addArgs(&.{ "-MD", "-MF" });
        _ = run.addDepFileOutputArg(b.fmt("{s}.d", .{name}));
        run.addArg("-o");
        return run.addOutputFileArg(b.fmt("{s}.o", .{name}));
    }
};
