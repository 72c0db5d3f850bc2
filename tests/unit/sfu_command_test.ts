/** `sora-ffi server`, as the README says it is started. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { server } from "../../cli/commands/server.ts";
import { Child, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { TestClient, until } from "../support/sfu_client.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);
const root = fileURLToPath(new URL("../../", import.meta.url));
const connect = { role: "recvonly", channel_id: "c" };

/** The URL in the line that the server prints when nobody watches a terminal. */
async function listening(command: Child): Promise<string> {
  const rest = await command.line('{"event":"listening"');
  return (JSON.parse(`{"event":"listening"${rest}`) as { url: string }).url;
}

test("the command serves without Deno's unstable UDP as well", async () => {
  await using command = new Child(main, ["server", "--port", "0"], ["-A"]);
  const client = await TestClient.join(await listening(command), connect);
  await client.disconnect();
  assert.deepEqual(client.closed, { code: 1000, reason: "TYPE-DISCONNECT" });
});

test("--host, --path, --max-connections and --max-channel-connections take effect", async () => {
  const limits = ["--max-connections", "2", "--max-channel-connections", "1"];
  const where = ["server", "--port", "0", "--host", "127.0.0.2", "--path", "/elsewhere"];
  await using command = new Child(main, [...where, ...limits]);
  const url = await listening(command);
  assert.match(url, /^ws:\/\/127\.0\.0\.2:\d+\/elsewhere$/);
  const first = await TestClient.join(url, connect);
  const full = { code: 4490, reason: "TOO-MANY-CONNECTIONS" };
  const second = await TestClient.open(url, connect);
  await until("the channel is full", () => second.closed !== undefined);
  assert.deepEqual(second.closed, full);
  const third = await TestClient.join(url, { ...connect, channel_id: "d" });
  const fourth = new TestClient(url);
  await until("the server is full", () => fourth.closed !== undefined);
  assert.deepEqual(fourth.closed, full);
  await first.disconnect();
  await third.disconnect();
});

test("--help lists the options", async () => {
  await using help = new Child(main, ["server", "--help"]);
  assert.equal((await help.ended()).code, 0);
  const text = help.lines.join("\n");
  for (const flag of [...Object.keys(server.options), "help"]) {
    assert.match(text, new RegExp(`^  --${flag}\\b`, "m"));
  }
  assert.match(text, /--host ADDRESS .*Firefox never pairs a loopback address/);
});

const USAGE = 2;
const FAILED = 1;
const wrong: [args: string[], code: number, message: RegExp][] = [
  [
    ["--prot", "1"],
    USAGE,
    /^Unknown option '--prot': "sora-ffi server --help" lists the options\n$/,
  ],
  [["--port"], USAGE, /^Option '--port.*' argument missing: .*\n$/],
  [["--port", "x"], USAGE, /^--port must be an integer, not "x"\n$/],
  [["--port", "70000"], USAGE, /^--port must be an integer from 0 to 65535, not 70000\n$/],
  [["--path", "x"], USAGE, /^--path must be a path that begins with "\/", not "x"\n$/],
  [["--host", "no.such.invalid", "--port", "0"], FAILED, /no\.such\.invalid|ENOTFOUND|resolve/i],
  [
    ["--max-channel-connections", "0"],
    USAGE,
    /^--max-channel-connections must be an integer from 1 to 10000, not 0\n$/,
  ],
  [["--log", "loud"], USAGE, /^--log must be one of "table", "text", "json", "off", not "loud"\n$/],
  [["--drain", "9999999"], USAGE, /^--drain must be an integer from 0 to 3600000, not 9999999\n$/],
  [["--tls-key", "/nowhere.pem"], USAGE, /^--tls-key must be a file that can be read: .*\n$/],
  [["--client-ca", fileURLToPath(import.meta.url)], USAGE, /^--tls-cert must be given with .*\n$/],
  [["--tls-cert", fileURLToPath(import.meta.url)], USAGE, /^--tls-key must be given with .*\n$/],
  [["--secret", "a", "--secret-file", fileURLToPath(import.meta.url)], USAGE, /^--secret and --s/],
  [["--secret", ""], USAGE, /^--secret must not be empty\n$/],
  [["--metrics", "--no-metrics"], USAGE, /^--metrics and --no-metrics exclude each other\n$/],
  [
    ["--http-api", "--host", "0.0.0.0"],
    USAGE,
    /^--secret must be given with --http-api when --host is not loopback, but "0\.0\.0\.0"\n$/,
  ],
  [["--config", fileURLToPath(import.meta.url)], USAGE, /^--config must be a file with a JSON o/],
  [["stray"], USAGE, /^Unexpected argument 'stray': .*\n$/],
];
for (const [args, code, message] of wrong) {
  test(`wrong: ${args.join(" ")}`, async () => {
    await using command = new Child(main, ["server", ...args]);
    assert.equal((await command.ended()).code, code);
    assert.match(command.errors, message);
    assert.doesNotMatch(command.errors, /^\s+at /m, "a sentence, not a stack");
    assert.deepEqual(command.lines, []);
  });
}

if (onDeno) {
  test("the permission to listen, if it is missing, is named in a sentence", async () => {
    await using command = new Child(main, ["server", "--port", "0"], [
      "--no-prompt",
      "--allow-env",
      "--allow-ffi",
    ]);
    assert.equal((await command.ended()).code, FAILED);
    assert.match(command.errors, /^Requires net access to .* --allow-net flag\n$/);
    assert.deepEqual(command.lines, []);
  });
}

test("a port that is taken is reported", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  try {
    await using command = new Child(main, ["server", "--port", String(port)]);
    assert.equal((await command.ended()).code, 1);
    assert.match(command.errors, new RegExp(`^port ${port} of 127\\.0\\.0\\.1 is in use, .*\\n$`));
  } finally {
    await new Promise((resolve) => taken.close(resolve));
  }
});

/** Starts a command in a process group of its own, and gives what it prints. */
function run(
  command: string,
  args: string[],
  stdin: "ignore" | "pipe" = "ignore",
): { child: ChildProcess; output: () => string } {
  const path = `${root}.deps/bin:${process.env.PATH}`;
  const child = spawn(command, args, {
    cwd: root,
    detached: true,
    stdio: [stdin, "pipe", "pipe"],
    env: { ...process.env, PATH: path, NO_COLOR: "1" },
  });
  let text = "";
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding("utf8").on("data", (part: string) => text += part);
  }
  return { child, output: () => text };
}

async function end(child: ChildProcess): Promise<void> {
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  process.kill(-child.pid!, "SIGTERM");
  await closed;
}

const flags = onDeno ? ["run", "--quiet", "--no-check", "-A"] : [];

/** The URL in the first line that is JSON. */
async function urlIn(output: () => string): Promise<string> {
  const line = await eventually(
    "the line",
    () => output().split("\n").find((line) => line.startsWith("{")),
    20_000,
  );
  return (JSON.parse(line) as { url: string }).url;
}

test("the command prints one JSON line, serves, and ends cleanly at SIGTERM and SIGINT", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const { child, output } = run(process.execPath, [
      ...flags,
      fileURLToPath(main),
      "server",
      "--port",
      "0",
      "--drain",
      "0",
    ]);
    const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
    const url = await urlIn(output);
    assert.match(url, /^ws:\/\/127\.0\.0\.1:[1-9]\d*\/signaling$/);
    const client = await TestClient.join(url, connect);
    process.kill(child.pid!, signal);
    assert.equal(await closed, 0);
    await until("the close", () => client.closed !== undefined);
    assert.equal(client.closed!.code, 1001);
    const lines = output().trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines[0], { event: "listening", url });
    assert.deepEqual(lines.map(({ event, reason }) => [event, reason]), [
      ["listening", undefined],
      ["connection.created", undefined],
      ["connection.destroyed", "SERVER-CLOSED"],
      ["closed", undefined],
    ]);
    for (const { time } of lines.slice(1)) {
      assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
    }
    await client.peer?.close();
  }
});

const task = onDeno ? "task" : "run";

test(`${onDeno ? "deno" : "bun"} ${task} sfu starts the server`, async () => {
  const { child, output } = run(process.execPath, [task, "sfu", "--port", "0"]);
  try {
    const client = await TestClient.join(await urlIn(output), connect);
    await client.disconnect();
  } finally {
    await end(child);
  }
});

test("on a terminal the command prints a line for people, and draws a table that it takes away again", async () => {
  // Without exec, some shells stay in between and end by the signal themselves.
  const command = `exec '${process.execPath}' ${flags.join(" ")} '${
    fileURLToPath(main)
  }' server --port 0`;
  const { child, output } = run("script", ["-qec", command, "/dev/null"], "pipe");
  const closed = new Promise((resolve) => child.once("close", resolve));
  try {
    await eventually("the line", () => output().includes("\n"), 20_000);
    assert.match(
      output(),
      /^Sora-compatible server is listening on ws:\/\/127\.0\.0\.1:\d+\/signaling \(Ctrl-C ends it\)\r?\n/,
    );
    const [url = ""] = /ws:\S+/.exec(output()) ?? [];
    const client = await TestClient.join(url, { ...connect, channel_id: "shown" });
    await eventually("the member", () => /shown +\w{26} +recvonly/.test(output()));
    await client.disconnect();
    child.stdin!.write("\u0003");
    assert.equal(await closed, 0);
  } finally {
    if (child.exitCode === null) await end(child);
  }
  const [enter, leave] = ["\u001b[?1049h\u001b[?25l", "\u001b[?25h\u001b[?1049l"];
  assert.equal(output().split(enter).length, 2);
  assert.equal(output().split(leave).length, 2, "the terminal is given back once");
  assert.ok(output().trimEnd().endsWith(leave));
});
