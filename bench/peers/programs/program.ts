/**
 * What the programs of `make bench-peers` share: the task that they are given, the lines that they print, the numbers in frames.
 * Runs on Deno, Bun and Node.js.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { setImmediate } from "node:timers";

/** Formats of pixels; the files of frames are named for them. */
export type Format = "BGR" | "RGBA" | "I420" | "NV12";

/** What a program does, its first argument in JSON. */
export interface Task {
  /** Its part. */
  readonly part: "send" | "receive" | "messages out" | "messages in" | "connect" | "start" | "idle";
  /** The server. */
  readonly url: string;
  /** The channel, or the room. */
  readonly channel: string;
  /** Formats that frames are pushed or read in, in turns. */
  readonly formats: readonly Format[];
  /** The folder with files of frames. */
  readonly frames: string;
  /** Bytes of a message. */
  readonly bytes: number;
  /** How often it connects. */
  readonly count: number;
}

/** Size, rate and bit rate of video. */
export const VIDEO = { width: 1280, height: 720, fps: 30, kbps: 2_500 } as const;

/** Bytes of a frame in each format. */
export const FRAME_BYTES: Readonly<Record<Format, number>> = {
  BGR: VIDEO.width * VIDEO.height * 3,
  RGBA: VIDEO.width * VIDEO.height * 4,
  I420: VIDEO.width * VIDEO.height * 3 / 2,
  NV12: VIDEO.width * VIDEO.height * 3 / 2,
};

/** Bytes of a pixel in the rows that have the number: of the first plane. */
const STEP: Readonly<Record<Format, number>> = { BGR: 3, RGBA: 4, I420: 1, NV12: 1 };

/** The number of a frame is a row of squares, dark and bright. */
const BITS = 16;
const SIDE = 16;
const LEFT = 64;
const TOP = 64;

/** Draws a number. */
export function draw(pixels: Uint8Array, format: Format, number: number): void {
  const step = STEP[format];
  for (let bit = 0; bit < BITS; bit++) {
    const level = number >> bit & 1 ? 235 : 20;
    for (let y = TOP; y < TOP + SIDE; y++) {
      const at = (y * VIDEO.width + LEFT + bit * SIDE) * step;
      pixels.fill(level, at, at + SIDE * step);
    }
  }
}

/** The number in pixels that may have another size; undefined where no bit is clear. */
export function readNumber(
  pixels: Uint8Array | Uint8ClampedArray,
  format: Format,
  width: number,
): number | undefined {
  const scale = width / VIDEO.width;
  const step = STEP[format];
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor((LEFT + (bit + 0.5) * SIDE) * scale);
    const y = Math.floor((TOP + 0.5 * SIDE) * scale);
    const level = pixels[(y * width + x) * step]!;
    if (level > 90 && level < 160) return undefined;
    if (level >= 160) number |= 1 << bit;
  }
  return number;
}

/** Milliseconds on the clock that all processes share. */
export const now = (): number => performance.timeOrigin + performance.now();

/** Prints a line. */
export function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const kept: unknown[] = [];

/** Keeps a connection from the garbage collector, which closes those of some libraries. */
export function keep<T>(connection: T): T {
  kept.push(connection);
  return connection;
}

type Command = Readonly<Record<string, unknown>>;
const listeners = new Map<string, (command: Command) => void>();

/** Calls `listener` with each line that has `do` of this name. */
export function onCommand(name: string, listener: (command: Command) => void): void {
  listeners.set(name, listener);
}

/** Waits for a command. */
export function command(name: string): Promise<Command> {
  return new Promise((resolve) => onCommand(name, resolve));
}

/** A frame: its number, when it was pushed or arrived, what the call took in microseconds, and its format. */
type Entry = readonly [number: number, atMs: number, us: number, format: Format];

/** Keeps what happens between the commands `begin` and `end`, then prints it. */
export class Recorder {
  #entries: Entry[] = [];
  #other = 0;

  /** Prints it under this key. */
  constructor(key: "sent" | "received") {
    onCommand("begin", () => {
      this.#entries = [];
      this.#other = 0;
    });
    onCommand("end", () => print({ [key]: this.#entries, other: this.#other }));
  }

  /** A frame. */
  add(...entry: Entry): void {
    this.#entries.push(entry);
  }

  /** A frame of another size, or whose number cannot be read. */
  addOther(): void {
    this.#other++;
  }
}

/** The frames of a file, each in a buffer of its own. */
function readFrames(path: string, bytes: number): Uint8Array[] {
  const file = openSync(path, "r");
  const frames: Uint8Array[] = [];
  while (true) {
    const frame = new Uint8Array(bytes);
    if (readSync(file, frame) < bytes) break;
    frames.push(frame);
  }
  closeSync(file);
  return frames;
}

/** Pushes frames at a steady rate until the process is ended. */
export function play(
  { frames, formats }: Task,
  push: (pixels: Uint8Array, format: Format) => void,
): void {
  const recorder = new Recorder("sent");
  const cuts = new Map(formats.map((format) => {
    const cut = readFrames(`${frames}/frames.${format}`, FRAME_BYTES[format]);
    return [format, forthAndBack(cut)] as const;
  }));
  const start = performance.now();
  const next = (number: number) => {
    const format = formatOf(formats, number);
    const cut = cuts.get(format)!;
    const pixels = cut[number % cut.length]!;
    draw(pixels, format, number % 65_536);
    const [at, before] = [now(), performance.now()];
    push(pixels, format);
    recorder.add(number % 65_536, at, (performance.now() - before) * 1_000, format);
    const due = start + (number + 1) * 1_000 / VIDEO.fps;
    setTimeout(next, Math.max(0, due - performance.now()), number + 1);
  };
  next(0);
  print({ connected: true });
}

/** Forwards and backwards, so that nothing jumps. */
const forthAndBack = <T>(cut: readonly T[]): T[] => [...cut, ...cut.slice(1, -1).reverse()];

/** Frames that are pushed or read in one format before the next: its buffers are in the caches then, as they are for who has one. */
const FRAMES_OF_A_FORMAT = 15;
const formatOf = (formats: readonly Format[], number: number) =>
  formats[Math.floor(number / FRAMES_OF_A_FORMAT) % formats.length]!;

/** How many frames are compared with those that were pushed. */
const COMPARED = 10;

/** Compares frames with those that were pushed, after the command `compare`; prints their PSNR. */
class Comparison {
  readonly #path: string;
  readonly #format: Format;
  readonly #originals: Uint8Array[] = [];
  readonly #errors: number[] = [];
  #left = 0;

  /** In BGR or RGBA. */
  constructor(frames: string, format: Format) {
    this.#path = `${frames}/frames.${format}`;
    this.#format = format;
    onCommand("compare", () => {
      this.#originals.push(...forthAndBack(readFrames(this.#path, FRAME_BYTES[format])));
      this.#left = COMPARED;
    });
  }

  /** A frame. Only green is looked at, which is in the same place in both formats and most of what the eye sees. */
  add(pixels: Uint8Array | Uint8ClampedArray, number: number, format: Format): void {
    if (this.#left === 0 || format !== this.#format) return;
    const original = this.#originals[number % this.#originals.length]!;
    draw(original, format, number);
    let sum = 0;
    for (let at = 1; at < original.length; at += STEP[format]) {
      sum += (pixels[at]! - original[at]!) ** 2;
    }
    this.#errors.push(sum / (VIDEO.width * VIDEO.height));
    if (--this.#left > 0) return;
    const mean = this.#errors.reduce((total, one) => total + one, 0) / COMPARED;
    print({ psnr: 10 * Math.log10(255 ** 2 / mean) });
  }
}

/** Takes frames that have arrived: `read` is timed. */
export function watch(
  { frames, formats }: Task,
): (read: (format: Format) => Uint8Array | Uint8ClampedArray, width: number) => void {
  const recorder = new Recorder("received");
  const comparison = new Comparison(frames, formats[0]!);
  let count = 0;
  print({ connected: true });
  return (read, width) => {
    const at = now();
    const format = formatOf(formats, count++);
    const before = performance.now();
    const pixels = read(format);
    const us = (performance.now() - before) * 1_000;
    const number = readNumber(pixels, format, width);
    if (width !== VIDEO.width || number === undefined) return recorder.addOther();
    recorder.add(number, at, us, format);
    comparison.add(pixels, number, format);
  };
}

/** Counts messages between the commands `begin` and `end`. */
export function countMessages(): (bytes: number) => void {
  let [messages, bytes, since] = [0, 0, 0];
  onCommand("begin", () => [messages, bytes, since] = [0, 0, performance.now()]);
  onCommand("end", () => {
    print({ messages, bytes, seconds: (performance.now() - since) / 1_000 });
  });
  print({ connected: true });
  return (size) => {
    messages++;
    bytes += size;
  };
}

/** A message. */
export const message = (bytes: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.alloc(bytes, 7));

/** What waits in a data channel at the most, as the writable of this SDK has it. */
export const BUFFERED_BYTES: number = 1 << 20;
/** Sends that come one after the other before other work has its turn. */
const SENDS_PER_TURN = 64;

/**
 * Sends until there is no room. In a turn it sends no more than may wait: some libraries count late what waits, and close a channel
 * in which 16 MiB do.
 */
export async function pumpOnce(
  bytes: number,
  buffered: () => number,
  send: () => void,
): Promise<void> {
  const most = Math.min(SENDS_PER_TURN, Math.max(1, Math.floor(BUFFERED_BYTES / bytes)));
  const hasRoom = () => buffered() < BUFFERED_BYTES;
  while (hasRoom()) {
    for (let sent = 0; sent < most && hasRoom(); sent++) send();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Sends without end while there is room; the returned function is to be called when there is room again. */
export function pump(bytes: number, buffered: () => number, send: () => void): () => void {
  let sends = false;
  const start = async () => {
    if (sends) return;
    sends = true;
    await pumpOnce(bytes, buffered, send);
    sends = false;
  };
  void start();
  return () => void start();
}

/** A connection that is up. */
export interface Connected {
  /** Ends it. */
  disconnect(): Promise<void>;
}

/** Connects again and again, and prints the times. */
export async function timeConnects(
  { count }: Task,
  connect: (index: number) => Promise<Connected>,
): Promise<void> {
  const connects: number[] = [];
  const disconnects: number[] = [];
  // The first loads code.
  for (let round = -1; round < count; round++) {
    const start = performance.now();
    const connection = await connect(round);
    const connected = performance.now();
    await connection.disconnect();
    const ended = performance.now();
    if (round < 0) continue;
    connects.push(connected - start);
    disconnects.push(ended - connected);
  }
  print({ connects, disconnects });
}

/** How many connections are made at a time: those of some wait for a second. */
const CONNECTS_AT_A_TIME = 4;

/** Connects once, and to the full number on request. */
export async function keepIdle(
  { count }: Task,
  connect: (index: number) => Promise<unknown>,
  atATime: number = CONNECTS_AT_A_TIME,
): Promise<void> {
  keep(await connect(0));
  const more = command("more");
  print({ connections: 1 });
  await more;
  let next = 1;
  const connectSome = async () => {
    while (next < count) keep(await connect(next++));
  };
  await Promise.all(Array.from({ length: atATime }, connectSome));
  print({ connections: count });
}

/** Runs a part; the process ends with its failure. */
export async function runTask(
  parts: Readonly<Partial<Record<Task["part"], (task: Task) => Promise<unknown>>>>,
) {
  const task = JSON.parse(process.argv[2] ?? "{}") as Task;
  createInterface(process.stdin).on("line", (text) => {
    const line = JSON.parse(text) as Command;
    listeners.get(String(line["do"]))?.(line);
  }).on("close", () => {
    // Whoever started it is gone. Native threads of some libraries stop an orderly exit.
    process.kill(process.pid, "SIGKILL");
  });
  await parts[task.part]!(task);
}
