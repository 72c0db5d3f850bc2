/**
 * A connection to a channel.
 *
 * @module
 */

import type { JsonValue } from "../base/json.ts";
import type {
  DataChannelSettings,
  RpcOptions,
  SignalingCounters,
  SignalingHandlers,
  SignalingSession,
  SignalingState,
  SimulcastRequestRid,
  TimelineEntry,
} from "../signaling/mod.ts";
import type { SoraAudioSource } from "./audio/source.ts";
import { ConnectionMedia } from "./connection_media.ts";
import { checkMessage, DataChannelRegistry, type SoraDataChannel } from "./data_channel.ts";
import type { NativeHandle } from "./native/handle.ts";
import type { CheckedConnectionOptions } from "./options.ts";
import { openSession } from "./session.ts";
import { requestSimulcastRidParams } from "./simulcast.ts";
import { requestSpotlightRidParams, senderParams, type SoraSpotlightRids } from "./spotlight.ts";
import type { SoraStats } from "./stats/mod.ts";
import { parseStats } from "./stats/parse.ts";
import { StatsStreams } from "./stats/stream.ts";
import { GuardedTelemetry, type SoraTelemetry } from "./telemetry.ts";
import type { SoraMediaTrack } from "./track/media_track.ts";
import type { SoraSource } from "./track/source.ts";
import type { Sources } from "./track/sources.ts";
import type { SoraTrackKind } from "./track/track.ts";
import type { SoraVideoSource } from "./video/source.ts";

/**
 * A connection to a channel of Sora. Made by `Sora.createConnection()`; `await using` disconnects it.
 *
 * The handlers may be set at any time and may be async. What one throws or rejects with is reported once to {@link onError},
 * and everything goes on. Each is called with the connection as `this`: see {@link onTrack}.
 *
 * @example
 * ```ts
 * import { Sora } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * await using connection = sora.createConnection({
 *   signalingUrls: [server.url],
 *   channelId: "room",
 *   role: "recvonly",
 * });
 * connection.onNotify = ({ event_type }) => console.log(event_type); // connection.created
 * connection.onDisconnect = (code) => console.log(code); // CLOSE_SUCCEEDED
 * await connection.connect();
 * await connection.disconnect();
 * ```
 */
export class SoraConnection implements SignalingHandlers, AsyncDisposable {
  /** The offer was applied to the peer connection; the second argument is the unmodified message. */
  onSetOffer: SignalingHandlers["onSetOffer"] = undefined;
  /** Something happened in the channel: a member joined or left, for instance. */
  onNotify: SignalingHandlers["onNotify"] = undefined;
  /** The application pushed something through the server. */
  onPush: SignalingHandlers["onPush"] = undefined;
  /** Signaling moved to the data channels. */
  onSwitched: SignalingHandlers["onSwitched"] = undefined;
  /** A signaling message was sent or received. */
  onSignalingMessage: SignalingHandlers["onSignalingMessage"] = undefined;
  /**
   * The WebSocket is closed (RFC 6455, section 7.1); 1000 `SELF-CLOSED` when it was no longer needed. The server's reason is
   * unmodified; in error messages its control characters are escaped.
   */
  onWsClose: SignalingHandlers["onWsClose"] = undefined;
  /** The connection was lost and will be made again, by the option `reconnect`. */
  onReconnecting: SignalingHandlers["onReconnecting"] = undefined;
  /** The connection was made again. */
  onReconnected: SignalingHandlers["onReconnected"] = undefined;
  /** The connection ended: exactly once per {@link connect}, and nothing is called after it. */
  onDisconnect: SignalingHandlers["onDisconnect"] = undefined;
  /** A data channel whose label starts with `#` is open. */
  onDataChannel: SignalingHandlers["onDataChannel"] = undefined;
  /** A message was received on a data channel whose label starts with `#`. */
  onMessage: SignalingHandlers["onMessage"] = undefined;
  /** A message was received on the data channel `rpc` that answers no call of {@link rpc}. */
  onRpc: SignalingHandlers["onRpc"] = undefined;
  /**
   * A track of another member is received: attach a `SoraVideoSink` or `SoraAudioSink` to it. It may be one that
   * nothing here decodes (`SoraMediaTrack.undecodable`); then {@link onError} is called as well.
   *
   * As with every handler, `this` is the object that the handler is set on. A method of another object must be bound to that:
   *
   * ```ts ignore
   * connection.onTrack = (track) => player.show(track); // or player.show.bind(player)
   * connection.onTrack = player.show; // wrong: `this` is the connection, not the player
   * ```
   */
  onTrack: ((track: SoraMediaTrack) => unknown) | undefined = undefined;
  /** A track is no longer received; it has ended. */
  onRemoveTrack: ((track: SoraMediaTrack) => unknown) | undefined = undefined;
  /**
   * A handler threw or rejected, or a track cannot be received or decoded. Without this handler the error is written to the
   * console; it is never fatal, unlike `reportError` in Deno.
   */
  onError: ((error: unknown) => unknown) | undefined = undefined;

  readonly #session: SignalingSession;
  readonly #media: ConnectionMedia;
  readonly #channels: DataChannelRegistry;
  readonly #statsStreams = new StatsStreams();
  readonly #connecting: (connection: SoraConnection) => void;
  readonly #telemetry: GuardedTelemetry;

  /**
   * @param factory The native factory.
   * @param options Checked options.
   * @param sources The sources that it may send.
   * @param connecting Called before each connect; throws when the connection must not connect.
   * @param telemetry Observes it.
   * @internal
   */
  constructor(
    factory: NativeHandle,
    { signaling, media }: CheckedConnectionOptions,
    sources: Sources,
    connecting: (connection: SoraConnection) => void,
    telemetry?: SoraTelemetry,
  ) {
    this.#connecting = connecting;
    this.#media = new ConnectionMedia(media, sources, this);
    this.#telemetry = new GuardedTelemetry(this, telemetry, signaling);
    this.#session = openSession(factory, {
      options: signaling,
      handlers: this,
      media: this.#media,
      observer: this.#telemetry,
      dataChannels: {
        message: (label, data) => this.#channels.message(label, data),
        changed: (label) => this.#channels.changed(label),
        ended: () => this.#ended(),
      },
    });
    this.#channels = new DataChannelRegistry(this.#session);
  }

  /** The state of the connection. */
  get state(): SignalingState {
    return this.#session.state;
  }

  /** The server's identifier of this connection, once it is known. */
  get connectionId(): string | undefined {
    return this.#session.offer?.connection_id;
  }

  /** The client's identifier, once the server has confirmed it: that of the options, or one that the server chose. */
  get clientId(): string | undefined {
    return this.#session.offer?.client_id;
  }

  /** The bundle's identifier, once the server has confirmed it: that of the options, or one that the server chose. */
  get bundleId(): string | undefined {
    return this.#session.offer?.bundle_id;
  }

  /** The identifier of the channel's session, new whenever its first member joins, once it is known. */
  get sessionId(): string | undefined {
    return this.#session.offer?.session_id;
  }

  /** The signaling URL that was chosen: the first of `signalingUrls` whose server answered. */
  get contactSignalingUrl(): string | undefined {
    return this.#session.contactSignalingUrl;
  }

  /** The signaling URL that is in use: {@link contactSignalingUrl}, or where its server redirected to. */
  get connectedSignalingUrl(): string | undefined {
    return this.#session.connectedSignalingUrl;
  }

  /** The methods that {@link rpc} may call; empty when there are none, or without a connection. */
  get rpcMethods(): readonly string[] {
    return [...this.#session.offer?.rpc_methods ?? []];
  }

  /** The layers that {@link requestSimulcastRid} may request; empty when there are none, or without a connection. */
  get simulcastRpcRids(): readonly SimulcastRequestRid[] {
    return [...this.#session.offer?.simulcast_rpc_rids ?? []];
  }

  /** The data channels that the server offered, with their settings; empty without a connection. */
  get dataChannels(): readonly DataChannelSettings[] {
    return this.#session.dataChannels;
  }

  /**
   * What happened when: each phase of connecting with its duration in milliseconds, each message's type, direction and
   * transport, each change of the peer connection's state. It covers the present connection or attempt to connect, or else the
   * last one; at most the first 256 entries and the last 256. It can be shown to others: it has no contents of messages, and
   * its URLs have neither credentials nor a query.
   *
   * ```ts ignore
   * await connection.connect();
   * console.table(connection.timeline.filter(({ kind }) => kind === "phase"));
   * ```
   */
  get timeline(): readonly TimelineEntry[] {
    return this.#session.timeline;
  }

  /**
   * Connects. Resolves when the server has announced the connection (`connection.created`) and the peer connection is
   * connected; for a server that announces nobody (`signaling_notify: false` of its authentication) it waits no longer than
   * 2 s after that. However a connection ended, `connect()` may be called again.
   *
   * @param options `signal` aborts connecting, in any phase.
   * @throws {SoraError} With the code and the message of {@link onDisconnect}; before anything is sent, `INVALID_STATE` when it
   * is connected or connecting, or its transformer serves another sender, `CLOSED` when its `Sora` or transformer is closed,
   * `LIMIT_EXCEEDED` when the system cannot start the threads that it needs. When `signal` was aborted: its reason.
   */
  async connect(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    this.#connecting(this);
    this.#media.check();
    const connected = this.#telemetry.connect(this.#session.connect(options));
    if (this.state !== "disconnected") this.#statsStreams.begin();
    await connected;
  }

  /** Ends the connection, if there is one; resolves after {@link onDisconnect}. Bounded by the timeouts, never rejects. */
  async disconnect(): Promise<void> {
    await this.#session.disconnect();
  }

  /** As {@link disconnect}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.disconnect();
  }

  /** Counts of what was dropped since this object was made: nothing is lost without being counted. */
  get counters(): Readonly<SignalingCounters> {
    return this.#session.counters;
  }

  /** Reconnects now when a lost connection is waiting to be made again (option `reconnect`); otherwise does nothing. */
  hintNow(): void {
    this.#session.hintNow();
  }

  /**
   * Statistics (W3C webrtc-stats).
   *
   * @throws {SoraError} `INVALID_STATE` without a connection; `CLOSED` when it ends in the meantime.
   */
  async getStats(): Promise<SoraStats[]> {
    return parseStats(await this.#session.getStats());
  }

  /**
   * Periodic statistics, as a stream (WHATWG Streams) that is closed when the connection ends. It may be opened before
   * {@link connect}: the first come when there is a connection.
   *
   * @param options `intervalMs`: the interval in milliseconds, 10 to 86,400,000 (a day). Default: 1,000.
   * @throws {TypeError} If an option is wrong.
   * @throws {RangeError} If a number is outside its limits.
   */
  statsStream(
    options: { readonly intervalMs?: number | undefined } = {},
  ): ReadableStream<SoraStats[]> {
    return this.#statsStreams.open(this, options);
  }

  /**
   * Sends another source instead of the present one, without negotiation (W3C WebRTC, `RTCRtpSender.replaceTrack`). Later
   * connects send it as well. While connecting, the source is replaced as soon as there is something to replace.
   *
   * @param kind What is replaced.
   * @param source What is sent from now on; null: nothing.
   * @throws {TypeError} If the source is of another kind, closed, or of another `Sora`.
   * @throws {SoraError} `INVALID_STATE` when the connection was made without a source of this kind.
   */
  replaceTrack(kind: "audio", source: SoraAudioSource | null): Promise<void>;
  /** As above, for video. */
  replaceTrack(kind: "video", source: SoraVideoSource | null): Promise<void>;
  async replaceTrack(kind: SoraTrackKind, source: SoraSource | null): Promise<void> {
    await this.#media.replace(kind, source);
  }

  /**
   * The tracks that are received from other members: the present ones, then those that are added, also after a reconnection
   * (option `reconnect`); the loop ends when the connection does ({@link onDisconnect}). It may be started before
   * {@link connect}, and several times at once. A track that is removed before its turn is left out, so no more than the
   * present tracks wait for a slow reader. {@link onTrack} is called as well.
   *
   * ```ts ignore
   * for await (const track of connection.tracks()) {
   *   if (track.kind === "video") show(new SoraVideoSink(track));
   * }
   * ```
   */
  tracks(): AsyncIterableIterator<SoraMediaTrack, undefined> {
    return this.#media.tracks.iterate();
  }

  /**
   * Sends on a data channel (RFC 8831): bytes as a binary message, a string as text.
   *
   * @returns `false` unless the channel is open and has room for it.
   * @throws {TypeError} If `data` is neither.
   */
  sendDataChannel(label: string, data: Uint8Array | string): boolean {
    checkMessage(data, "data");
    return this.#session.sendDataChannel(label, data);
  }

  /**
   * A data channel as Web Streams: the same object for the same label, until the connection ends.
   *
   * @param label Its label; starts with `#`. The channel need not be open yet.
   * @throws {TypeError} When the label does not start with `#`.
   */
  dataChannel(label: string): SoraDataChannel {
    return this.#channels.get(label);
  }

  /** Bytes that wait to be sent on a data channel; 0 when there is no such channel. */
  bufferedAmount(label: string): number {
    return this.#session.bufferedAmount(label);
  }

  /**
   * Calls a remote procedure of the server (JSON-RPC 2.0), which needs data channel signaling. Right after connecting, the call
   * waits until its channel is open.
   *
   * @returns Its result; `undefined` for a notification.
   * @throws {SoraRpcError} When the server refuses.
   * @throws {SoraError} When the channel is not open, no answer comes in time, or the connection ends first.
   */
  async rpc(
    method: string,
    params?: JsonValue,
    options: RpcOptions = {},
  ): Promise<JsonValue | undefined> {
    return await this.#telemetry.rpc(method, this.#session.rpc(method, params, options));
  }

  /**
   * Requests layers in a spotlight (RPC `RequestSpotlightRid`), which needs the option `spotlight` and data channel signaling.
   *
   * @param senderConnectionId The sender whose layers are requested. Default: all senders, also those that come later.
   * @throws {TypeError} When an argument is wrong.
   * @throws {SoraRpcError} When the server refuses.
   * @throws {SoraError} As {@link rpc}.
   */
  async requestSpotlightRid(rids: SoraSpotlightRids, senderConnectionId?: string): Promise<void> {
    const params = requestSpotlightRidParams(rids, senderConnectionId);
    await this.rpc("2025.2.0/RequestSpotlightRid", params);
  }

  /**
   * Undoes {@link requestSpotlightRid} of one sender, or all of them: the options `spotlightFocusRid` and `spotlightUnfocusRid`
   * hold again (RPC `ResetSpotlightRid`).
   *
   * @param senderConnectionId The sender. Default: all senders.
   * @throws {TypeError} When it is not a string.
   * @throws {SoraRpcError} When the server refuses.
   * @throws {SoraError} As {@link rpc}.
   */
  async resetSpotlightRid(senderConnectionId?: string): Promise<void> {
    await this.rpc("2025.2.0/ResetSpotlightRid", senderParams(senderConnectionId));
  }

  /**
   * Requests a simulcast layer of the video of one sender or of all of them, by {@link rpc}. `none` stops the video. When a layer
   * changes, the server notifies with `simulcast.switched`.
   *
   * @param rid One of {@link simulcastRpcRids}.
   * @param senderConnectionId The sender's connection, which is the `streamId` of its tracks; without it all senders, present and
   * future.
   * @throws {TypeError | RangeError} When there is no layer of that name, or the connection is no id.
   * @throws {SoraRpcError} When the server refuses.
   * @throws {SoraError} As {@link rpc}.
   */
  async requestSimulcastRid(
    rid: SimulcastRequestRid,
    senderConnectionId?: string,
    options: RpcOptions = {},
  ): Promise<void> {
    const params = requestSimulcastRidParams(rid, senderConnectionId);
    await this.rpc("2025.2.0/RequestSimulcastRid", params, options);
  }

  #ended(): void {
    this.#channels.ended();
    this.#media.tracks.end();
    this.#statsStreams.end();
    // connect() was called again meanwhile.
    if (this.state !== "disconnected") this.#statsStreams.begin();
  }
}
