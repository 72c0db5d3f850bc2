/**
 * Recording from a device.
 *
 * @module
 */

import { wrongType } from "../base/checks.ts";
import { SoraError } from "../base/errors.ts";
import type { AudioDevice } from "./audio_devices.ts";
import { type AudioDeviceOptions, checkDeviceOptions } from "./options.ts";
import { PortAudioStream } from "./portaudio/stream.ts";

/**
 * A device that records: 16-bit samples, interleaved. It holds as much audio as `latencyMs` says until somebody reads; what is not
 * read in time is lost, and counted. While nobody reads, it does not keep the process alive.
 *
 * @example
 * ```ts
 * import { type AudioInput, openAudioInput } from "sora-ffi/devices";
 *
 * // The loudest of so many samples.
 * async function loudest(input: AudioInput, count: number): Promise<number> {
 *   const samples = await input.read(new Int16Array(count));
 *   return samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
 * }
 *
 * await using input = await openAudioInput({ sampleRate: 16_000 });
 * console.log(await loudest(input, 1_600) <= 32_768); // true
 * ```
 */
export class AudioInput implements AsyncIterable<Int16Array<ArrayBuffer>>, AsyncDisposable {
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Channels. */
  readonly channels: number;
  readonly #stream: PortAudioStream;
  #reading = false;

  /** @internal */
  constructor(stream: PortAudioStream, sampleRate: number, channels: number) {
    this.#stream = stream;
    this.sampleRate = sampleRate;
    this.channels = channels;
  }

  /** The device. */
  get device(): AudioDevice {
    return this.#stream.device;
  }

  /** The latency that the device promises, in milliseconds. */
  get latencyMs(): number {
    return this.#stream.latencyMs;
  }

  /** How often audio was lost because nobody read it in time. */
  get overflows(): number {
    return this.#stream.xruns;
  }

  /**
   * Waits until as much has been recorded as a buffer holds, and fills it.
   *
   * @param into Samples of all channels.
   * @returns The buffer.
   * @throws {TypeError} If it is not an Int16Array.
   * @throws {RangeError} If its length is not a multiple of the channels.
   * @throws {SoraError} `CLOSED`; `INVALID_STATE` during another read; `DEVICE_FAILED`; `TIMEOUT` when the device records nothing for
   *   5 s.
   */
  async read<B extends Int16Array<ArrayBuffer>>(into: B): Promise<B> {
    checkSamples(into, "into", this.channels);
    this.#stream.check();
    if (this.#reading) {
      throw new SoraError("INVALID_STATE", "read() must wait for the end of the previous one");
    }
    this.#reading = true;
    try {
      await this.#stream.transferAll(into);
    } finally {
      this.#reading = false;
    }
    return into;
  }

  /** Blocks of 10 ms, until the input is closed. Leaving the loop leaves it open. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Int16Array<ArrayBuffer>, undefined> {
    const length = Math.round(this.sampleRate / 100) * this.channels;
    while (!this.#stream.closed) {
      try {
        yield await this.read(new Int16Array(length));
      } catch (error) {
        if (error instanceof SoraError && error.code === "CLOSED") return;
        throw error;
      }
    }
  }

  /** Blocks of 10 ms as a stream (WHATWG Streams). Cancelling it closes the input. */
  get readable(): ReadableStream<Int16Array<ArrayBuffer>> {
    const blocks = this[Symbol.asyncIterator]();
    return new ReadableStream({
      pull: async (controller) => {
        const { done, value } = await blocks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => this.close(),
    }, { highWaterMark: 0 });
  }

  /**
   * Closes the device; reads that wait reject.
   *
   * @throws {SoraError} `TIMEOUT`: the system does not answer.
   */
  close(): Promise<void> {
    return this.#stream.close();
  }

  /** The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Checks interleaved samples.
 *
 * @throws {TypeError} If they are no Int16Array.
 * @throws {RangeError} If their number is not a multiple of the channels.
 */
export function checkSamples(
  samples: unknown,
  path: string,
  channels: number,
): Int16Array<ArrayBuffer> {
  if (!(samples instanceof Int16Array)) throw wrongType(path, "an Int16Array", samples);
  if (samples.length % channels !== 0) {
    throw new RangeError(
      `${path} must have a multiple of ${channels} (channels) samples, not ${samples.length}`,
    );
  }
  return samples as Int16Array<ArrayBuffer>;
}

/**
 * Opens a device that records, a microphone for instance, through PortAudio.
 *
 * @throws {TypeError} If an option is wrong.
 * @throws {RangeError} If a number is outside its limits.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`: PortAudio is not installed, or loading it is not permitted; `DEVICE_FAILED`: there is no
 *   such device, or it refuses the format.
 *
 * @example
 * ```ts
 * import { openAudioInput } from "sora-ffi/devices";
 *
 * await using input = await openAudioInput({ channels: 1, latencyMs: 30 });
 * for await (const block of input) {
 *   console.log(block.length); // 480
 *   break;
 * }
 * ```
 */
export async function openAudioInput(options: AudioDeviceOptions = {}): Promise<AudioInput> {
  const checked = checkDeviceOptions(options);
  const stream = await PortAudioStream.open("input", checked);
  return new AudioInput(stream, checked.sampleRate, checked.channels);
}
