/**
 * An SCTP association over DTLS (RFC 8261), on werift's implementation.
 *
 * That one is driven directly: its own data channels stall under load, its `send` waits for an
 * empty queue, and it neither bounds what a peer may make it keep nor survives malformed packets.
 */
import type { Buffer } from "node:buffer";
import { RTCSctpTransport } from "werift";
import { PacketBundler } from "./packet_bundler.ts";
import { ReceiveWindow, type WeriftReceiver } from "./receive_window.ts";
import { isInit, isSoundPacket, type SctpState } from "./sctp_guard.ts";

/** What an association reports. Nothing but `send`, for an ABORT, is called after `close()`. */
export interface AssociationHandlers {
  /** Sends one SCTP packet. */
  send(packet: Buffer): void;
  onEstablished(): void;
  onMessage(streamId: number, payloadProtocol: number, data: Buffer): void;
  /** A packet was handled: there may be room for more to send. */
  onHandled(): void;
  /** The peer reset these streams: it sends nothing on them any more. */
  onReset(streamIds: readonly number[]): void;
  /** The association is of no use any more. */
  onEnd(reason: string): void;
}

/** How one message is delivered. */
export interface DeliveryOptions {
  readonly ordered: boolean;
  readonly maxRetransmits?: number;
  readonly maxPacketLifeTime?: number;
}

/** SCTP port of WebRTC by convention, and in our SDP. */
const SCTP_PORT = 5000;

/** The receive window that werift advertises but does not enforce. */
const WINDOW_BYTES = 1024 * 1024;

/** Bytes of incomplete messages that the peer may have outstanding over the window. */
const MAX_OVERRUN_BYTES = 1024 * 1024;

type WeriftTransport = InstanceType<typeof RTCSctpTransport>;
type WeriftSctp = WeriftTransport["sctp"];

/** The parts of werift's class that it declares private. */
interface SctpInternals extends WeriftReceiver {
  handleData(data: Buffer): Promise<void>;
  readonly sentQueue: readonly unknown[];
  receiveDataChunk(chunk: unknown): void;
  readonly localTsn: number;
  readonly lastSackedTsn: number;
}

/** werift exports the class only as the type of a member. */
function createSctp(send: (packet: Buffer) => Promise<void>): WeriftSctp {
  const holder = new RTCSctpTransport(SCTP_PORT);
  const subscription = { unSubscribe: () => {} };
  const fakeDtls = {
    id: "embedded",
    role: "server",
    state: "connected",
    onStateChange: { subscribe: () => subscription },
    dataReceiver: () => {},
    sendData: send,
  };
  holder.setDtlsTransport(
    fakeDtls as unknown as Parameters<WeriftTransport["setDtlsTransport"]>[0],
  );
  const sctp = holder.sctp;
  // The holder would manage data channels of its own.
  sctp.onReceive.allUnsubscribe();
  sctp.onReconfigStreams.allUnsubscribe();
  sctp.onSackReceived = () => Promise.resolve();
  return sctp;
}

export class Association {
  readonly #sctp: WeriftSctp;
  readonly #handlers: AssociationHandlers;
  readonly #internals: SctpInternals;
  readonly #window: ReceiveWindow;
  #incoming: Promise<void> = Promise.resolve();
  #heldBytes = 0;
  #malformed = 0;
  #established = false;
  #closed = false;

  constructor(handlers: AssociationHandlers) {
    this.#handlers = handlers;
    const bundler = new PacketBundler((packet) => handlers.send(packet));
    const sctp = createSctp((packet) => {
      bundler.push(packet);
      return Promise.resolve();
    });
    this.#sctp = sctp;
    this.#internals = sctp as unknown as SctpInternals;
    this.#window = new ReceiveWindow(this.#internals);
    this.#enforceWindow(this.#internals);
    sctp.isServer = true;
    // `send` waits for an empty queue, which is of no interest here and costs a listener for each
    // message. It then stays suspended for ever, and is collected with its promise.
    sctp.flush.asPromise = () => new Promise(() => {});
    sctp.onReceive.subscribe((streamId, payloadProtocol, data) => {
      if (!this.#closed) handlers.onMessage(streamId, payloadProtocol, data);
    });
    sctp.onReconfigStreams.subscribe((streamIds) => {
      if (!this.#closed) handlers.onReset(streamIds);
    });
    sctp.stateChanged.connected.subscribe(() => {
      // Each repetition of the peer's last message of the handshake comes here.
      if (this.#closed || this.#established) return;
      this.#established = true;
      handlers.onEstablished();
    });
    sctp.stateChanged.closed.subscribe(() => this.#end("The peer ended the association."));
    void sctp.start(SCTP_PORT);
  }

  /** Chunks that wait to be sent or acknowledged. */
  get queuedChunks(): number {
    return this.#sctp.outboundQueue.length + this.#internals.sentQueue.length;
  }

  /** Keeps bytes of a received message out of the window until they are released. */
  hold(bytes: number): void {
    this.#heldBytes += bytes;
    this.#internals.advertisedRwnd -= bytes;
  }

  /** Gives held bytes back to the window. */
  release(bytes: number): void {
    const internals = this.#internals;
    const wasSmall = internals.advertisedRwnd < WINDOW_BYTES / 2;
    this.#heldBytes -= bytes;
    internals.advertisedRwnd += bytes;
    if (this.#closed || !wasSmall || internals.advertisedRwnd < WINDOW_BYTES / 2) return;
    // The peer waits for a window, not for a chunk of its own to be acknowledged.
    internals.sackNeeded = true;
    internals.sendSack().catch((error) => this.#end(String(error)));
  }

  /**
   * Drops what a peer sends beyond a window that held messages have closed, and tells it so (RFC
   * 9260, 6.2): were it acknowledged, a sender's probes of the closed window would be a stream.
   */
  #enforceWindow(internals: SctpInternals): void {
    const receive = internals.receiveDataChunk.bind(internals);
    internals.receiveDataChunk = (chunk) => {
      if (this.#heldBytes === 0 || internals.advertisedRwnd > 0) {
        receive(chunk);
        return;
      }
      internals.sackNeeded = true;
      internals.sackImmediate = true;
    };
  }

  /** Packets and chunks of the peer that were dropped: malformed, or more than it may send. */
  get dropped(): number {
    return this.#malformed + this.#window.dropped;
  }

  /** Takes one SCTP packet. */
  receive(packet: Buffer): void {
    // One after another: werift's handler is asynchronous and must not overlap itself.
    this.#incoming = this.#incoming.then(() => this.#handle(packet));
  }

  async #handle(packet: Buffer): Promise<void> {
    if (this.#closed) return;
    if (!isSoundPacket(packet, this.#state())) {
      this.#malformed++;
      return;
    }
    if (isInit(packet)) this.#window.clear();
    try {
      await this.#internals.handleData(packet);
    } catch {
      // A malformed packet: SCTP discards it (RFC 9260, 6.8 and 8.4).
      this.#malformed++;
      return;
    }
    const { advertisedRwnd } = this.#internals;
    if (advertisedRwnd + this.#heldBytes < -MAX_OVERRUN_BYTES || this.#window.overrun) {
      this.#end("The peer sends more than its window allows.");
    } else if (!this.#closed) {
      this.#handlers.onHandled();
    }
  }

  #state(): SctpState {
    const { lastReceivedTsn, lastSackedTsn, localTsn } = this.#internals;
    // Numbers are given when a chunk is queued.
    const next = this.#sctp.outboundQueue[0]?.tsn ?? localTsn;
    return {
      initiated: lastReceivedTsn !== undefined,
      established: this.#established,
      lastAcknowledged: lastSackedTsn,
      lastSent: next - 1,
    };
  }

  /** Queues one message, which must not be empty. */
  send(streamId: number, payloadProtocol: number, data: Buffer, options: DeliveryOptions): void {
    if (this.#closed) return;
    const { ordered, maxRetransmits, maxPacketLifeTime } = options;
    this.#sctp.send(streamId, payloadProtocol, data, {
      ordered,
      // werift takes 0 for "no limit".
      maxRetransmits: maxRetransmits === undefined ? undefined : Math.max(1, maxRetransmits),
      expiry: maxPacketLifeTime === undefined
        ? undefined
        : Date.now() / 1000 + maxPacketLifeTime / 1000,
    }).catch((error) => this.#end(String(error)));
  }

  /** Resets outgoing streams (RFC 6525): this side sends nothing on them any more. */
  reset(streamIds: readonly number[]): void {
    if (this.#closed) return;
    this.#sctp.reconfigQueue.push(...streamIds);
    this.#sctp.transmitReconfigRequest().catch((error) => this.#end(String(error)));
  }

  /** Ends the association. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#sctp.stop().catch(() => {});
  }

  #end(reason: string): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.onEnd(reason);
  }
}
