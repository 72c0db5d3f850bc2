/**
 * Who is measured: this SDK on both runtimes, and its peers, each in a program of its own.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Format } from "./programs/program.ts";

/** The checkout, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));
/** Where `setup/peers.sh` installs the peers. */
export const folder: string = `${root}.deps/peers`;
/** The LiveKit server that it builds where there is Go. */
export const livekitServer: string = `${folder}/bin/livekit-server`;

/** What is measured together. */
export type SceneName = "video" | "pixels" | "messages" | "connect" | "start" | "idle";

/** One who is measured. */
export interface Contender {
  /** Its name on the command line and in `out/peers.json`. */
  readonly key: string;
  /** The head of its column. */
  readonly name: string;
  /** Whether it is this SDK. */
  readonly ours: boolean;
  /** The command of its program, without the task. */
  readonly command: readonly string[];
  /** What its programs connect to: a server, or each other. */
  readonly through: "sora" | "livekit" | "each other";
  /** Formats that it takes frames in; the first is the one for video. */
  readonly pushes: readonly Format[];
  /** Formats that it gives frames in; the first is the one for video. */
  readonly reads: readonly Format[];
  /** Formats that frames have when they are handed out: they are converted before, whether they are read or not. */
  readonly ready: readonly Format[];
  /** Why it has no part in a scene. */
  readonly cannot: Readonly<Partial<Record<SceneName, string>>>;
  /** Why it is not measured at all. */
  readonly missing?: string | undefined;
}

function versionIn(path: string, pattern: RegExp): string {
  return pattern.exec(readFileSync(`${root}setup/peers/${path}`, "utf8"))?.[1] ?? "?";
}
const npmVersion = (name: string) => versionIn("package.json", new RegExp(`"${name}": "([^"]+)"`));
const pythonVersion = (name: string) =>
  versionIn("requirements.txt", new RegExp(`^${name}==(\\S+)`, "m"));

/** The version of Node.js, which belongs to the machine; undefined where there is none. */
function nodeVersion(): string | undefined {
  try {
    return execFileSync("node", ["--version"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

const program = (name: string) => `${root}bench/peers/programs/${name}`;
const all: readonly Format[] = ["BGR", "RGBA", "I420", "NV12"];
const ours = {
  ours: true,
  through: "sora",
  pushes: all,
  reads: all,
  ready: [],
  cannot: {},
} as const;

/** Everybody, with what is not here. */
export function findContenders(): Contender[] {
  const node = nodeVersion();
  const noNode = node === undefined ? "there is no Node.js on this machine (`node`)" : undefined;
  const noPython = existsSync(`${folder}/venv/bin/python`)
    ? undefined
    : "setup/peers.sh found no Python from 3.11 to 3.13 on x86_64 for it";
  const python = `${folder}/venv/bin/python`;
  const bundled = (name: string) => ["node", `${folder}/programs/${name}.mjs`];
  return [
    {
      ...ours,
      key: "deno",
      name: "sora-ffi, Deno",
      command: [process.execPath, "run", "-A", "--no-check", "--quiet", program("sora_ffi.ts")],
    },
    {
      ...ours,
      key: "bun",
      name: "sora-ffi, Bun",
      command: [`${root}.deps/bin/bun`, program("sora_ffi.ts")],
    },
    {
      key: "python",
      name: `sora-sdk ${pythonVersion("sora-sdk")}, Python`,
      ours: false,
      command: [python, program("sora_sdk_program.py")],
      through: "sora",
      pushes: ["BGR"],
      reads: ["BGR"],
      ready: ["BGR"],
      cannot: {},
      missing: noPython,
    },
    {
      key: "livekit",
      name: `@livekit/rtc-node ${npmVersion("@livekit/rtc-node")}`,
      ours: false,
      command: bundled("livekit"),
      through: "livekit",
      pushes: ["I420", "RGBA", "NV12"],
      reads: ["RGBA", "I420"],
      ready: [],
      cannot: {},
      missing: noNode ??
        (existsSync(livekitServer)
          ? undefined
          : "it needs a LiveKit server, which setup/peers.sh builds where there is Go (`go`)"),
    },
    {
      key: "wrtc",
      name: `@roamhq/wrtc ${npmVersion("@roamhq/wrtc")}`,
      ours: false,
      command: bundled("wrtc"),
      through: "each other",
      pushes: ["I420"],
      reads: ["RGBA", "I420"],
      ready: ["I420"],
      cannot: {},
      missing: noNode,
    },
    {
      key: "node-datachannel",
      name: `node-datachannel ${npmVersion("node-datachannel")}`,
      ours: false,
      command: bundled("node_datachannel"),
      through: "each other",
      pushes: [],
      reads: [],
      ready: [],
      cannot: {
        video: "it neither encodes nor decodes: its tracks take packets",
        pixels: "it has no frames",
      },
      missing: noNode,
    },
    {
      key: "aiortc",
      name: `aiortc ${pythonVersion("aiortc")}`,
      ours: false,
      command: [python, program("aiortc_program.py")],
      through: "each other",
      pushes: ["I420"],
      reads: ["BGR", "RGBA"],
      ready: [],
      cannot: {},
      missing: noPython,
    },
  ];
}
