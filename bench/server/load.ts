/**
 * Many clients of a server: their media and data channels are those of `csrc/bench/load`, their signaling is done here.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { ON_LOAD_CORE } from "./cores.ts";
import {
  LEVEL_EXTENSION,
  MID_EXTENSION,
  type Offer,
  readOffer,
  RID_EXTENSION,
  SEQUENCE_EXTENSION,
  writeAnswer,
} from "./offer.ts";
import { type Line, Program } from "./program.ts";

/** The program of the load, which `zig build bench` has built. */
export const LOAD: string = fileURLToPath(
  new URL("../../zig-out/bin/sora_ffi_load", import.meta.url),
);

/** What all clients have sent and received, see `csrc/bench/load/load.h`. */
export interface Tally {
  /** Packets of video that were sent. */
  readonly sent: number;
  /** Packets of video that were received. */
  readonly received: number;
  /** Messages that were received. */
  readonly messages: number;
  /** Their bytes. */
  readonly bytes: number;
  /** From the first of them to the last. */
  readonly messageSeconds: number;
  /** Microseconds from sending to receiving: the median. */
  readonly p50Us: number;
  /** Of all but 5 %. */
  readonly p95Us: number;
  /** Processor time of the load. */
  readonly cpuMs: number;
}

/** A client. */
export interface Member {
  /** Its number. */
  readonly id: number;
  /** The offer that it answered. */
  readonly offer: Offer;
  /** The SSRC of the video that it may send. */
  readonly ssrc: number;
  /** Disconnects; resolves when the server has closed the WebSocket. */
  leave(): Promise<void>;
}

/** How a client joins. */
export interface Joining {
  /** The rest of its `connect`. */
  readonly connect: Readonly<Record<string, unknown>>;
  /** What its path is like. */
  readonly path?: { readonly loss: number; readonly delayMs: number; readonly seed: number };
  /** Labels of data channels that it waits for. */
  readonly labels?: readonly string[];
  /** The layers that it sends besides audio, by {@linkcode Load.stream}; without them it sends video alone. */
  readonly rids?: readonly string[];
}

/** A stream of a constant rate. */
export interface Stream {
  /** What it is. */
  readonly kind: "audio" | "video";
  /** The layer of video. */
  readonly rid?: string;
  /** The level of audio in -dBov. */
  readonly level?: number;
  /** Bytes of a packet. */
  readonly bytes: number;
  /** Packets of a frame; one by default. */
  readonly packets?: number;
  /** Time between two frames. */
  readonly intervalMs: number;
  /** When it begins. */
  readonly phaseMs: number;
}

/** How far the SSRCs of audio and of layers are from a member's own. */
const AUDIO_SSRCS = 1_000_000;
const LAYER_SSRCS = 2_000_000;

/** Clients in one process, on a core of their own. */
export class Load implements AsyncDisposable {
  readonly #program: Program;
  readonly #sockets = new Set<WebSocket>();
  /** What waits for an event of a client, by `EVENT ID LABEL`. */
  readonly #awaited = new Map<string, () => void>();
  #fingerprint = "";
  #ids = 0;
  /** Why clients have ended that did not leave. */
  readonly failures: string[] = [];
  readonly #left = new Set<number>();

  private constructor(words: readonly string[]) {
    this.#program = new Program(words, (line) => this.#onLine(line));
  }

  /** Starts the process; it may use all cores unless `alone`. */
  static async start(alone = true): Promise<Load> {
    const load = new Load([...(alone ? ON_LOAD_CORE : []), LOAD]);
    load.#fingerprint = String((await load.#program.line("fingerprint"))["fingerprint"]);
    return load;
  }

  /** Joins a channel and waits until the transport is up. */
  async join(url: string, { connect, path, labels = [], rids }: Joining): Promise<Member> {
    const id = ++this.#ids;
    const ssrc = 1_000_000 + id;
    const own = { ufrag: `load${id}`, fingerprint: this.#fingerprint };
    const socket = new WebSocket(url, { perMessageDeflate: false });
    this.#sockets.add(socket);
    const up = ["connected", "created", ...labels.map((label) => `channel ${label}`)]
      .map((event) => this.#event(`${id} ${event}`));
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    let offer: Offer | undefined;
    let left = false;
    const send = (message: object) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    };
    const sends = connect["role"] !== "recvonly";
    const sending = rids !== undefined
      ? { rids, audio: ssrc + AUDIO_SSRCS }
      : sends
      ? { video: ssrc }
      : {};
    socket.once("open", () => send({ type: "connect", sora_client: "load", ...connect }));
    socket.on("message", (data: { toString(): string }) => {
      const text = data.toString();
      // With many members most messages are about others.
      if (text.includes('"type":"notify"') && !text.includes('"connection.created"')) return;
      const message = JSON.parse(text) as Record<string, unknown>;
      if (message["type"] === "offer") {
        offer = readOffer(String(message["sdp"]));
        const { host, port, ufrag, password, fingerprint } = offer;
        send({ type: "answer", sdp: writeAnswer(offer, own, sending) });
        const server = { host, port, ufrag, password, fingerprint };
        this.#program.tell({ do: "client", id, ...server, localUfrag: own.ufrag, ...path });
      } else if (message["type"] === "re-offer") {
        const sdp = writeAnswer(readOffer(String(message["sdp"])), own, sending);
        send({ type: "re-answer", sdp });
      } else if (message["type"] === "ping") {
        send({ type: "pong" });
      } else if (message["event_type"] === "connection.created") {
        this.#occurred(`${id} created`);
      }
    });
    socket.on("error", () => {});
    socket.once("close", (code: number, reason: { toString(): string }) => {
      this.#sockets.delete(socket);
      if (!left) this.failures.push(`the server closed with ${code} ${reason}`);
    });
    await Promise.all(up);
    return {
      id,
      offer: offer!,
      ssrc,
      leave: async () => {
        left = true;
        this.#left.add(id);
        send({ type: "disconnect", reason: "NO-ERROR" });
        await closed;
        this.#program.tell({ do: "close", id });
      },
    };
  }

  /** Sends video from now on; `phaseMs` later than the first. */
  publish({ id, offer, ssrc }: Member, phaseMs = 0): void {
    const section = offer.sections.find((one) =>
      one.kind === "video" && one.direction === "recvonly"
    );
    if (section === undefined) {
      throw new Error("The offer must have video that the server receives");
    }
    this.#program.tell({
      do: "publish",
      id,
      ssrc,
      payloadType: section.payloadType,
      mid: section.mid,
      midExtension: section.extensions.get(MID_EXTENSION) ?? 0,
      sequenceExtension: section.extensions.get(SEQUENCE_EXTENSION) ?? 0,
      phaseMs,
    });
  }

  /** Sends a stream from now on, besides the others. */
  stream({ id, offer, ssrc }: Member, stream: Stream): void {
    const { kind, rid } = stream;
    const section = offer.sections.find((one) => one.kind === kind && one.direction === "recvonly");
    if (section === undefined) throw new Error(`The offer must have ${kind} that it receives`);
    const extension = (uri: string) => section.extensions.get(uri) ?? 0;
    this.#program.tell({
      do: "stream",
      id,
      ...stream,
      ssrc: kind === "audio" ? ssrc + AUDIO_SSRCS : ssrc + LAYER_SSRCS * (1 + Number(rid?.at(-1))),
      payloadType: section.payloadType,
      clockRate: kind === "audio" ? 48_000 : 90_000,
      video: kind === "video",
      mid: section.mid,
      midExtension: extension(MID_EXTENSION),
      ridExtension: rid === undefined ? 0 : extension(RID_EXTENSION),
      levelExtension: kind === "audio" ? extension(LEVEL_EXTENSION) : 0,
      sequenceExtension: extension(SEQUENCE_EXTENSION),
    });
  }

  /** Counts the video that comes from now on. */
  subscribe({ id, offer }: Member): void {
    const section = offer.sections.find((one) => one.kind === "video");
    this.#program.tell({ do: "subscribe", id, payloadType: section?.payloadType });
  }

  /** Sends messages; `rate` a second, or as many as there is room for. */
  sendMessages(
    { id }: Member,
    label: string,
    { count, size, rate = 0 }: {
      readonly count: number;
      readonly size: number;
      readonly rate?: number;
    },
  ): void {
    this.#program.tell({ do: "messages", id, label, count, size, rate });
  }

  /** Sends nothing more. */
  stop({ id }: Member): void {
    this.#program.tell({ do: "stop", id });
  }

  /** What all have sent and received since the last reset. */
  async tally(reset = false): Promise<Tally> {
    const line = this.#program.next((line) => line["event"] === "stats");
    this.#program.tell({ do: "stats", reset });
    return await line as unknown as Tally;
  }

  /** Ends all clients at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) {
      socket.removeAllListeners("close");
      socket.terminate();
    }
    await this.#program[Symbol.asyncDispose]();
  }

  #event(key: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#awaited.delete(key);
        reject(
          new Error(
            `A client of the load must come to "${key}"; ended: ${this.failures.join("; ")}`,
          ),
        );
      }, 20_000);
      this.#awaited.set(key, () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #occurred(key: string): void {
    this.#awaited.get(key)?.();
    this.#awaited.delete(key);
  }

  #onLine({ event, id, label, reason }: Line): void {
    if (event === "connected") this.#occurred(`${id} connected`);
    if (event === "channel") this.#occurred(`${id} channel ${label}`);
    // The server ends what is left of a member that has said goodbye.
    if (event === "ended" && !(typeof id === "number" && this.#left.has(id))) {
      this.failures.push(`client ${id}: ${reason}`);
    }
  }
}
