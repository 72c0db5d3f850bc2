/** The SCTP streams of a connection's data channels, and which are open (RFC 8831, 6.4 to 6.7). */
import type { DataChannelSettings } from "./data_channel_settings.ts";

export interface DataChannelStream {
  readonly settings: DataChannelSettings;
  readonly streamId: number;
  readonly state: "opening" | "open" | "closing" | "closed";
}

interface MutableStream extends DataChannelStream {
  state: DataChannelStream["state"];
}

/** Whether messages can be sent and received. */
export function isUsable({ state }: DataChannelStream): boolean {
  return state === "opening" || state === "open";
}

/** Whether a data channel promises delivery, so that its sender waits where others lose messages. */
export function isReliable({ maxRetransmits, maxPacketLifeTime }: DataChannelSettings): boolean {
  return maxRetransmits === undefined && maxPacketLifeTime === undefined;
}

export class DataChannelStreams {
  readonly #byId = new Map<number, MutableStream>();
  readonly #byLabel = new Map<string, MutableStream>();
  #allOpened = false;

  constructor(settings: readonly DataChannelSettings[]) {
    settings.forEach((settings, index) => {
      // The DTLS server uses odd stream ids (RFC 8832, 6).
      const streamId = index * 2 + 1;
      const stream: MutableStream = { settings, streamId, state: "opening" };
      this.#byId.set(streamId, stream);
      this.#byLabel.set(settings.label, stream);
    });
  }

  all(): Iterable<DataChannelStream> {
    return this.#byId.values();
  }

  ofId(streamId: number): DataChannelStream | undefined {
    return this.#byId.get(streamId);
  }

  ofLabel(label: string): DataChannelStream | undefined {
    return this.#byLabel.get(label);
  }

  /** The client has opened its side. Returns true once: when that was the last one. */
  open({ streamId }: DataChannelStream): boolean {
    const stream = this.#byId.get(streamId);
    if (stream?.state !== "opening") return false;
    stream.state = "open";
    if (this.#allOpened || [...this.#byId.values()].some((one) => one.state === "opening")) {
      return false;
    }
    this.#allOpened = true;
    return true;
  }

  /** Closes all that are usable, and returns their ids, to be reset. */
  close(): number[] {
    const usable = [...this.#byId.values()].filter(isUsable);
    for (const stream of usable) stream.state = "closing";
    return usable.map(({ streamId }) => streamId);
  }

  /**
   * The client has reset its side of these streams. Returns those of which this side is still to be
   * reset: until then the client does not believe that the data channel is closed (RFC 8831, 6.7).
   */
  onReset(streamIds: readonly number[]): number[] {
    const open: number[] = [];
    for (const streamId of streamIds) {
      const stream = this.#byId.get(streamId);
      if (stream === undefined || stream.state === "closed") continue;
      if (isUsable(stream)) open.push(streamId);
      stream.state = "closed";
    }
    return open;
  }

  /** Whether every data channel is closed, both ways. */
  get allClosed(): boolean {
    return [...this.#byId.values()].every(({ state }) => state === "closed");
  }
}
