/** A transport that runs in native code. */
import { Buffer } from "node:buffer";
import {
  EventType,
  Ignore,
  MESSAGE_OVERHEAD,
  type NativeFunctions,
  unwrap,
  utf8,
} from "../../ffi/mod.ts";
import { ExtensionId } from "../rtp/extensions.ts";
import type { RtpPacket } from "../rtp/packet.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import type { MediaQueue } from "./media_queue.ts";
import { MessageQueue } from "./message_queue.ts";
import type { PacketMemory } from "./packet_memory.ts";
import { TransportStats } from "./transport_stats.ts";
import type {
  DeliveryOptions,
  IgnoredStep,
  PathState,
  Traffic,
  Transport,
  TransportHandlers,
} from "./transport.ts";
import type { Turn, TurnWork } from "./turn.ts";

/** Largest message that SCTP sends. */
const MAX_MESSAGE_BYTES = 262_144;

const IGNORED: Readonly<Record<IgnoredStep, number>> = {
  ice: Ignore.STUN,
  dtls: Ignore.DTLS,
  sctp: Ignore.SCTP,
};

const MAX_UINT32 = 0xffff_ffff;

/** Longest text of the credentials of ICE. */
const MAX_CREDENTIALS = 512;

const decoder = new TextDecoder();

/** The UDP port of a transport. */
export interface TransportPort {
  readonly functions: NativeFunctions;
  /** The native port. */
  readonly handle: number;
  readonly fingerprint: string;
  readonly memory: PacketMemory;
  readonly queue: MediaQueue;
  readonly turn: Turn;
  /** Reports events and media of a transport from now on. */
  add(handle: number, transport: NativeTransport): void;
  /** Reports nothing of it any more. */
  remove(handle: number): void;
}

export class NativeTransport implements Transport, TurnWork {
  readonly port: number;
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprint: string;
  readonly memory: PacketMemory;
  readonly #port: TransportPort;
  readonly #handle: number;
  readonly #handlers: TransportHandlers;
  readonly #lowWaterBytes: number;
  readonly #stats: TransportStats;
  readonly #messages: MessageQueue;
  #releasable = 0;
  /** Packets and messages that were too large. */
  #oversized = 0;
  #oversizedMessages = 0;
  #queued = false;
  #connected = false;
  #closed = false;

  /**
   * @param lowWaterBytes `onWritable` is called when as little waits to be sent
   * @throws {SoraError} When the port has as many as it can have.
   */
  constructor(port: TransportPort, lowWaterBytes: number, handlers: TransportHandlers) {
    const { functions } = port;
    this.#port = port;
    this.#handlers = handlers;
    this.#lowWaterBytes = lowWaterBytes;
    this.fingerprint = port.fingerprint;
    this.memory = port.memory;
    const handle = new Uint32Array(1);
    const udpPort = new Uint32Array(1);
    unwrap(
      functions,
      functions.sora_transport_create(port.handle, lowWaterBytes, handle, udpPort),
    );
    this.#handle = handle[0]!;
    this.port = udpPort[0]!;
    const text = new Uint8Array(MAX_CREDENTIALS);
    const size = unwrap(
      functions,
      functions.sora_transport_credentials(this.#handle, text, text.length),
    );
    const [ufrag = "", password = ""] = decoder.decode(text.subarray(0, size)).split(" ");
    this.ufrag = ufrag;
    this.password = password;
    this.#stats = new TransportStats(functions, this.#handle);
    this.#messages = new MessageQueue(functions, this.#handle);
    port.add(this.#handle, this);
  }

  get connected(): boolean {
    return this.#connected && !this.#closed;
  }

  get lastHeard(): number {
    return (this.#closed ? this.#stats : this.#stats.refresh()).heardAt;
  }

  get drops(): number {
    return (this.#closed ? this.#stats : this.#stats.refresh()).drops + this.#oversized;
  }

  get droppedMessages(): number {
    return (this.#closed ? this.#stats : this.#stats.refresh()).droppedMessages +
      this.#oversizedMessages;
  }

  get traffic(): Traffic {
    return (this.#closed ? this.#stats : this.#stats.refresh()).traffic;
  }

  get path(): PathState {
    return (this.#closed ? this.#stats : this.#stats.refresh()).path;
  }

  get waitingBytes(): number {
    return this.#messages.waitingBytes;
  }

  countWaitingBytes(): number {
    return this.#closed ? 0 : this.#messages.count();
  }

  setRemote(ufrag: string, fingerprint: string): void {
    if (this.#closed) return;
    const { functions } = this.#port;
    const text = utf8(`${ufrag} sha-256 ${fingerprint}`);
    unwrap(functions, functions.sora_transport_set_remote(this.#handle, text, text.length));
  }

  setVideo(payloadType: number): void {
    if (!this.#closed) this.#port.functions.sora_transport_set_video(this.#handle, payloadType);
  }

  sendRtp(
    offset: number,
    size: number,
    ssrc: number,
    sequenceNumber: number,
    timestamp: number,
    transportSequenceOffset: number,
    kind: MediaKind,
  ): boolean {
    if (!this.#connected || this.#closed) return false;
    const fits = this.#port.queue.add(
      this.#handle,
      offset,
      size,
      ssrc,
      sequenceNumber,
      timestamp,
      transportSequenceOffset,
      kind,
    );
    if (!fits) this.#oversized++;
    return fits;
  }

  want(bitsPerSecond: number): void {
    if (this.#closed) return;
    const most = Math.min(Math.round(bitsPerSecond), MAX_UINT32);
    this.#port.functions.sora_transport_want(this.#handle, most);
  }

  setPadding(ssrc: number, payloadType: number, sequenceNumber: number): void {
    if (this.#closed) return;
    this.#port.functions.sora_transport_set_padding(
      this.#handle,
      ssrc,
      payloadType,
      sequenceNumber,
      ExtensionId.transportSequence,
    );
  }

  sendRtcp(packet: Uint8Array): void {
    if (!this.#connected || this.#closed) return;
    const at = this.memory.allocate(packet.length);
    this.memory.bytes.set(packet, at);
    if (!this.#port.queue.addRtcp(this.#handle, at, packet.length)) this.#oversized++;
  }

  forget(ssrc: number): void {
    if (!this.#closed) this.#port.functions.sora_transport_forget(this.#handle, ssrc);
  }

  sendMessage(
    streamId: number,
    payloadProtocol: number,
    data: Uint8Array,
    delivery: DeliveryOptions,
  ): void {
    if (this.#closed) return;
    // The sender's connection id may make one too large.
    if (data.length > MAX_MESSAGE_BYTES) {
      this.#oversizedMessages++;
      return;
    }
    this.#messages.add(streamId, payloadProtocol, data, delivery);
    this.#flushLater();
  }

  resetStreams(streamIds: readonly number[]): void {
    if (this.#closed) return;
    this.#messages.flush();
    const ids = Uint32Array.from(streamIds);
    this.#port.functions.sora_transport_reset_streams(this.#handle, ids, ids.length);
  }

  release(bytes: number): void {
    if (this.#closed) return;
    this.#releasable += bytes + MESSAGE_OVERHEAD;
    this.#flushLater();
  }

  ignore(step: IgnoredStep): void {
    this.#port.functions.sora_transport_ignore(this.#handle, IGNORED[step]);
  }

  close(): void {
    if (this.#closed) return;
    // What was sent last, the end of a connection for instance.
    this.flush();
    this.#port.queue.flush();
    this.#stats.refresh();
    this.#closed = true;
    this.#messages.clear();
    this.#port.remove(this.#handle);
    this.#port.functions.sora_transport_close(this.#handle);
  }

  /** Hands over what the turn brought. */
  flush(): void {
    this.#queued = false;
    if (this.#closed) return;
    if (this.#messages.pending) {
      this.#messages.flush();
      // The event comes when what waits falls below the mark, and so not where it does not rise above it.
      if (this.#messages.waitingBytes <= this.#lowWaterBytes) this.#handlers.onWritable();
    }
    if (this.#closed || this.#releasable === 0) return;
    this.#port.functions.sora_transport_release(this.#handle, this.#releasable);
    this.#releasable = 0;
  }

  /** An RTP packet of the peer. */
  onRtp(packet: RtpPacket): void {
    if (!this.#closed) this.#handlers.onRtp(packet);
  }

  /** A compound RTCP packet of the peer. */
  onRtcp(packet: Buffer): void {
    if (!this.#closed) this.#handlers.onRtcp(packet);
  }

  /** An event of the native transport. */
  onEvent(type: number, argument: number, payload: Uint8Array): void {
    if (this.#closed) return;
    switch (type) {
      case EventType.TRANSPORT_CONNECTED:
        this.#connected = true;
        this.#handlers.onConnected();
        return;
      case EventType.ASSOCIATION:
        this.#handlers.onAssociation();
        return;
      case EventType.TRANSPORT_MESSAGE:
        this.#onMessage(argument, Buffer.from(payload));
        return;
      case EventType.STREAMS_RESET:
        this.#handlers.onReset(streamIds(payload));
        return;
      case EventType.WRITABLE:
        this.#messages.onWritable(this.#lowWaterBytes);
        this.#handlers.onWritable();
        return;
      case EventType.BANDWIDTH:
        this.#handlers.onBandwidth(argument);
        return;
      case EventType.TRANSPORT_ENDED:
        this.#end(decoder.decode(payload), argument !== 0);
        return;
    }
  }

  /** Ends it because its events or packets cannot be handled. */
  fail(reason: string): void {
    if (!this.#closed) this.#end(reason, false);
  }

  #end(reason: string, badFingerprint: boolean): void {
    this.close();
    this.#handlers.onEnd(reason, badFingerprint);
  }

  #onMessage(argument: number, data: Buffer): void {
    const held = this.#handlers.onMessage(argument >>> 16, argument & 0xffff, data);
    if (!held) this.release(data.length);
  }

  #flushLater(): void {
    if (this.#queued) return;
    this.#queued = true;
    this.#port.turn.add(this);
  }
}

/** The numbers of `SORA_EVENT_STREAMS_RESET`. */
function streamIds(payload: Uint8Array): number[] {
  const ids: number[] = [];
  for (let at = 0; at + 1 < payload.length; at += 2) ids.push(payload[at]! | payload[at + 1]! << 8);
  return ids;
}
