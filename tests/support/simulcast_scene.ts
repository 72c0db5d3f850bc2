/**
 * A sender of three layers and a receiver of one of them, through the embedded server.
 *
 * @module
 */

import assert from "node:assert/strict";
import type {
  NotifySimulcastSwitched,
  SimulcastRid,
  Sora,
  SoraConnectionOptions,
  SoraOutboundRtpStats,
  SoraVideoFrame,
} from "../../mod.ts";
import { eventually, within } from "./eventually.ts";
import { type FrameStyle, readNumber } from "./frame.ts";
import { MediaClient } from "./media_client.ts";
import { videoRtpOf } from "./statistics.ts";

/** What is sent: of a size that has three layers (section 7.1 of Sora's documentation). */
export const SENT: FrameStyle = { width: 1280, height: 720, turn: 0 };

/** Sizes of the layers of those frames. */
export const SIZES: Readonly<Record<SimulcastRid, string>> = {
  r0: "320x180",
  r1: "640x360",
  r2: "1280x720",
};

/** How long a layer may take on a busy machine. */
const PATIENCE_MS = 20_000;

/** Numbers of frames start anew after this one. */
const NUMBERS = 4_096;

/** A frame as it was received. */
interface Seen {
  readonly size: string;
  readonly number: number;
}

function look(frame: SoraVideoFrame): Seen {
  const { width, height } = frame;
  const pixels = new Uint8Array(width * height * 3);
  frame.copyTo(pixels, { format: "BGR" });
  return { size: `${width}x${height}`, number: readNumber({ width, height, turn: 0 }, pixels) };
}

export class SimulcastScene implements AsyncDisposable {
  readonly sender: MediaClient;
  readonly receiver: MediaClient;
  /** The changes that the receiver was notified of. */
  readonly switches: NotifySimulcastSwitched[] = [];
  /** Sizes of all received frames, each as often as it began. */
  readonly sizes: string[] = [];
  #last: Seen | undefined;
  #frames = 0;
  /** Key frames that the decoder had asked for before the first layer was there: it does when one takes long. */
  #firstRequests = 0;
  /** Steps that are wrong, from the number of one received frame to that of the next one. */
  readonly #wrongSteps: number[] = [];

  /** @param sora is shared by both clients when given */
  constructor(
    url: string,
    options: Partial<SoraConnectionOptions>,
    frame: FrameStyle = SENT,
    sora?: Sora,
    receiving: Partial<SoraConnectionOptions> = {},
  ) {
    const room = {
      signalingUrls: [url],
      channelId: "simulcast",
      dataChannelSignaling: true,
      simulcast: true,
      audio: false,
    };
    this.sender = new MediaClient(
      { ...room, videoBitRate: 2_500, ...options, role: "sendonly" },
      { frame },
      sora,
    );
    const receiver = this.receiver = new MediaClient(
      { ...room, ...receiving, role: "recvonly" },
      {},
      sora,
    );
    receiver.connection.onNotify = (message) => {
      if (message.event_type === "simulcast.switched") this.switches.push(message);
    };
  }

  /** Connects both, and looks at what is received from now on. */
  async connect(): Promise<this> {
    const switched = Promise.withResolvers<void>();
    this.receiver.connection.onSwitched = () => switched.resolve();
    await this.receiver.connect();
    await this.sender.connect();
    const { video } = await this.receiver.from(this.sender, 1);
    await within("switched", switched.promise);
    video.onFrame = (frame) => {
      const seen = look(frame);
      frame.close();
      const last = this.#last;
      const isSwitch = last?.size !== seen.size;
      const step = last === undefined ? 1 : (seen.number - last.number + NUMBERS) % NUMBERS;
      // The first frame of a layer may be the last one of the layer before once more.
      if (step > NUMBERS / 2) this.#wrongSteps.push(step);
      if (isSwitch) this.sizes.push(seen.size);
      this.#last = seen;
      this.#frames++;
    };
    return this;
  }

  /** Calls RequestSimulcastRid as the receiver. */
  request(rid: SimulcastRid | "none"): Promise<unknown> {
    return this.receiver.connection.rpc("2025.2.0/RequestSimulcastRid", { rid });
  }

  /** Resolves when frames of that size come. */
  async receives(size: string): Promise<void> {
    const before = this.#frames;
    await eventually(
      `ten frames, the last of ${size}`,
      () => this.#frames >= before + 10 && this.#last?.size === size,
      PATIENCE_MS,
    );
    if (this.sizes.length > 1) return;
    const { pliCount = 0 } = await videoRtpOf(this.receiver.connection, "inbound-rtp");
    this.#firstRequests = pliCount;
  }

  /** Frames received so far. */
  get frames(): number {
    return this.#frames;
  }

  /** The layer that the sender sends under a rid, in its statistics. */
  async outbound(rid: SimulcastRid): Promise<SoraOutboundRtpStats> {
    const stats = await this.sender.connection.getStats();
    const found = stats.find((one): one is SoraOutboundRtpStats =>
      one.type === "outbound-rtp" && one.rid === rid
    );
    assert.ok(found, `${rid} is in the statistics`);
    return found;
  }

  /** Every frame could be decoded and came in its order. */
  async assertFlawless(): Promise<void> {
    const { connection } = this.receiver;
    const { framesReceived = 0, pliCount = 0, nackCount, packetsLost } = await within(
      "statistics",
      videoRtpOf(connection, "inbound-rtp"),
    );
    // A busy machine loses a packet now and then, which is no fault of a switch.
    if (nackCount === 0 && packetsLost === 0) {
      assert.equal(pliCount, this.#firstRequests, "the decoder asks for no key frame");
    }
    await eventually(`${framesReceived} decoded frames`, async () => {
      const { framesDecoded = 0, framesDropped = 0 } = await videoRtpOf(connection, "inbound-rtp");
      return framesDecoded + framesDropped >= framesReceived;
    });
    this.assertOrder();
  }

  /** Frames came in their order, and nothing went wrong. */
  assertOrder(): void {
    assert.deepEqual(this.#wrongSteps, [], "no frame comes after a later one");
    assert.deepEqual([...this.sender.errors, ...this.receiver.errors], []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.receiver[Symbol.asyncDispose]();
    await this.sender[Symbol.asyncDispose]();
  }
}
