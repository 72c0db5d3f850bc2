/**
 * A receiver behind a path that carries less, loses or delays: what it gets, and how soon.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";
import { SoraServer } from "../sfu/mod.ts";
import { BusyFrames } from "../tests/support/busy_frames.ts";
import { eventually } from "../tests/support/eventually.ts";
import { MediaClient } from "../tests/support/media_client.ts";
import { ThinPath } from "../tests/support/thin_path.ts";
import type { Benchmark, Measurement } from "./measurement.ts";

const PATIENCE_MS = 30_000;
/** How long what is limited is watched. */
const WATCHED_MS = 15_000;
const LIMIT_KBPS = 600;

/** What a receiver has got. */
class Watched {
  frames = 0;
  /** Longest time between two frames since the last {@linkcode reset}, in ms. */
  gapMs = 0;
  /** Sizes of frames, each with the time when it began. */
  readonly sizes: [size: string, atMs: number][] = [];
  #lastMs = 0;

  static async of(client: MediaClient, sender: MediaClient): Promise<Watched> {
    const watched = new Watched();
    const { video } = await client.from(sender, 2);
    video.onFrame = (frame) => {
      watched.#take(`${frame.width}x${frame.height}`);
      frame.close();
    };
    return watched;
  }

  get size(): string | undefined {
    return this.sizes.at(-1)?.[0];
  }

  reset(): void {
    this.frames = this.gapMs = 0;
    this.#lastMs = performance.now();
  }

  #take(size: string): void {
    const nowMs = performance.now();
    if (this.#lastMs > 0) this.gapMs = Math.max(this.gapMs, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    this.frames++;
    if (this.size !== size) this.sizes.push([size, nowMs]);
  }
}

/** A sender of 720p, a receiver behind a path and one without. */
class Scene implements AsyncDisposable {
  readonly server: SoraServer;
  readonly path: ThinPath;
  readonly sender: MediaClient;
  readonly thin: MediaClient;
  readonly free: MediaClient;

  private constructor(server: SoraServer, path: ThinPath, simulcast: boolean) {
    this.server = server;
    this.path = path;
    const room = { channelId: "downlink", simulcast };
    const receiving = { ...room, role: "recvonly" } as const;
    const rid = simulcast ? { simulcastRequestRid: "r2" } as const : {};
    this.sender = new MediaClient({
      ...room,
      role: "sendonly",
      signalingUrls: [server.url],
      videoCodecType: "VP8",
      videoBitRate: simulcast ? 2500 : 1000,
      degradationPreference: "MAINTAIN_RESOLUTION",
    }, { frame: new BusyFrames(simulcast ? 1280 : 640, simulcast ? 720 : 360), toneHz: 440 });
    this.thin = new MediaClient({ ...receiving, ...rid, signalingUrls: [path.url] });
    this.free = new MediaClient({ ...receiving, ...rid, signalingUrls: [server.url] });
  }

  static async open(simulcast: boolean): Promise<Scene> {
    const server = await SoraServer.start();
    const scene = new Scene(server, await ThinPath.start(server.url), simulcast);
    await scene.sender.connect();
    await Promise.all([scene.thin.connect(), scene.free.connect()]);
    return scene;
  }

  /** The rid that the receiver behind the path gets. */
  get rid(): string | undefined {
    const { connectionId } = this.thin.connection;
    return this.server.connections().find((one) => one.connectionId === connectionId)
      ?.subscriptions.find(({ kind }) => kind === "video")?.rid;
  }

  /** Connections that ended. */
  get disconnects(): number {
    return [this.sender, this.thin, this.free].reduce((n, one) => n + one.disconnects.length, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of [this.thin, this.free, this.sender]) await client[Symbol.asyncDispose]();
    await this.path[Symbol.asyncDispose]();
    await this.server.close();
  }
}

const figure = (
  name: string,
  value: number,
  unit: Measurement["unit"],
  reach: Measurement["reach"],
  limit: number,
): Measurement => ({
  name,
  value,
  unit,
  limit,
  limitIs: "what is asked for",
  ...(reach === undefined ? {} : { reach }),
});

/** A path that carries 600 kbit/s for a while. */
export const thinDownlink: Benchmark = {
  name: "downlink of 600 kbit/s",
  async *run() {
    await using scene = await Scene.open(true);
    const { path, thin, free, sender } = scene;
    const [atThin, atFree] = [await Watched.of(thin, sender), await Watched.of(free, sender)];
    await eventually(
      "the largest layer",
      () => atThin.frames > 60 && scene.rid === "r2",
      PATIENCE_MS,
    );
    await sleep(3000);
    atThin.reset();
    atFree.reset();
    const before = atThin.sizes.length;
    const limitedAt = performance.now();
    path.limits.kbps = LIMIT_KBPS;
    await sleep(WATCHED_MS);
    // Of a layer that was left again, the last return counts.
    const switches = atThin.sizes.slice(before);
    const steadyAt = switches.at(-1)?.[1] ?? Infinity;
    const what = `receiver limited to ${LIMIT_KBPS} kbit/s`;
    yield figure(`${what}: steady layer after`, steadyAt - limitedAt, "ms", { value: 4000 }, 4000);
    yield figure(`${what}: longest freeze`, atThin.gapMs, "ms", { value: 500 }, 500);
    yield figure(`${what}: longest freeze of another`, atFree.gapMs, "ms", undefined, 500);
    atThin.reset();
    const freedAt = performance.now();
    delete path.limits.kbps;
    await eventually("the largest layer again", () => scene.rid === "r2", PATIENCE_MS);
    yield figure(
      `${what}: at the top after its end`,
      performance.now() - freedAt,
      "ms",
      { value: 8000 },
      8000,
    );
  },
};

/** Samples of audio that were received, and those of them that were made up. */
async function audioOf({ connection }: MediaClient): Promise<[total: number, concealed: number]> {
  for (const one of await connection.getStats()) {
    if (one.type !== "inbound-rtp" || one.kind !== "audio") continue;
    return [one.totalSamplesReceived ?? 0, one.concealedSamples ?? 0];
  }
  return [0, 0];
}

/** A path that loses and delays at random. */
export const lossyDownlink: Benchmark = {
  name: "downlink with loss",
  async *run() {
    await using scene = await Scene.open(false);
    const { path, thin, sender } = scene;
    const seen = await Watched.of(thin, sender);
    await eventually("frames", () => seen.frames > 60, PATIENCE_MS);
    Object.assign(path.limits, { loss: 0.05, delayMs: 50, jitterMs: 30 });
    await sleep(2000);
    seen.reset();
    const [total, concealed] = await audioOf(thin);
    const startedAt = performance.now();
    await sleep(WATCHED_MS);
    const fps = seen.frames * 1000 / (performance.now() - startedAt);
    const [totalNow, concealedNow] = await audioOf(thin);
    const what = "5 % loss, 50 ms delay, 30 ms jitter";
    yield figure(`${what}: frames`, fps, "frames/s", { least: 27 }, 27);
    const share = (concealedNow - concealed) / (totalNow - total) * 100;
    yield figure(`${what}: audio that is made up`, share, "%", { value: 8 }, 8);

    Object.assign(path.limits, { loss: 0, delayMs: 0, jitterMs: 0 });
    await sleep(3000);
    const rate = async (ms: number) => {
      const { bytes } = path;
      await sleep(ms);
      return (path.bytes - bytes) * 8 / ms;
    };
    const usual = await rate(3000);
    path.limits.loss = 0.2;
    await sleep(10_000);
    path.limits.loss = 0;
    await sleep(7000);
    const share2 = await rate(3000) / usual * 100;
    yield figure("bit rate 10 s after 20 % loss for 10 s", share2, "%", { least: 90 }, 90);
    yield figure("connections that 20 % loss ended", scene.disconnects, "left", { value: 0 }, 1);
  },
};
