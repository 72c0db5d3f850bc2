import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { median } from "../demo/statistics.ts";
import { BareFolder } from "../tests/support/bare_folder.ts";
import { onDeno } from "../tests/support/child.ts";
import { startRegistry } from "../tests/support/installed.ts";
import { pack } from "../tests/support/packed.ts";
import type { Benchmark } from "./measurement.ts";

const WARM_UPS = 3;
const STARTS = 21;

/** Prints when its first statement runs. */
const EMPTY = `console.log(JSON.stringify({ entered: performance.timeOrigin + performance.now() }));
`;

/** A user's program. Prints when it has come how far, in milliseconds since 1970, and its processor time so far. */
const PROGRAM = `import { Sora } from "sora-ffi";

const now = () => performance.timeOrigin + performance.now();
const entered = now();
Sora.load();
const loaded = now();
const sora = new Sora();
const connection = sora.createConnection({
  signalingUrls: [process.argv[2]],
  channelId: "start",
  role: "sendrecv",
  audio: false,
  videoCodecType: "VP8",
});
const made = now();
await connection.connect();
const connected = now();
const { user, system } = process.cpuUsage();
const at = (phase) => connection.timeline.find((entry) => entry.phase === phase).atMs;
console.log(JSON.stringify({
  entered,
  loaded,
  made,
  opened: made + at("websocket"),
  offered: made + at("offer"),
  answered: made + at("create-answer"),
  connected,
  cpu: (user + system) / 1_000,
}));
await connection.disconnect();
await sora.close();
`;

/** When a program had come how far, in milliseconds since its process was started, and its processor time (\`cpu\`). */
type Marks = Readonly<Record<string, number>>;

/** The parts of a start, from which mark to which. */
const PARTS = [
  ["loading the library", "entered", "loaded"],
  ["making a Sora and a connection", "loaded", "made"],
  ["opening the WebSocket", "made", "opened"],
  ["from connect to offer", "opened", "offered"],
  ["from offer to answer", "offered", "answered"],
  ["ICE, DTLS and the announcement", "answered", "connected"],
] as const;

/** A folder in which the packages are installed as users install them. */
async function install(parent: string): Promise<BareFolder> {
  const packages = process.env["SORA_TEST_PACKAGES"] ?? mkdtempSync(join(parent, "packages-"));
  if (process.env["SORA_TEST_PACKAGES"] === undefined) pack(packages);
  await using registry = await startRegistry([], packages);
  const folder = new BareFolder(mkdtempSync(join(parent, "start-")), registry.url);
  folder.write("package.json", '{ "type": "module", "dependencies": { "sora-ffi": "*" } }');
  await folder.succeed("install");
  folder.write("empty.ts", EMPTY);
  folder.write("program.ts", PROGRAM);
  return folder;
}

/** Starts a program. */
async function run(folder: BareFolder, ...args: readonly string[]): Promise<Marks> {
  const began = performance.timeOrigin + performance.now();
  const output = await folder.succeed(...(onDeno ? ["run", "-A"] : []), ...args);
  const { cpu = 0, ...times } = JSON.parse(output) as Marks;
  const since = Object.entries(times).map(([name, time]) => [name, time - began] as const);
  return { ...Object.fromEntries(since), cpu };
}

/** The time from the start of a process to connected, of a program beside the packages, with what it consists of. */
export const start: Benchmark = {
  name: "start",
  async *run({ url }) {
    const parent = mkdtempSync(join(tmpdir(), "sora-ffi-start-"));
    const empties: Marks[] = [];
    const starts: Marks[] = [];
    try {
      const folder = await install(parent);
      // The first ones fill the runtime's caches.
      for (let turn = -WARM_UPS; turn < STARTS; turn++) {
        const empty = await run(folder, "empty.ts");
        const whole = await run(folder, "program.ts", url);
        if (turn < 0) continue;
        empties.push(empty);
        starts.push(whole);
      }
    } finally {
      rmSync(parent, { recursive: true, force: true });
    }
    const mid = (runs: readonly Marks[], mark: string) => median(runs.map((marks) => marks[mark]!));
    const all = mid(starts, "connected");
    const floor = mid(empties, "entered");
    yield {
      name: "from the start of the process to connected, with the package",
      value: all,
      unit: "ms",
      limit: floor,
      limitIs: "to the first statement of an empty program",
      reach: { value: onDeno ? 85 : 60 },
    };
    const part = { unit: "ms", limit: all, limitIs: "all of it" } as const;
    yield { name: "the same: importing", value: mid(starts, "entered") - floor, ...part };
    for (const [name, from, to] of PARTS) {
      const value = median(starts.map((marks) => marks[to]! - marks[from]!));
      yield { name: `the same: ${name}`, value, ...part };
    }
    yield { name: "the same: processor time", value: mid(starts, "cpu"), ...part };
  },
};
