/**
 * A member that connects with the official browser SDK, and all that happens to it.
 *
 * @module
 */

import Sora, { type ConnectionBase, type ConnectionOptions, type JSONType } from "sora-js-sdk";
import type { Happened, JoinOptions, Reception } from "./api.ts";
import { Receiving } from "./receiving.ts";
import { sendFrames, type Sending, sendTones } from "./sending.ts";

type Connection = ConnectionBase & { connect(stream?: MediaStream): Promise<unknown> };
type Writable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** A member of a channel. */
export class Member {
  readonly happened: Writable<Omit<Happened, "streams">> = {
    signaling: [],
    notify: [],
    push: [],
    switched: [],
    channels: [],
    messages: [],
    ends: [],
  };
  readonly #connection: Connection;
  readonly #sending: Sending[] = [];
  readonly #received = new Map<string, Receiving>();
  readonly #connected: Promise<unknown>;

  constructor(context: AudioContext, options: JoinOptions) {
    const { urls, role, channelId, metadata, frame, tones } = options;
    if (frame !== undefined) this.#sending.push(sendFrames(frame));
    if (tones !== undefined) this.#sending.push(sendTones(context, tones));
    const sora = Sora.connection([...urls]);
    const sdkOptions = options.options as ConnectionOptions | undefined;
    const connection = sora[role](channelId, metadata as JSONType, {
      audio: role === "recvonly" || tones !== undefined,
      video: role === "recvonly" || frame !== undefined,
      ...sdkOptions,
    });
    this.#connection = connection as Connection;
    this.#connected = new Promise((resolve) => connection.on("connected", resolve));
    this.#record(context);
  }

  get id(): string {
    return this.#connection.connectionId ?? "";
  }

  get connection(): ConnectionBase {
    return this.#connection;
  }

  /** Stream ids of members whose tracks are there. */
  get streams(): string[] {
    return [...this.#received].filter(([, { active }]) => active).map(([id]) => id);
  }

  /** Connects, and waits until the SDK reports it connected. */
  async connect(): Promise<void> {
    const tracks = this.#sending.map(({ track }) => track);
    await this.#connection.connect(...(tracks.length > 0 ? [new MediaStream(tracks)] : []));
    await this.#connected;
  }

  received(from: string): Reception {
    return this.#received.get(from)?.reception ?? { frames: 0, last: [], tones: [] };
  }

  /** Disconnects and ends what it sends and reads. */
  async close(): Promise<void> {
    await this.#connection.disconnect();
    for (const one of this.#sending) one.stop();
    for (const one of this.#received.values()) one.remove();
  }

  #record(context: AudioContext): void {
    const { happened } = this;
    const connection = this.#connection;
    connection.on("signaling", ({ transportType, type }) => {
      happened.signaling.push(`${transportType} ${type}`);
    });
    connection.on("notify", (message) => happened.notify.push({ ...message }));
    connection.on("push", ({ data }) => happened.push.push(data));
    connection.on("switched", ({ ignore_disconnect_websocket }) => {
      happened.switched.push(ignore_disconnect_websocket);
    });
    connection.on("datachannel", ({ datachannel }) => happened.channels.push(datachannel.label));
    connection.on("message", ({ label, data }) => {
      happened.messages.push({ label, base64: btoa(String.fromCharCode(...new Uint8Array(data))) });
    });
    connection.on("disconnect", ({ type, title, code, reason }) => {
      happened.ends.push({
        type,
        title,
        ...(code === undefined ? {} : { code }),
        ...(reason === undefined ? {} : { reason }),
      });
    });
    connection.on("track", ({ track, streams }) => {
      const [stream] = streams;
      if (stream === undefined) return;
      const receiving = this.#received.get(stream.id) ?? new Receiving(context);
      this.#received.set(stream.id, receiving);
      receiving.add(track);
    });
    connection.on("removetrack", ({ track, target }) => {
      this.#received.get((target as MediaStream).id)?.remove(track);
    });
  }
}
