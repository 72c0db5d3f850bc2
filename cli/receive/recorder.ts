/**
 * Records the first member of a channel that sends: one video and one audio.
 *
 * @module
 */

import type { MediaWriter } from "../../files/mod.ts";
import {
  SoraAudioStreamSink,
  SoraError,
  type SoraMediaTrack,
  type SoraTrackKind,
  SoraVideoSink,
} from "../../mod.ts";
import { ContactSheet } from "./contact_sheet.ts";
import { AUDIO, openOutput, type ReceivePlan } from "./plan.ts";
import { isBrokenPipe } from "./standard_output.ts";
import { SteadyClock } from "./steady_clock.ts";

/** Frames that wait while something else is written. */
const DEPTH = 30;
/** While audio is heard, the first frame is waited for so long. */
const PATIENCE_MS = 3_000;

/** What is recorded. */
export interface Recorded {
  readonly frames: number;
  /** Seconds of audio. */
  readonly audioSeconds: number;
  /** Frames that came faster than they could be written. */
  readonly droppedFrames: number;
  /** Milliseconds of audio that were lost in the same way. */
  readonly droppedAudioMs: number;
}

/** What a recorder reports. */
export interface RecorderEvents {
  /** It begins. */
  begun(member: string, video: string | undefined, hasAudio: boolean): void;
  /** So many members send besides the one that is recorded. */
  ignored(members: number): void;
}

/** A recorder. */
export class Recorder {
  /** Fulfilled when everything is recorded that is to be, or the member has left; rejected when it fails. */
  readonly over: Promise<void>;
  readonly #plan: ReceivePlan;
  readonly #events: RecorderEvents;
  readonly #done = Promise.withResolvers<void>();
  readonly #sheet: ContactSheet | undefined;
  readonly #ignored = new Set<string>();
  readonly #loops = new Map<SoraTrackKind, Promise<void>>();
  #member: string | undefined;
  #video: SoraVideoSink | undefined;
  #audio: SoraAudioStreamSink | undefined;
  #writer: Promise<MediaWriter> | undefined;
  #opened: MediaWriter | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #beganMs = 0;
  #frames = 0;
  #stopped = false;

  constructor(plan: ReceivePlan, events: RecorderEvents) {
    this.#plan = plan;
    this.#events = events;
    this.over = this.#done.promise;
    this.over.catch(() => {});
    this.#sheet = plan.isSheet ? new ContactSheet(plan.frames ?? 1) : undefined;
    if (plan.waitMs !== undefined) {
      const { connection: { channelId }, waitMs } = plan;
      const message = `nothing was received: nobody in channel ${channelId} sent anything for ${
        waitMs / 1_000
      } s`;
      this.#timer = setTimeout(() => this.#fail(new SoraError("TIMEOUT", message)), waitMs);
    }
  }

  /** Whether anything is recorded. */
  get hasBegun(): boolean {
    return this.#beganMs > 0;
  }

  /** What is recorded so far. */
  get recorded(): Recorded {
    const { sampleRate } = AUDIO;
    return {
      frames: this.#frames,
      audioSeconds: Number(((this.#opened?.samples ?? 0) / sampleRate).toFixed(2)),
      droppedFrames: this.#video?.dropped ?? 0,
      droppedAudioMs: Math.round((this.#audio?.dropped ?? 0) * 1_000 / sampleRate),
    };
  }

  /** Takes a track, if it is one of the member that is recorded. */
  readonly attach = (track: SoraMediaTrack): void => {
    const { kind, streamId } = track;
    if (this.#stopped || !this.#plan[kind]) return;
    this.#member ??= streamId;
    if (streamId !== this.#member) {
      if (this.#ignored.has(streamId)) return;
      this.#ignored.add(streamId);
      this.#events.ignored(this.#ignored.size);
      return;
    }
    // A second video of one member is none that anybody expects.
    if (this.#loops.has(kind)) return;
    const loop = kind === "video" ? this.#recordVideo(track) : this.#recordAudio(track);
    this.#loops.set(
      kind,
      loop.then(
        () => this.#loopEnded(kind),
        (error) => isBrokenPipe(error) ? this.#stop() : this.#fail(error),
      ),
    );
  };

  /** The member has left when none of its tracks is there any more. */
  #loopEnded(kind: SoraTrackKind): void {
    this.#loops.delete(kind);
    if (this.#loops.size === 0) this.#stop();
  }

  /** Nothing more is recorded. */
  #stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#video?.close();
    this.#audio?.close();
    this.#done.resolve();
  }

  #fail(error: unknown): void {
    this.#done.reject(error);
    this.#stop();
  }

  /** The times begin with the first item that is written. */
  #begin(size: { readonly width: number; readonly height: number } | undefined): void {
    this.#beganMs = performance.now();
    clearTimeout(this.#timer);
    const { durationMs } = this.#plan;
    if (durationMs !== undefined) this.#timer = setTimeout(() => this.#stop(), durationMs);
    const video = size && `${size.width}x${size.height}`;
    this.#events.begun(this.#member ?? "", video, this.#loops.has("audio"));
  }

  /** The writer; the first frame, or else the first audio, opens it. */
  async #open(
    size: { readonly width: number; readonly height: number } | undefined,
  ): Promise<MediaWriter> {
    if (this.#writer === undefined) {
      this.#begin(size);
      this.#writer = openOutput(this.#plan, size, this.#loops.has("audio"));
      this.#opened = await this.#writer;
    }
    return await this.#writer;
  }

  async #recordVideo(track: SoraMediaTrack): Promise<void> {
    const sink = this.#video = new SoraVideoSink(track, { depth: DEPTH });
    const clock = new SteadyClock();
    let pixels: Uint8Array<ArrayBuffer> | undefined;
    let dueMs = -Infinity;
    for await (const received of sink) {
      using frame = received;
      if (this.#stopped) break;
      const arrivalMs = performance.now();
      const { displayWidth: width, displayHeight: height } = frame;
      if (this.#sheet !== undefined) {
        if (arrivalMs < dueMs) continue;
        if (dueMs === -Infinity) this.#begin({ width, height });
        dueMs = Math.max(dueMs, arrivalMs - this.#plan.everyMs) + this.#plan.everyMs;
        pixels = frame.data("RGB", { upright: true, reuse: pixels });
        this.#sheet.add(pixels, width, height);
      } else {
        const writer = await this.#open({ width, height });
        // Audio came long before it, and is recorded alone.
        if (writer.video === undefined) break;
        pixels = frame.data("I420", { upright: true, reuse: pixels });
        const timestampMs = clock.next(frame.timestampUs / 1_000, arrivalMs - this.#beganMs);
        await writer.writeVideo({ data: pixels, width, height, timestampMs });
      }
      this.#frames++;
      if (this.#frames === this.#plan.frames) this.#stop();
    }
  }

  async #recordAudio(track: SoraMediaTrack): Promise<void> {
    const sink = this.#audio = new SoraAudioStreamSink(track, AUDIO);
    const clock = new SteadyClock();
    const waitedFromMs = performance.now();
    let samples = 0;
    for await (const { samples: data, samplesPerChannel } of sink) {
      if (this.#stopped) break;
      const arrivalMs = performance.now();
      const isAlone = !this.#loops.has("video") || arrivalMs - waitedFromMs > PATIENCE_MS;
      if (this.#writer === undefined && !isAlone) continue;
      const writer = await this.#open(undefined);
      if (writer.audio === undefined) break;
      const ownMs = samples * 1_000 / AUDIO.sampleRate;
      const timestampMs = clock.next(ownMs, Math.max(0, arrivalMs - this.#beganMs));
      samples += samplesPerChannel;
      await writer.writeAudio({ samples: data, timestampMs });
    }
  }

  /** Stops, and finishes the file; `aborted` ends that at once. */
  async finish(aborted: Promise<void>): Promise<void> {
    this.#stop();
    const loops = Promise.all(this.#loops.values());
    await Promise.race([loops, aborted]);
    const { output } = this.#plan;
    if (this.#sheet !== undefined) {
      if (typeof output === "string" && this.#frames > 0) await this.#sheet.write(output);
      return;
    }
    const writer = await this.#writer?.catch(() => undefined);
    if (writer === undefined) return;
    const closed = writer.close().catch((error) => {
      if (!isBrokenPipe(error)) throw error;
    });
    const isClosed = await Promise.race([closed.then(() => true), aborted.then(() => false)]);
    if (!isClosed) await writer.abort();
  }
}
