/**
 * Received audio in frames of ten milliseconds.
 *
 * @module
 */

import { AudioInfo } from "../../ffi/mod.ts";
import { SoraFrameSink } from "../track/frame_sink.ts";
import type { SoraTrackInterface } from "../track/track.ts";
import { SoraAudioFrame } from "./frame.ts";
import {
  checkAudioSinkOptions,
  info,
  nativeAudioSink,
  readAudio,
  type SoraAudioSinkOptions,
} from "./native_sink.ts";

/** Handler of a frame, which it may keep. */
export type SoraAudioFrameHandler = (frame: SoraAudioFrame) => unknown;

const FRAMES_PER_SECOND = 100;

/**
 * Receives the audio of a track in frames of ten milliseconds: through `onFrame`, `for await`, or `readable`. A slow reader loses
 * the oldest audio, which `dropped` counts in samples per channel.
 *
 * @example
 * ```ts
 * import { Sora, SoraAudioStreamSink } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", video: false };
 * const source = sora.createAudioSource({ channels: 1, sampleRate: 48_000 });
 * await using sender = sora.createConnection({ ...room, role: "sendonly", audioSource: source });
 * await using receiver = sora.createConnection({ ...room, role: "recvonly" });
 * await Promise.all([sender.connect(), receiver.connect()]);
 * const microphone = setInterval(() => source.onData(new Int16Array(480)), 10);
 *
 * for await (const track of receiver.tracks()) {
 *   for await (const frame of new SoraAudioStreamSink(track, { sampleRate: 48_000, channels: 2 })) {
 *     console.log(frame.samplesPerChannel, frame.numChannels); // 480 2
 *     break;
 *   }
 *   break;
 * }
 * clearInterval(microphone);
 * ```
 */
export class SoraAudioStreamSink extends SoraFrameSink<SoraAudioFrame> {
  /**
   * Starts to receive the audio of a track.
   *
   * @param track A received audio track.
   * @throws {TypeError} If an option or the track is wrong.
   * @throws {RangeError} If a number is outside its limits.
   * @throws {SoraError} `CLOSED` when the track has ended.
   */
  constructor(track: SoraTrackInterface, options: SoraAudioSinkOptions = {}) {
    super("audio", track, nativeAudioSink(checkAudioSinkOptions(options)));
  }

  /** @internal */
  protected override take(): SoraAudioFrame | undefined {
    // Asks for the format first.
    this.#read(null, 0);
    const sampleRateHz = info[AudioInfo.SAMPLE_RATE] ?? 0;
    const numChannels = info[AudioInfo.CHANNELS] ?? 0;
    if (this.handle.closed || sampleRateHz === 0) return undefined;
    const length = sampleRateHz / FRAMES_PER_SECOND;
    const samples = new Int16Array(length * numChannels);
    const read = this.#read(samples, length);
    if (read <= 0) return undefined;
    const time = info[AudioInfo.CAPTURE_TIME_MS] ?? -1;
    return new SoraAudioFrame({
      // Fewer come only right before a change of format.
      samples: read === length ? samples : samples.slice(0, read * numChannels),
      sampleRateHz,
      numChannels,
      absoluteCaptureTimestampMs: time < 0 ? undefined : time,
    });
  }

  #read(samples: Int16Array<ArrayBuffer> | null, length: number): number {
    const { functions, value } = this.handle;
    return this.checked(readAudio(functions, value, samples, length, length));
  }
}
