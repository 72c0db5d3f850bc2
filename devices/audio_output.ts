/**
 * Playing on a device.
 *
 * @module
 */

import type { AudioDevice } from "./audio_devices.ts";
import { checkSamples } from "./audio_input.ts";
import { type AudioDeviceOptions, checkDeviceOptions } from "./options.ts";
import { PortAudioStream } from "./portaudio/stream.ts";

/** What may be written to a stream: samples, or what has them, as a `SoraAudioFrame`. */
export type AudioOutputChunk = Int16Array | { readonly samples: Int16Array };

/** What a sound server may still hold of what has left the device's buffer, in milliseconds. */
const AFTERWARDS_MS = 100;

/**
 * A device that plays: 16-bit samples, interleaved. {@link write} waits for room, for files; {@link push} never waits, for what comes
 * in real time, as from a `SoraAudioSink`.
 *
 * @example
 * ```ts
 * import { type AudioOutput, openAudioOutput } from "sora-ffi/devices";
 *
 * // Plays a tone of 0.1 s.
 * async function beep(output: AudioOutput, frequency: number): Promise<void> {
 *   const step = 2 * Math.PI * frequency / output.sampleRate;
 *   const length = output.sampleRate / 10;
 *   await output.write(Int16Array.from({ length }, (_, at) => 8_000 * Math.sin(step * at)));
 * }
 *
 * await using output = await openAudioOutput();
 * await beep(output, 440);
 * console.log(output.dropped); // 0
 * ```
 */
export class AudioOutput implements AsyncDisposable {
  /** Sample rate in Hz. */
  readonly sampleRate: number;
  /** Channels. */
  readonly channels: number;
  readonly #stream: PortAudioStream;
  /** Samples per channel that the device holds when it is full. */
  readonly #room: number;
  readonly #silence: Int16Array<ArrayBuffer>;
  /** Silent samples that follow when it is closed. */
  readonly #afterwards: number;
  #turn: Promise<unknown> = Promise.resolve();
  #played = false;
  #dropped = 0;
  #underflows = 0;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(stream: PortAudioStream, sampleRate: number, channels: number) {
    this.#stream = stream;
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.#room = stream.room;
    this.#silence = new Int16Array(this.#room * channels);
    this.#afterwards = Math.round(sampleRate * AFTERWARDS_MS / 1_000) * channels;
  }

  /** The device. */
  get device(): AudioDevice {
    return this.#stream.device;
  }

  /** The latency that the device promises, in milliseconds. */
  get latencyMs(): number {
    return this.#stream.latencyMs;
  }

  /** How often the device had nothing left to play although more followed. */
  get underflows(): number {
    return this.#underflows;
  }

  /** Samples per channel that {@link push} dropped because the device had no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Plays samples after those before, and resolves when the device has taken all of them. Writes follow each other in the order in
   * which they were made.
   *
   * @throws {TypeError} If they are not an Int16Array.
   * @throws {RangeError} If their number is not a multiple of the channels.
   * @throws {SoraError} `CLOSED`; `DEVICE_FAILED`; `TIMEOUT` when the device plays nothing for 5 s.
   */
  write(samples: Int16Array): Promise<void> {
    const checked = checkSamples(samples, "samples", this.channels);
    const written = this.#turn.then(async () => {
      this.#stream.check();
      if (this.#stream.primes || this.#isEmpty(this.#stream.available())) {
        await this.#stream.prime();
      }
      await this.#stream.transferAll(checked);
    });
    this.#turn = written.catch(() => {});
    return written;
  }

  /**
   * Plays samples at once, and drops what the device has no room for. A device that is empty is filled with silence first, so that
   * what comes a little late is in time; what is pushed at that moment is dropped as well.
   *
   * @throws {TypeError} If they are not an Int16Array.
   * @throws {RangeError} If their number is not a multiple of the channels.
   * @throws {SoraError} `CLOSED`; `DEVICE_FAILED`.
   */
  push(samples: Int16Array): void {
    const checked = checkSamples(samples, "samples", this.channels);
    this.#stream.check();
    const wanted = checked.length / this.channels;
    const room = this.#roomNow();
    const count = Math.min(room, wanted);
    if (count > 0) this.#stream.transfer(checked, count);
    this.#dropped += wanted - count;
  }

  /** A stream (WHATWG Streams) over {@link write}. Closing or aborting it leaves the output open. */
  get writable(): WritableStream<AudioOutputChunk> {
    return new WritableStream({
      write: (chunk) => this.write("samples" in chunk ? chunk.samples : chunk),
    }, { highWaterMark: 1 });
  }

  /**
   * Waits until the device has played what it has been given, and closes it.
   *
   * @throws {SoraError} `TIMEOUT`: the system does not answer.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** The same as {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    await this.#turn;
    try {
      // PortAudio does not wait for ALSA: what has pushed everything out has been played before.
      if (this.#played) {
        await this.#stream.transferAll(this.#silence);
        await this.#stream.transferAll(new Int16Array(this.#afterwards));
      }
    } catch {
      // A device that has failed plays nothing more.
    }
    await this.#stream.close();
  }

  /** Samples per channel that the device takes; an empty one is filled with silence first, and takes none until that is done. */
  #roomNow(): number {
    if (this.#stream.primes) return 0;
    const room = this.#stream.available();
    if (!this.#isEmpty(room)) return room;
    // An error of it is thrown by the next push.
    this.#stream.prime().catch(() => {});
    return 0;
  }

  /** Whether the device has nothing to play: many do not start before they are full. */
  #isEmpty(room: number): boolean {
    if (room < this.#room || this.#room === 0) return false;
    if (this.#played) this.#underflows++;
    this.#played = true;
    return true;
  }
}

/**
 * Opens a device that plays, a loudspeaker for instance, through PortAudio.
 *
 * @throws {TypeError} If an option is wrong.
 * @throws {RangeError} If a number is outside its limits.
 * @throws {SoraError} `LIBRARY_NOT_FOUND`: PortAudio is not installed, or loading it is not permitted; `DEVICE_FAILED`: there is no
 *   such device, or it refuses the format.
 *
 * @example
 * ```ts
 * import { openAudioInput, openAudioOutput } from "sora-ffi/devices";
 *
 * await using input = await openAudioInput();
 * await using output = await openAudioOutput();
 * let blocks = 0;
 * for await (const block of input) {
 *   output.push(block);
 *   if (++blocks === 20) break;
 * }
 * console.log(`${blocks * 10} ms`); // 200 ms
 * ```
 */
export async function openAudioOutput(options: AudioDeviceOptions = {}): Promise<AudioOutput> {
  const checked = checkDeviceOptions(options);
  const stream = await PortAudioStream.open("output", checked);
  return new AudioOutput(stream, checked.sampleRate, checked.channels);
}
