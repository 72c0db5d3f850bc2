// A receiver whose path carries less than a video that has temporal layers and no smaller one: it gets fewer frames, all of which can
// be decoded, and all of them again once there is room.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { BusyFrames } from "../support/busy_frames.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient } from "../support/media_client.ts";
import { rowsHere } from "../support/smoke.ts";
import { videoRtpOf } from "../support/statistics.ts";
import { ThinPath } from "../support/thin_path.ts";

const SECRET = "secret of a test";
const PATIENCE_MS = 20_000;

/** Share of what is sent that the path carries: some 50 to 60 % are of the lower layer. */
const CARRIED = 0.75;

const layer = (rid: string, active: boolean) => ({
  rid,
  active,
  scaleResolutionDownBy: 1,
  scalabilityMode: "L1T2",
});

/** Frames of two receivers. */
class Shares {
  readonly counts = [0, 0];
  #since = [0, 0];

  async add(place: number, client: MediaClient, sender: MediaClient): Promise<void> {
    const { video } = await client.from(sender, 1);
    video.onFrame = (frame) => {
      this.counts[place]!++;
      frame.close();
    };
  }

  /** Waits until the first one gets a share of the frames of the second one, over 24 of those. */
  async between(least: number, most: number): Promise<void> {
    this.#since = [...this.counts];
    await eventually(`${least} to ${most} of the frames`, () => {
      const [first, second] = this.counts.map((count, i) => count - this.#since[i]!);
      if (second! < 24) return false;
      const share = first! / second!;
      this.#since = [...this.counts];
      return share >= least && share <= most;
    }, PATIENCE_MS);
  }
}

const codecs = ["VP8", "VP9", "AV1"] as const;
for (const videoCodecType of rowsHere("deno", codecs, (one) => one === "VP8")) {
  test(`a receiver whose path carries too little gets half of the frames of ${videoCodecType} in L1T2`, async () => {
    await using server = await SoraServer.start({ secret: SECRET });
    await using path = await ThinPath.start(server.url);
    const room = { channelId: "thinned", audio: false };
    const encodings = ["r0", "r1", "r2"].map((rid) => layer(rid, rid === "r0"));
    const claims = { simulcast: true, simulcast_encodings: encodings };
    await using sender = new MediaClient({
      ...room,
      signalingUrls: [server.url],
      role: "sendonly",
      metadata: { access_token: accessToken(claims, SECRET) },
      videoCodecType,
      videoBitRate: 700,
      degradationPreference: "MAINTAIN_RESOLUTION",
    }, { frame: new BusyFrames(640, 360) });
    const receiving = {
      ...room,
      role: "recvonly",
      simulcast: true,
      metadata: { access_token: accessToken({}, SECRET) },
    } as const;
    await using thin = new MediaClient({ ...receiving, signalingUrls: [path.url] });
    await using free = new MediaClient({ ...receiving, signalingUrls: [server.url] });
    await sender.connect();
    await Promise.all([thin.connect(), free.connect()]);
    const shares = new Shares();
    await shares.add(0, thin, sender);
    await shares.add(1, free, sender);
    await shares.between(0.9, 1.1);
    const [bytes, atMs] = [path.bytes, performance.now()];
    await shares.between(0.9, 1.1);
    path.limits.kbps = CARRIED * (path.bytes - bytes) * 8 / (performance.now() - atMs);
    await shares.between(0.4, 0.65);
    // What is left has no gaps: nothing is asked for again, once what had been lost is there.
    const before = await videoRtpOf(thin.connection, "inbound-rtp");
    await shares.between(0.4, 0.65);
    const { framesDecoded = 0 } = await videoRtpOf(thin.connection, "inbound-rtp");
    assert.ok(framesDecoded > (before.framesDecoded ?? 0));
    delete path.limits.kbps;
    await shares.between(0.9, 1.1);
    assert.deepEqual([...sender.errors, ...thin.errors, ...free.errors], []);
  });
}
