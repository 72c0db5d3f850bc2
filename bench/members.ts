import { Child } from "../tests/support/child.ts";
import type { Benchmark } from "./measurement.ts";

/** What members exchange. */
export type MemberKind = "messages" | "audio" | "video";

/** What one of many members in a process costs. */
export interface MembersFigures {
  /** Percent of a core. */
  readonly cpuPercent: number;
  /** Resident memory. */
  readonly megabytes: number;
  /** Resident memory of the process without members. */
  readonly baseMB: number;
  /** Messages, packets of audio or frames of video. */
  readonly receivedPerSecond: number;
}

/** How many members there are, what they do, and how much of it reaches each in a second. */
const KINDS: Readonly<Record<MemberKind, readonly [count: number, text: string, each: number]>> = {
  messages: [200, "a message of 100 bytes a second each way", 1],
  audio: [20, "Opus each way", 50],
  video: [2, "640x360 at 30 fps in VP8 and Opus each way", 30],
};

const LIMIT_MS = 180_000;

/** What a member costs the process of a load test, for each kind of load. The server has a process of its own. */
export const members: Benchmark = {
  name: "members",
  async *run({ url }) {
    for (const [kind, [count, text, each]] of Object.entries(KINDS)) {
      const program = new URL("members_program.ts", import.meta.url);
      await using child = new Child(program, [url, kind, String(count)]);
      const figures = JSON.parse(await child.line("", LIMIT_MS)) as MembersFigures;
      await child.ended(LIMIT_MS);
      const name = `one of ${count} members in a process: ${text}`;
      yield {
        name: `CPU, ${name}`,
        value: figures.cpuPercent,
        unit: "% of a core",
        limit: 100,
        limitIs: "a core",
      };
      yield {
        name: `resident memory, ${name}`,
        value: figures.megabytes,
        unit: "MB",
        limit: figures.baseMB,
        limitIs: "the process without members",
      };
      yield {
        name: `received by ${name}`,
        value: figures.receivedPerSecond,
        unit: kind === "messages" ? "messages/s" : kind === "audio" ? "packets/s" : "frames/s",
        limit: each,
        limitIs: "what the other one sends",
      };
    }
  },
};
