import { type Resident, residentMemory } from "../tests/support/resident.ts";
import { onDeno } from "../tests/support/child.ts";
import { type Benchmark, delay, type Measurement } from "./measurement.ts";
import { type Contender, findContenders } from "./peers/contenders.ts";
import { writeFrames } from "./peers/frames.ts";
import { FRAME_BYTES } from "./peers/programs/program.ts";
import { Stage } from "./peers/stage.ts";
import { onThisRuntime, Program } from "./server/program.ts";

const CONNECTIONS = 50;
const MEGABYTE = 1e6;
/** Garbage of starting is collected and caches are filled. */
const SETTLE_MS = 2_000;
/** The encoder has reached its bit rate, and an encoder that was late at first has given its buffers back. */
const MEDIA_MS = 15_000;
/** Frames that the programs send in turns. */
const CLIP_BYTES = 8 * FRAME_BYTES.BGR;

/** What is measured. */
const PARTS = {
  nothing: "the runtime alone",
  library: "what the library adds before a connection",
  first: "what the first idle connection adds",
  further: `what each of ${CONNECTIONS - 1} further ones adds`,
  heap: "of it, heaps of native code",
  stacks: "of it, stacks of threads",
  files: "of it, pages of programs and libraries",
  send: "sending 1280x720 at 30 fps in VP8, without the frames of the clip",
  receive: "receiving the same",
  sendAdds: "sending, without the runtime alone",
  receiveAdds: "receiving, without the runtime alone",
} as const;
type Figures = Readonly<Record<keyof typeof PARTS, number>>;

async function after(program: Program, ms = SETTLE_MS): Promise<Resident> {
  await delay(ms);
  return residentMemory(program.pid);
}

async function alone(command: readonly string[]): Promise<number> {
  await using program = new Program(command);
  await program.line("ready");
  return (await after(program)).total / MEGABYTE;
}

/** Figures of one contender; `programs` start its runtime alone, and with its library. */
async function measure(
  contender: Contender,
  programs: readonly [nothing: readonly string[], library: readonly string[]],
  surroundings: ConstructorParameters<typeof Stage>[1],
): Promise<Figures> {
  const nothing = await alone(programs[0]);
  const library = await alone(programs[1]);
  const idle = async () => {
    await using stage = new Stage(contender, surroundings);
    const program = stage.start("idle", { count: CONNECTIONS });
    await program.line("connections");
    const one = await after(program);
    const others = program.line("connections", 60_000);
    program.tell({ do: "more" });
    await others;
    const all = await after(program);
    const each = (of: "total" | "heap" | "stacks" | "files") =>
      (all[of] - one[of]) / (CONNECTIONS - 1) / MEGABYTE;
    return {
      first: one.total / MEGABYTE - library,
      further: each("total"),
      heap: each("heap"),
      stacks: each("stacks"),
      files: each("files"),
    };
  };
  const media = async () => {
    await using stage = new Stage(contender, surroundings);
    const { receiver, sender } = await stage.pair("receive", "send", () => ({ formats: ["BGR"] }));
    const receive = (await after(receiver, MEDIA_MS)).total / MEGABYTE;
    const send = (residentMemory(sender.pid).total - CLIP_BYTES) / MEGABYTE;
    return { send, receive, sendAdds: send - nothing, receiveAdds: receive - nothing };
  };
  return { nothing, library: library - nothing, ...await idle(), ...await media() };
}

function python(command: readonly string[], library: boolean): string[] {
  const open = library ? "import numpy, sora_sdk\nsora = sora_sdk.Sora()\n" : "";
  const text = `import sys\n${open}print('{"ready": true}', flush=True)\nsys.stdin.read()`;
  return [command[0]!, "-c", text];
}

/** What resident memory consists of, beside that of the official Python SDK where `make bench-peers` has installed it. */
export const memoryParts: Benchmark = {
  name: "memory",
  async *run({ url }) {
    const program = (name: string, ...words: readonly string[]) =>
      onThisRuntime(new URL(name, import.meta.url), ...words);
    const surroundings = { urls: { sora: url }, frames: writeFrames() };
    const all = findContenders();
    const peer = all.find(({ key }) => key === "python");
    const us = {
      ...all.find(({ key }) => key === (onDeno ? "deno" : "bun"))!,
      command: program("peers/programs/sora_ffi.ts"),
    };
    const own = await measure(
      us,
      [program("memory_program.ts", "nothing"), program("memory_program.ts", "library")],
      surroundings,
    );
    const beside = peer === undefined || peer.missing !== undefined ? undefined : await measure(
      peer,
      [python(peer.command, false), python(peer.command, true)],
      surroundings,
    );
    for (const [part, what] of Object.entries(PARTS) as [keyof Figures, string][]) {
      const measured: Measurement = {
        name: `resident memory: ${what}`,
        value: own[part],
        unit: "MB",
        limit: beside?.[part] ?? own.nothing,
        limitIs: beside === undefined ? PARTS.nothing : "the official Python SDK's",
      };
      yield measured;
    }
  },
};
