/**
 * Members of a channel whose packets are authentic and make no sense, in the row `media`.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Mutator } from "../../support/mutations.ts";
import { RawClient } from "../../support/raw_client.ts";
import { TestClient } from "../../support/sfu_client.ts";
import { wildChunks } from "./wild_chunks.ts";

/** One of them. */
export interface Intruder extends AsyncDisposable {
  /** How many packets it sent. */
  readonly sent: number;
  /** Sends one more. */
  send(): void | Promise<void>;
}

const KEPT = 64;
const LARGEST = 1_200;
const CHANNEL = "media";

/** Sends what others send again, changed: RTP whose payloads make no sense. */
export class Mimic implements Intruder {
  sent = 0;
  readonly #client: TestClient;
  readonly #mutator: Mutator;
  readonly #payloads: Buffer[] = [];
  #timestamp = 0;

  private constructor(client: TestClient, mutator: Mutator) {
    this.#client = client;
    this.#mutator = mutator;
  }

  static async join(url: string, codec: string, mutator: Mutator): Promise<Mimic> {
    const room = { role: "sendrecv", channel_id: CHANNEL, video: { codec_type: codec } };
    return new Mimic(await TestClient.join(url, room), mutator);
  }

  /** Once it has heard some. */
  send(): void {
    const { packets } = this.#client;
    for (const { kind, payload } of packets.splice(0)) {
      if (kind === "video") this.#payloads[this.#mutator.integer(KEPT)] = payload;
    }
    const heard = this.#payloads.filter((payload) => payload !== undefined);
    if (heard.length === 0) return;
    const payload = this.#mutator.bytes(heard).subarray(0, LARGEST);
    // Several packets of a frame have the same.
    if (this.#mutator.once(3)) this.#timestamp = (this.#timestamp + 3_000) >>> 0;
    this.#client.sendRtp("video", payload, this.#timestamp);
    this.sent++;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client.cut();
  }
}

/** Sends SCTP that makes no sense, some of it messages that the others get. The server may end its association: then it joins again. */
export class Chunker implements Intruder {
  sent = 0;
  readonly #url: string;
  readonly #mutator: Mutator;
  #client: RawClient | undefined;

  private constructor(url: string, mutator: Mutator) {
    this.#url = url;
    this.#mutator = mutator;
  }

  static async join(url: string, _codec: string, mutator: Mutator): Promise<Chunker> {
    const chunker = new Chunker(url, mutator);
    await chunker.#join();
    return chunker;
  }

  async #join(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    this.#client = await RawClient.associated(this.#url, {
      channel_id: CHANNEL,
      audio: false,
      video: false,
      data_channels: [{ label: "#chat", direction: "sendrecv" }],
    });
  }

  async send(): Promise<void> {
    const { association, closed } = this.#client!;
    if (closed !== undefined || association!.aborted) return await this.#join();
    association!.send(...wildChunks(association!, this.#mutator));
    this.sent++;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
  }
}
