/**
 * The common part of sinks that deliver frames.
 *
 * @module
 */

import { callHandler } from "../../base/handlers.ts";
import { Pull } from "../streams/pull.ts";
import { type NativeSink, SoraSink } from "./sink.ts";
import type { SoraTrackInterface, SoraTrackKind } from "./track.ts";

/**
 * Receives a track in frames: through {@link onFrame}, `for await`, or {@link readable}. A slow reader loses the oldest.
 *
 * @example
 * ```ts
 * import { Sora, type SoraFrameSink, SoraVideoSink } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * const room = { signalingUrls: [server.url], channelId: "room", audio: false };
 * const source = sora.createVideoSource();
 * await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource: source });
 * await using receiver = sora.createConnection({ ...room, role: "recvonly" });
 * await Promise.all([sender.connect(), receiver.connect()]);
 * const grey = new Uint8Array(640 * 360 * 3).fill(128); // BGR
 * const camera = setInterval(() => source.onCaptured(grey, { width: 640, height: 360 }), 33);
 *
 * // Counts frames of video or audio.
 * async function count<T extends { close?(): void }>(sink: SoraFrameSink<T>, enough: number) {
 *   let frames = 0;
 *   for await (const frame of sink) {
 *     frame.close?.();
 *     if (++frames === enough) break;
 *   }
 *   return frames;
 * }
 *
 * for await (const track of receiver.tracks()) {
 *   console.log(await count(new SoraVideoSink(track), 3)); // 3
 *   break;
 * }
 * clearInterval(camera);
 * ```
 */
export abstract class SoraFrameSink<T> extends SoraSink implements AsyncIterable<T, undefined> {
  readonly #frames = new Pull<T>({
    closed: () => this.handle.closed,
    pump: () => this.pump(),
    cancel: () => this.close(),
  });
  #onFrame: ((frame: T) => unknown) | undefined = undefined;

  /** @internal */
  protected constructor(kind: SoraTrackKind, track: SoraTrackInterface, sink: NativeSink) {
    super(kind, track, sink);
  }

  /** Called with each frame that no iteration or stream is waiting for. */
  get onFrame(): ((frame: T) => unknown) | undefined {
    return this.#onFrame;
  }

  /** Sets it; frames that are already waiting follow at once. */
  set onFrame(handler: ((frame: T) => unknown) | undefined) {
    this.#onFrame = handler;
    queueMicrotask(() => this.pump());
  }

  /** The frames as a stream (WHATWG Streams). */
  get readable(): ReadableStream<T> {
    return this.#frames.readable;
  }

  /** The frames, oldest first. Leaving the loop leaves the sink open. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this.#frames[Symbol.asyncIterator]();
  }

  /** The oldest frame in the native queue; undefined when there is none, null when it cannot be taken yet. @internal */
  protected abstract take(): T | null | undefined;

  /** @internal */
  protected override pump(): void {
    while (!this.handle.closed) {
      const waited = this.#frames.wanted;
      if (!waited && this.#onFrame === undefined) return;
      const frame = this.take();
      if (frame === null) return;
      if (frame === undefined) break;
      if (waited) this.#frames.give(frame);
      else callHandler(this, this.#onFrame, frame);
    }
    if (this.ended) this.close();
  }

  /** @internal */
  protected override finish(): void {
    this.#frames.finish();
  }
}
