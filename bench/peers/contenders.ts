/**
 * Who is measured: this SDK on both runtimes, and its peers, each in a program of its own.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Format } from "./programs/program.ts";

/** The checkout, with a slash at its end. */
export const root: string = fileURLToPath(new URL("../..", import.meta.url));
/** Where `setup/peers.sh` installs the peers. */
export const folder: string = `${root}.deps/peers`;
/** Where the results are. */
export const RESULTS: string = `${root}out/peers.json`;
/** Where those of some contenders alone are, which no page gets. */
export const SOME: string = `${root}out/peers-some.json`;
/** The LiveKit server that it builds where there is Go. */
export const livekitServer: string = `${folder}/bin/livekit-server`;

/** What is measured together. */
export type SceneName = "video" | "pixels" | "messages" | "connect" | "start" | "idle";

/** One who is measured. */
export interface Contender {
  /** Its name on the command line and in `out/peers.json`. */
  readonly key: string;
  /** Its name and version. */
  readonly name: string;
  /** The head of its column in the pages. */
  readonly short: string;
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

/** The Node.js of the machine, looked up here: where there is none, Deno would run its programs itself. */
export function findNode(path: string = process.env["PATH"] ?? ""): string | undefined {
  return path.split(":").map((folder) => `${folder}/node`).find(existsSync);
}

const all: readonly Format[] = ["BGR", "RGBA", "I420", "NV12"];
const ours = {
  ours: true,
  through: "sora",
  pushes: all,
  reads: all,
  ready: [],
  cannot: {},
} as const;

/** Why packages on Node.js cannot be measured; undefined where they can. */
function missingOnNode(): string | undefined {
  if (findNode() === undefined) return "there is no Node.js on this machine (`node`)";
  if (existsSync(`${folder}/.node.stamp`)) return undefined;
  return "setup/peers.sh could not install it; its message is above";
}

/**
 * Everybody, with what is not here.
 *
 * @param installed The folder with this SDK's package and the program that uses it, for whoever starts that.
 */
export function findContenders(installed = ""): Contender[] {
  const python = `${folder}/venv/bin/python`;
  const noPython = existsSync(`${folder}/.python.stamp`)
    ? undefined
    : "setup/peers.sh found no Python from 3.11 to 3.13 on x86_64 for it, or could not install it";
  // What it compiles belongs into no folder of the checkout.
  const cache = `pycache_prefix=${folder}/pycache`;
  const pythonProgram = (name: string) => [
    ...[python, "-X", cache],
    `${root}bench/peers/programs/${name}.py`,
  ];
  const onNode = (name: string) => [findNode() ?? "node", `${folder}/programs/${name}.mjs`];
  const own = `${installed}/sora_ffi.mjs`;
  return [
    {
      ...ours,
      key: "deno",
      name: "sora-ffi, Deno",
      short: "Deno",
      command: [`${root}.deps/bin/deno`, "run", "-A", "--quiet", own],
    },
    {
      ...ours,
      key: "bun",
      name: "sora-ffi, Bun",
      short: "Bun",
      command: [`${root}.deps/bin/bun`, own],
    },
    {
      key: "python",
      name: `sora-sdk ${pythonVersion("sora-sdk")}, Python`,
      short: "`sora-sdk`",
      ours: false,
      command: pythonProgram("sora_sdk_program"),
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
      short: "`rtc-node`",
      ours: false,
      command: onNode("livekit"),
      through: "livekit",
      pushes: ["I420", "RGBA", "NV12"],
      reads: ["RGBA", "I420"],
      ready: [],
      cannot: {},
      missing: missingOnNode() ??
        (existsSync(livekitServer)
          ? undefined
          : "it needs a LiveKit server, which setup/peers.sh builds where there is Go (`go`)"),
    },
    {
      key: "wrtc",
      name: `@roamhq/wrtc ${npmVersion("@roamhq/wrtc")}`,
      short: "`wrtc`",
      ours: false,
      command: onNode("wrtc"),
      through: "each other",
      pushes: ["I420"],
      reads: ["RGBA", "I420"],
      ready: ["I420"],
      cannot: {},
      missing: missingOnNode(),
    },
    {
      key: "node-datachannel",
      name: `node-datachannel ${npmVersion("node-datachannel")}`,
      short: "`node-datachannel`",
      ours: false,
      command: onNode("node_datachannel"),
      through: "each other",
      pushes: [],
      reads: [],
      ready: [],
      cannot: {
        video: "it neither encodes nor decodes: its tracks take packets",
        pixels: "it has no frames",
      },
      missing: missingOnNode(),
    },
    {
      key: "aiortc",
      name: `aiortc ${pythonVersion("aiortc")}`,
      short: "`aiortc`",
      ours: false,
      command: pythonProgram("aiortc_program"),
      through: "each other",
      pushes: ["I420"],
      reads: ["BGR", "RGBA"],
      ready: [],
      cannot: {},
      missing: noPython,
    },
  ];
}
