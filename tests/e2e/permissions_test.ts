import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Sora } from "../../mod.ts";
import { openRealm } from "../../ffi/realm.ts";
import { Child, onDeno } from "../support/child.ts";

const program = new URL("../support/permissions_program.ts", import.meta.url);
const serverProgram = new URL("../../cli/mod.ts", import.meta.url);
const bothProgram = new URL("../support/both_program.ts", import.meta.url);
const library = openRealm().path;
const ROUNDS = 7;
const MANY_TIMES = 8;
/** The server's `ws` reads it when it is imported. */
const variable = "WS_NO_BUFFER_UTIL";
const output = [
  "video: 320 x 240, 230400 bytes",
  "audio: 48000 Hz, 1",
  "statistics: true",
];
let server: Child;
let url: string;

/** Starts a server in a process of its own, whose permissions are not those of the client, and gives its URL. */
async function startServer(flags?: readonly string[]): Promise<[Child, string]> {
  const child = new Child(serverProgram, ["server", "--port", "0"], flags);
  return [child, JSON.parse(await child.line("", 20_000)).url];
}

before(async () => {
  [server, url] = await startServer();
});

after(() => server[Symbol.asyncDispose]());

function permissions(given: Readonly<Record<string, string>>): string[] {
  return [
    "--no-prompt",
    ...Object.entries(given).map(([name, value]) => `--allow-${name}=${value}`),
  ];
}

test("a client needs one library and one address, and nothing wider", async () => {
  const flags = permissions({ ffi: library, net: new URL(url).host });
  await using client = new Child(program, [url], flags);
  const { code, signal } = await client.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, client.errors);
  assert.deepEqual(client.lines, output);
  assert.equal(client.errors, "");
});

const serving = permissions({ ffi: library, net: "127.0.0.1", env: variable });

test("a server needs one library, one host and one variable, and nothing wider", async () => {
  const [child, url] = await startServer(serving);
  await using _ = child;
  await using client = new Child(program, [url]);
  const { code, signal } = await client.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, client.errors);
  assert.deepEqual(client.lines, output);
  assert.equal(child.errors, "");
});

test("a server and its clients in one process need no more together", async () => {
  await using child = new Child(bothProgram, [], serving);
  const { code, signal } = await child.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
  assert.deepEqual(child.lines, ["closed"]);
  assert.equal(child.errors, "");
});

test("it takes no longer to connect to a server that has these permissions than to one that has all", async () => {
  const [restricted, restrictedUrl] = await startServer(serving);
  await using _ = restricted;
  await using sora = new Sora();
  const elapsed = { all: [] as number[], few: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    elapsed.all.push(await timeToConnect(sora, url));
    elapsed.few.push(await timeToConnect(sora, restrictedUrl));
  }
  const [all, few] = [median(elapsed.all), median(elapsed.few)];
  // A check that is answered from an address that Deno refuses would cost a second.
  assert.ok(few < MANY_TIMES * all, `${few} ms with few permissions, ${all} ms with all`);
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Milliseconds until a connection is there and its data channels are open. */
async function timeToConnect(sora: Sora, url: string): Promise<number> {
  await using connection = sora.createConnection({
    signalingUrls: [url],
    channelId: "time",
    role: "recvonly",
    dataChannelSignaling: true,
  });
  const switched = new Promise<void>((resolve) => connection.onSwitched = () => resolve());
  const start = performance.now();
  await connection.connect();
  await switched;
  return performance.now() - start;
}

const refused: readonly {
  what: string;
  given: () => Readonly<Record<string, string>>;
  says: RegExp;
}[] = [
  {
    what: "the library",
    given: () => ({ net: new URL(url).host }),
    says: /could not be loaded[^]* --allow-ffi=\//,
  },
  {
    what: "another library",
    given: () => ({
      ffi: fileURLToPath(new URL("another.so", import.meta.url)),
      net: new URL(url).host,
    }),
    says: /could not be loaded[^]* --allow-ffi=\//,
  },
  {
    what: "the server's address",
    given: () => ({ ffi: library, net: "127.0.0.1:1" }),
    says: /SoraError: Failed Websocket handshake: .*--allow-net/,
  },
];

for (const { what, given, says } of refused) {
  test(`without the permission for ${what} the error names it`, async () => {
    // Bun gives every permission to every program.
    const flags = permissions(onDeno ? given() : {});
    await using client = new Child(program, [url], flags);
    const { code, signal } = await client.ended();
    assert.deepEqual({ code, signal }, { code: onDeno ? 1 : 0, signal: null }, client.errors);
    assert.match(client.errors, onDeno ? says : /^$/);
    if (onDeno && says.source.includes("ffi")) {
      assert.ok(client.errors.includes(`--allow-ffi=${library} `), client.errors);
    }
  });
}

test("with the permission for the checkout's library nothing else is asked for, without a configuration too", () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-ffi-permissions-"));
  try {
    const own = fileURLToPath(new URL("../../zig-out/lib/libsora_ffi.so", import.meta.url));
    const audit = join(folder, "audit");
    const flags = ["run", "--quiet", "--no-check", "--no-config", "--no-prompt"];
    const { stdout, stderr } = spawnSync(process.execPath, [
      ...(onDeno ? [...flags, `--allow-ffi=${own}`] : []),
      fileURLToPath(new URL("../support/open_library_program.ts", import.meta.url)),
    ], {
      cwd: folder,
      // Deno writes each permission that is asked for into this file.
      env: { DENO_AUDIT_PERMISSIONS: audit },
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.deepEqual({ stdout, stderr }, { stdout: `${own}\n`, stderr: "" });
    if (!onDeno) return;
    // More than once: the library's functions are opened one by one.
    const asked = new Set(
      readFileSync(audit, "utf8").trim().split("\n").map((line) => JSON.parse(line))
        .map(({ permission, value }) => `${permission}=${value}`),
    );
    assert.deepEqual([...asked], [`ffi=${own}`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
