/**
 * A stream of PortAudio in one direction, 16-bit and without callbacks: JavaScript takes and gives no more than what is there and
 * what there is room for, so that no call blocks, and otherwise waits with a timer until the rest is due.
 *
 * @module
 */

import { SoraError } from "../../base/errors.ts";
import {
  type AudioDevice,
  type AudioDirection,
  findDevice,
  readDevices,
} from "../audio_devices.ts";
import type { CheckedDeviceOptions } from "../options.ts";
import type { PortAudioLibrary } from "./library.ts";
import { deviceError, initialize, inTime, inTurn, PaError } from "./session.ts";

/** `paInt16`. */
const INT16 = 8;
/** `struct PaStreamParameters`: int device, int channelCount, unsigned long sampleFormat, double latency, void *. */
const PARAMETERS_SIZE = 32;
/** The latency in `struct PaStreamInfo`: int version, double input, double output, double sampleRate. */
const LATENCY_OFFSETS = { input: 8, output: 16 } as const;
/** Longest time without any progress of a device, in milliseconds. */
const STALL_MS = 5_000;
/** Longest wait between two looks at a device, in milliseconds. */
const MAX_WAIT_MS = 10;

interface Opened {
  readonly library: PortAudioLibrary;
  readonly address: bigint;
  readonly device: AudioDevice;
  readonly latencyMs: number;
  /** Samples per channel that an output holds, and as much silence in native memory; 0 of an input. */
  readonly room: number;
  readonly silence: bigint;
}

/** Where the parameters lie in the memory that opening takes, behind the address of the stream. */
const PARAMETERS_AT = 8;

function parameters(device: number, channels: number, latencyMs: number): DataView<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(PARAMETERS_SIZE));
  view.setInt32(0, device, true);
  view.setInt32(4, channels, true);
  view.setUint32(8, INT16, true);
  view.setFloat64(16, latencyMs / 1_000, true);
  return view;
}

/** Ends a stream, whatever its state. */
function end({ library: { functions, free }, address, silence }: Opened): Promise<void> {
  return inTurn(async () => {
    await functions.Pa_AbortStream(address);
    await functions.Pa_CloseStream(address);
    free(silence);
    await functions.Pa_Terminate();
  });
}

/** Closes streams that nobody can close any more. */
const forgotten = new FinalizationRegistry<Opened>((opened) => void end(opened));

/** A stream that is open and started. */
export class PortAudioStream {
  readonly device: AudioDevice;
  readonly latencyMs: number;
  readonly #opened: Opened;
  readonly #direction: AudioDirection;
  readonly #sampleRate: number;
  readonly #channels: number;
  /** When the device was looked at for the last time. */
  #looked = performance.now();
  #wake: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #priming: Promise<void> | undefined;
  #failure: SoraError | undefined;
  /** How often audio was lost: recorded faster than read, or played faster than written. */
  xruns = 0;

  private constructor(opened: Opened, direction: AudioDirection, options: CheckedDeviceOptions) {
    this.#opened = opened;
    this.#direction = direction;
    this.#sampleRate = options.sampleRate;
    this.#channels = options.channels;
    this.device = opened.device;
    this.latencyMs = opened.latencyMs;
    forgotten.register(this, opened, this);
  }

  /**
   * Opens and starts a stream.
   *
   * @throws {SoraError} `LIBRARY_NOT_FOUND`; `DEVICE_FAILED`: there is no such device, or it refuses.
   */
  static open(direction: AudioDirection, options: CheckedDeviceOptions): Promise<PortAudioStream> {
    return inTurn(async () => {
      const library = await initialize();
      try {
        const device = findDevice(readDevices(library), options.device, direction);
        const opened = await openStream(library, device, direction, options);
        return new PortAudioStream(opened, direction, options);
      } catch (error) {
        await library.functions.Pa_Terminate();
        throw error;
      }
    });
  }

  /** Samples per channel that an output holds when it is full. */
  get room(): number {
    return this.#opened.room;
  }

  /** Whether an output is being filled. */
  get primes(): boolean {
    return this.#priming !== undefined;
  }

  /**
   * Fills an empty output with silence, beside JavaScript: it starts by that, for which a sound server is asked.
   *
   * @throws {SoraError} `DEVICE_FAILED`; `TIMEOUT`: the system does not answer.
   */
  async prime(): Promise<void> {
    this.#priming ??= this.#prime();
    try {
      await inTime(this.#priming);
    } catch (error) {
      this.#failure ??= error as SoraError;
      throw error;
    }
  }

  async #prime(): Promise<void> {
    const { library, address, silence, room } = this.#opened;
    this.#checked(await library.functions.writeBeside(address, silence, BigInt(room)));
    this.#priming = undefined;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Throws unless the stream is open and well. */
  check(): void {
    if (this.#closing !== undefined) {
      throw new SoraError("CLOSED", `The audio ${this.#direction} is closed`);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Samples per channel that can be read or written now. */
  available(): number {
    const { functions } = this.#opened.library;
    const { address } = this.#opened;
    const count = this.#direction === "input"
      ? functions.Pa_GetStreamReadAvailable(address)
      : functions.Pa_GetStreamWriteAvailable(address);
    if (count < 0) return this.#checked(count);
    if (this.#direction === "input") this.#noticeFull(count);
    return count;
  }

  /** Sound servers drop what nobody reads without an error: after a pause, a device that is full has lost something. */
  #noticeFull(count: number): void {
    const now = performance.now();
    const pause = now - this.#looked;
    this.#looked = now;
    if (pause > this.latencyMs && count * 1_000 >= this.latencyMs * this.#sampleRate) this.xruns++;
  }

  /** Reads or writes samples, as many per channel as are available or fewer. */
  transfer(samples: Int16Array<ArrayBuffer>, count: number): void {
    const { functions } = this.#opened.library;
    const { address } = this.#opened;
    const length = BigInt(count);
    this.#checked(
      this.#direction === "input"
        ? functions.Pa_ReadStream(address, samples, length)
        : functions.Pa_WriteStream(address, samples, length),
    );
  }

  /**
   * Reads or writes all of some samples, and waits as long as it takes.
   *
   * @throws {SoraError} `CLOSED`, `DEVICE_FAILED`; `TIMEOUT` when the device stands still.
   */
  async transferAll(samples: Int16Array<ArrayBuffer>): Promise<void> {
    const total = samples.length / this.#channels;
    let done = 0;
    let progress = performance.now();
    while (done < total) {
      this.check();
      const count = Math.min(this.available(), total - done);
      if (count > 0) {
        this.transfer(done === 0 ? samples : samples.subarray(done * this.#channels), count);
        done += count;
        progress = performance.now();
      } else if (performance.now() - progress > STALL_MS) {
        this.#failure = this.#stalled();
        throw this.#failure;
      }
      if (done < total) await this.#wait((total - done) * 1_000 / this.#sampleRate);
    }
  }

  /** Closes it; what waits rejects, and what has not been played is lost. */
  close(): Promise<void> {
    if (this.#closing === undefined) {
      forgotten.unregister(this);
      const primed = this.#priming?.catch(() => {}) ?? Promise.resolve();
      this.#closing = inTime(primed.then(() => end(this.#opened)));
      this.#wake?.();
    }
    return this.#closing;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, Math.min(ms, MAX_WAIT_MS)));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #checked(code: number): number {
    if (code >= 0) return code;
    if (code === PaError.INPUT_OVERFLOWED || code === PaError.OUTPUT_UNDERFLOWED) {
      this.xruns++;
      return 0;
    }
    const { library, device: { name } } = this.#opened;
    this.#failure = deviceError(library, `The device "${name}" failed`, code);
    throw this.#failure;
  }

  #stalled(): SoraError {
    const does = this.#direction === "input" ? "recorded" : "played";
    return new SoraError(
      "TIMEOUT",
      `The device "${this.device.name}" has ${does} nothing for ${STALL_MS} ms`,
    );
  }
}

async function openStream(
  library: PortAudioLibrary,
  device: AudioDevice,
  direction: AudioDirection,
  { sampleRate, channels, latencyMs }: CheckedDeviceOptions,
): Promise<Opened> {
  const { functions, copy, allocate, fill, free } = library;
  const memory = allocate(PARAMETERS_AT + PARAMETERS_SIZE);
  const format = memory + BigInt(PARAMETERS_AT);
  fill(format, parameters(device.index, channels, latencyMs));
  const code = await functions.Pa_OpenStream(
    memory,
    direction === "input" ? format : 0n,
    direction === "output" ? format : 0n,
    sampleRate,
    // 10 ms, which is what the other end works with.
    BigInt(Math.round(sampleRate / 100)),
    0n,
    0n,
    0n,
  );
  const address = copy(memory, PARAMETERS_AT).getBigUint64(0, true);
  free(memory);
  const what = `The device "${device.name}" cannot be opened for ${direction} with ` +
    `${sampleRate} Hz and ${channels} channel${channels === 1 ? "" : "s"}`;
  if (code < 0) throw deviceError(library, what, code);
  const started = await functions.Pa_StartStream(address);
  if (started < 0) {
    await functions.Pa_CloseStream(address);
    throw deviceError(library, what, started);
  }
  const info = functions.Pa_GetStreamInfo(address);
  const seconds = info === 0n ? 0 : copy(info, 32).getFloat64(LATENCY_OFFSETS[direction], true);
  const room = direction === "output"
    ? Math.max(0, functions.Pa_GetStreamWriteAvailable(address))
    : 0;
  const silence = room === 0 ? 0n : allocate(room * channels * 2);
  return { library, address, device, latencyMs: Math.round(seconds * 1_000), room, silence };
}
