/**
 * A signaling server whose every word is the test's: one client at a time, real data channels (werift) and no media. It does by
 * itself only what brings a client to `switched`.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { AddressInfo } from "node:net";
import { type RTCDataChannel, RTCPeerConnection } from "werift";
import { type WebSocket, WebSocketServer } from "ws";
import { eventually } from "./eventually.ts";
import { ignoreSocketErrors } from "./werift_errors.ts";

/** A message of the client. */
export type ClientSaid = Record<string, unknown> & { readonly type: string };

/** How a {@link RawSora} works. */
export interface RawSoraOptions {
  /** Labels of the data channels besides the protocol's own. */
  readonly labels?: readonly string[];
  /** Whether messages on data channels are compressed. Default: no. */
  readonly compress?: boolean;
  /** `ignore_disconnect_websocket` of `switched`; without it there is no data channel signaling and no `switched`. */
  readonly ignoreWebSocket?: boolean | undefined;
  /** Labels of the protocol's own channels that are opened. Default: all. */
  readonly opened?: readonly string[];
  /** The client may send video. */
  readonly video?: boolean;
  /** Changes the offer. */
  readonly changeOffer?: (offer: object & { readonly sdp: string }) => object;
  /** Changes packets of SCTP from the end of the welcome on. */
  readonly changePacket?: (packet: Buffer) => Buffer;
}

const OWN_LABELS = ["signaling", "notify", "push", "stats", "rpc"] as const;
const CONNECTION_ID = "RAW0SERVER0CONNECTION00000";

/** A server that was started. */
export class RawSora implements AsyncDisposable {
  /** What came over the WebSocket. */
  readonly said: ClientSaid[] = [];
  /** What came over data channels: the label and the bytes, as they were. */
  readonly heard: { readonly label: string; readonly data: Uint8Array }[] = [];
  readonly #server: WebSocketServer;
  readonly #options: RawSoraOptions;
  readonly #channels = new Map<string, RTCDataChannel>();
  #socket: WebSocket | undefined;
  #peer: RTCPeerConnection | undefined;

  private constructor(server: WebSocketServer, options: RawSoraOptions) {
    this.#server = server;
    this.#options = options;
    server.on("connection", (socket) => {
      this.#socket = socket;
      socket.on("error", () => {});
      socket.on("message", (data) => {
        const message = JSON.parse(String(data)) as ClientSaid;
        this.said.push(message);
        this.#onMessage(message).catch((error) => console.error("raw server:", error));
      });
    });
  }

  /** Starts one on loopback. */
  static async start(options: RawSoraOptions = {}): Promise<RawSora> {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
    await new Promise<void>((resolve) => server.once("listening", resolve));
    return new RawSora(server, options);
  }

  /** Where clients connect. */
  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/signaling`;
  }

  /** The last offer's SDP, as werift made it. */
  get sdp(): string {
    return this.#peer!.localDescription!.sdp;
  }

  /** The types of the messages that the client sent over a transport. */
  types(label?: string): string[] {
    if (label === undefined) return this.said.map(({ type }) => type);
    return this.heard.filter((message) => message.label === label)
      .map(({ data }) => JSON.parse(Buffer.from(data).toString()).type);
  }

  /** Sends a message over the WebSocket. */
  say(message: object | string): void {
    this.#socket!.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends bytes on a data channel as they are, or a text in UTF-8. */
  sendOn(label: string, message: Uint8Array | string | object): void {
    const bytes = message instanceof Uint8Array
      ? message
      : Buffer.from(typeof message === "string" ? message : JSON.stringify(message));
    this.#channels.get(label)!.send(Buffer.from(bytes));
  }

  /** Opens one more data channel; resolves when the client has taken it. */
  async openChannel(label: string): Promise<void> {
    const channel = this.#peer!.createDataChannel(label);
    this.#channels.set(label, channel);
    await eventually("an open channel", () => channel.readyState === "open");
  }

  /** Closes one data channel and forgets it; resolves when the client has done so as well. */
  async endChannel(label: string): Promise<void> {
    const channel = this.#channels.get(label)!;
    this.#channels.delete(label);
    channel.close();
    await eventually("a closed channel", () => channel.readyState === "closed");
  }

  /** Closes one data channel, or all. */
  closeChannels(label?: string): void {
    for (const [known, channel] of this.#channels) {
      if (label === undefined || label === known) channel.close();
    }
  }

  /** Ends the SCTP association at once (RFC 9260, section 9.1): every data channel is lost, all else stays. */
  async abortAssociation(): Promise<void> {
    await this.#peer!.sctpTransport!.stop();
  }

  /** Closes the WebSocket with a close frame. */
  close(code: number, reason: string): void {
    this.#socket!.close(code, reason);
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await this.#peer?.close();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #onMessage(message: ClientSaid): Promise<void> {
    if (message.type === "connect") {
      await this.#offer();
    } else if (message.type === "answer") {
      await this.#peer!.setRemoteDescription({ type: "answer", sdp: String(message["sdp"]) });
      ignoreSocketErrors(this.#peer!);
      await this.#welcome();
    } else if (message.type === "candidate") {
      await this.#peer!.addIceCandidate({
        candidate: String(message["candidate"]),
        sdpMLineIndex: 0,
      });
    }
  }

  async #offer(): Promise<void> {
    const { labels = [], compress = false, opened = OWN_LABELS, video, changeOffer } =
      this.#options;
    await this.#peer?.close();
    this.#channels.clear();
    const peer = new RTCPeerConnection({
      iceServers: [],
      iceAdditionalHostAddresses: ["127.0.0.1"],
      iceUseIpv6: false,
    });
    this.#peer = peer;
    for (const label of [...opened, ...labels]) {
      const channel = peer.createDataChannel(label);
      this.#channels.set(label, channel);
      channel.onMessage.subscribe((data) => this.heard.push({ label, data: Buffer.from(data) }));
    }
    // The client does not see this one (RFC 8831, section 6.5), but it puts SCTP into the offer.
    if (this.#channels.size === 0) peer.createDataChannel("unheard", { negotiated: true, id: 99 });
    const transceiver = video ? peer.addTransceiver("video", { direction: "recvonly" }) : undefined;
    await peer.setLocalDescription(await peer.createOffer());
    const offer = {
      type: "offer",
      sdp: this.sdp,
      connection_id: CONNECTION_ID,
      config: { iceServers: [] },
      ...(transceiver === undefined ? {} : { mid: { video: transceiver.mid } }),
      data_channel_signaling: this.#options.ignoreWebSocket !== undefined,
      data_channels: [...OWN_LABELS, ...labels]
        .map((label) => ({ label, direction: "sendrecv", compress })),
    };
    this.say(changeOffer?.(offer) ?? offer);
  }

  async #welcome(): Promise<void> {
    const { ignoreWebSocket, changePacket } = this.#options;
    await eventually(
      "open channels",
      () => [...this.#channels.values()].every(({ readyState }) => readyState === "open"),
    );
    this.say({
      type: "notify",
      event_type: "connection.created",
      connection_id: CONNECTION_ID,
    });
    if (ignoreWebSocket !== undefined) {
      this.say({ type: "switched", ignore_disconnect_websocket: ignoreWebSocket });
    }
    if (changePacket === undefined) return;
    const { transport } = this.#peer!.sctpTransport!.sctp;
    const send = transport.send;
    transport.send = (packet) => send(changePacket(packet));
  }
}
