/** A small Sora client over werift, to test the server without the product's own client. */
import { Buffer } from "node:buffer";
import { deflateSync, inflateSync } from "node:zlib";
import {
  MediaStreamTrack,
  type RTCDataChannel,
  RTCPeerConnection,
  RTCRtpCodecParameters,
  RtpHeader,
  RtpPacket,
} from "werift";
import { WebSocket } from "ws";
import { eventually } from "./eventually.ts";
import { ignoreSocketErrors, mendDtls, mendSctp } from "./werift_errors.ts";

/** A signaling message of the server. */
export type Message = Record<string, unknown> & { type: string };

/** A packet that came in on a remote track. */
export interface ReceivedPacket {
  readonly streamId: string;
  readonly kind: string;
  readonly payloadType: number;
  readonly payload: Buffer;
}

/** Resolves as soon as `condition` holds; rejects after `timeoutMs`. */
export async function until(
  what: string,
  condition: () => boolean,
  timeoutMs = 5000,
): Promise<void> {
  await eventually(what, condition, timeoutMs);
}

function videoCodec(mimeType: string, payloadType: number): RTCRtpCodecParameters {
  return new RTCRtpCodecParameters({
    mimeType,
    clockRate: 90_000,
    payloadType,
    rtcpFeedback: [
      { type: "nack" },
      { type: "nack", parameter: "pli" },
      { type: "transport-cc" },
    ],
  });
}

/** One connection to a server. */
export class TestClient {
  readonly messages: Message[] = [];
  readonly packets: ReceivedPacket[] = [];
  /** Close code and reason, once closed. */
  closed: { code: number; reason: string } | undefined;
  /** Changes an answer before it is sent. */
  rewriteAnswer: (sdp: string) => string = (sdp) => sdp;
  /** Changes an offer before it is applied. */
  rewriteOffer: (sdp: string) => string = (sdp) => sdp;
  /** Neither answers nor pongs any more. */
  silent = false;
  /** Open data channels by label. */
  readonly channels = new Map<string, RTCDataChannel>();
  /** What came in on messaging channels. */
  readonly data: { label: string; data: Buffer }[] = [];
  /** Messages of the server by the data channel they came in on. */
  readonly channelMessages: { label: string; message: Message }[] = [];
  readonly tracks = new Map<string, MediaStreamTrack>();
  readonly #socket: WebSocket;
  #peer: RTCPeerConnection | undefined;
  /** Messages that came are handled: offers make sockets. */
  #handled: Promise<void> = Promise.resolve();
  #sequence = 100;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on("message", (data) => {
      const message = JSON.parse(data.toString()) as Message;
      this.messages.push(message);
      this.#handle(message);
    });
    this.#socket.on("error", () => {});
    this.#socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
  }

  /**
   * Connects and sends `connect`.
   *
   * @param silent whether it answers nothing, the offer included
   */
  static async open(
    url: string,
    connect: Record<string, unknown>,
    silent = false,
  ): Promise<TestClient> {
    const client = new TestClient(url);
    client.silent = silent;
    await until("WebSocket open", () => client.open);
    client.send({ type: "connect", sora_client: "test", ...connect });
    return client;
  }

  /** Connects and waits for the own `connection.created`. */
  static async join(url: string, connect: Record<string, unknown>): Promise<TestClient> {
    const client = await TestClient.open(url, connect);
    await until("connection.created", () => client.created !== undefined, 20_000);
    return client;
  }

  /** Whether the WebSocket is open. */
  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** The `offer`. */
  get offer(): Message | undefined {
    return this.messages.find((message) => message.type === "offer");
  }

  /** The own connection id. */
  get id(): string {
    return String(this.offer?.connection_id);
  }

  /** The own `connection.created`. */
  get created(): Message | undefined {
    return this.notifications("connection.created").find((m) => m.connection_id === this.id);
  }

  get peer(): RTCPeerConnection | undefined {
    return this.#peer;
  }

  notifications(eventType: string): Message[] {
    return this.messages.filter((m) => m.type === "notify" && m.event_type === eventType);
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends one RTP packet on the own track. */
  sendRtp(kind: "audio" | "video", payload: Buffer, timestamp = 0): void {
    const header = new RtpHeader({ sequenceNumber: this.#sequence++, timestamp, marker: true });
    this.tracks.get(kind)?.writeRtp(new RtpPacket(header, payload));
  }

  /** Whether the offer requires compression for a label. */
  #compressed(label: string): boolean {
    const channels = this.offer?.data_channels as { label: string; compress: boolean }[];
    return channels.find((channel) => channel.label === label)?.compress === true;
  }

  /** Sends on a data channel, compressed if the offer requires it. */
  sendData(label: string, data: Buffer): void {
    this.channels.get(label)?.send(this.#compressed(label) ? deflateSync(data) : data);
  }

  /** Sends one signaling message on a data channel. */
  sendOn(label: string, message: unknown): void {
    this.sendData(label, Buffer.from(JSON.stringify(message)));
  }

  #onChannel(channel: RTCDataChannel): void {
    const { label } = channel;
    this.channels.set(label, channel);
    channel.stateChanged.subscribe((state) => {
      if (state === "closed") this.channels.delete(label);
    });
    channel.onMessage.subscribe((raw) => {
      const bytes = Buffer.from(raw);
      const data = this.#compressed(label) ? inflateSync(bytes) : bytes;
      if (label.startsWith("#")) {
        this.data.push({ label, data });
        return;
      }
      const message = JSON.parse(data.toString()) as Message;
      this.channelMessages.push({ label, message });
      this.messages.push(message);
      this.#handle(message);
    });
  }

  /** Chunks of data channel messages that wait to be sent or acknowledged. */
  get unsentChunks(): number {
    const { outboundQueue, sentQueue } = this.#peer!.sctpTransport!.sctp as unknown as {
      outboundQueue: unknown[];
      sentQueue: unknown[];
    };
    return outboundQueue.length + sentQueue.length;
  }

  /** Takes nothing that comes over data channels, acknowledgements included, until the function that it returns is called. */
  freezeData(): () => void {
    const sctp = this.#peer!.sctpTransport!.sctp as unknown as { handleData: unknown };
    const { handleData } = sctp;
    sctp.handleData = () => Promise.resolve();
    return () => {
      sctp.handleData = handleData;
    };
  }

  /** Closes the WebSocket as a client does that was switched. */
  closeSocket(): void {
    this.#socket.close();
  }

  /** Disconnects as Sora's clients do. */
  async disconnect(): Promise<void> {
    if (this.open) {
      this.send({ type: "disconnect", reason: "NO-ERROR" });
    }
    await this.#end();
  }

  /** Cuts the WebSocket without a word. */
  async cut(): Promise<void> {
    this.#socket.terminate();
    await this.#end();
  }

  /** Frees everything as soon as nothing can come any more: until the close, messages do, and an offer makes sockets. */
  async #end(): Promise<void> {
    await until("WebSocket close", () => this.closed !== undefined);
    let handled: Promise<void>;
    do {
      handled = this.#handled;
      await handled;
    } while (handled !== this.#handled);
    await this.#peer?.close();
  }

  #handle(message: Message): void {
    const handled = this.#onMessage(message).catch((error) => console.error("test client:", error));
    this.#handled = this.#handled.then(() => handled);
  }

  async #onMessage(message: Message): Promise<void> {
    if (this.silent) return;
    if (message.type === "offer") {
      const peer = this.#createPeer();
      await peer.setRemoteDescription({
        type: "offer",
        sdp: this.rewriteOffer(String(message.sdp)),
      });
      mendDtls(peer);
      mendSctp(peer);
      const mid = message.mid as { audio?: string; video?: string };
      for (const transceiver of peer.getTransceivers()) {
        const kind = transceiver.kind as "audio" | "video";
        if (transceiver.mid !== mid[kind]) continue;
        const track = new MediaStreamTrack({ kind });
        this.tracks.set(kind, track);
        await transceiver.sender.replaceTrack(track);
        transceiver.setDirection("sendonly");
      }
      await this.#answer("answer");
    } else if (message.type === "re-offer") {
      await this.#peer?.setRemoteDescription({ type: "offer", sdp: String(message.sdp) });
      await this.#answer("re-answer");
    } else if (message.type === "ping") {
      this.send({ type: "pong", stats: [] });
    }
  }

  async #answer(type: string): Promise<void> {
    const answer = await this.#peer!.createAnswer();
    await this.#peer!.setLocalDescription(answer);
    ignoreSocketErrors(this.#peer!);
    const sdp = this.rewriteAnswer(this.#peer!.localDescription!.sdp);
    if (this.messages.some((message) => message.type === "switched")) {
      this.sendOn("signaling", { type, sdp });
      return;
    }
    this.send({ type, sdp });
  }

  #createPeer(): RTCPeerConnection {
    const peer = new RTCPeerConnection({
      iceServers: [],
      iceAdditionalHostAddresses: ["127.0.0.1"],
      iceUseIpv6: false,
      codecs: {
        audio: [
          new RTCRtpCodecParameters({
            mimeType: "audio/opus",
            clockRate: 48_000,
            channels: 2,
            payloadType: 109,
          }),
        ],
        video: [
          videoCodec("video/VP8", 96),
          videoCodec("video/VP9", 98),
          videoCodec("video/AV1", 100),
          videoCodec("video/H264", 102),
          videoCodec("video/H265", 104),
        ],
      },
    });
    peer.ontrack = ({ track, streams }) => {
      const streamId = streams[0]?.id ?? "";
      track.onReceiveRtp.subscribe((packet) => {
        this.packets.push({
          streamId,
          kind: track.kind,
          payloadType: packet.header.payloadType,
          payload: packet.payload,
        });
      });
    };
    peer.onDataChannel.subscribe((channel) => this.#onChannel(channel));
    this.#peer = peer;
    return peer;
  }
}
