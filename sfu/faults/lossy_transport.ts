/** Transports that lose packets of media on purpose. */
import { seededRandom } from "../../base/random.ts";
import type { PacketMemory } from "../transport/packet_memory.ts";
import type {
  DeliveryOptions,
  IgnoredStep,
  PathState,
  Traffic,
  Transport,
  TransportHandlers,
} from "../transport/transport.ts";
import type { ServerFaults } from "./faults.ts";

/** The losses of one server: all its transports draw from one generator. */
export class PacketLoss {
  /** Packets lost on purpose. */
  dropped = 0;
  readonly #faults: ServerFaults;
  readonly #random: () => number;

  constructor(faults: ServerFaults) {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed ?? 1);
  }

  /** Whether a packet that came, RTP or RTCP, gets lost. */
  losesReceived(): boolean {
    return this.#draws(this.#faults.dropReceived);
  }

  /** Whether an RTP packet that is to be sent gets lost. */
  losesSent(): boolean {
    return this.#draws(this.#faults.dropSent);
  }

  #draws(share: number | undefined): boolean {
    if (share === undefined || share === 0 || this.#random() >= share) return false;
    this.dropped++;
    return true;
  }
}

/** Handlers that some of the received packets do not reach. */
export function lossyHandlers(handlers: TransportHandlers, loss: PacketLoss): TransportHandlers {
  return {
    ...handlers,
    onRtp: (packet) => {
      if (!loss.losesReceived()) handlers.onRtp(packet);
    },
    onRtcp: (packet) => {
      if (!loss.losesReceived()) handlers.onRtcp(packet);
    },
  };
}

/** A transport on which some of the sent packets get lost. */
export class LossyTransport implements Transport {
  readonly #transport: Transport;
  readonly #loss: PacketLoss;

  constructor(transport: Transport, loss: PacketLoss) {
    this.#transport = transport;
    this.#loss = loss;
  }

  get port(): number {
    return this.#transport.port;
  }

  get ufrag(): string {
    return this.#transport.ufrag;
  }

  get password(): string {
    return this.#transport.password;
  }

  get fingerprint(): string {
    return this.#transport.fingerprint;
  }

  get connected(): boolean {
    return this.#transport.connected;
  }

  get traffic(): Traffic {
    return this.#transport.traffic;
  }

  get lastHeard(): number {
    return this.#transport.lastHeard;
  }

  get drops(): number {
    return this.#transport.drops;
  }

  get droppedMessages(): number {
    return this.#transport.droppedMessages;
  }

  get memory(): PacketMemory {
    return this.#transport.memory;
  }

  get waitingBytes(): number {
    return this.#transport.waitingBytes;
  }

  countWaitingBytes(): number {
    return this.#transport.countWaitingBytes();
  }

  setRemote(ufrag: string, fingerprint: string): void {
    this.#transport.setRemote(ufrag, fingerprint);
  }

  setVideo(payloadType: number): void {
    this.#transport.setVideo(payloadType);
  }

  sendRtp(...packet: Parameters<Transport["sendRtp"]>): boolean {
    return this.#transport.connected &&
      (this.#loss.losesSent() || this.#transport.sendRtp(...packet));
  }

  get path(): PathState {
    return this.#transport.path;
  }

  want(bitsPerSecond: number): void {
    this.#transport.want(bitsPerSecond);
  }

  setPadding(...padding: Parameters<Transport["setPadding"]>): void {
    this.#transport.setPadding(...padding);
  }

  sendRtcp(packet: Uint8Array): void {
    this.#transport.sendRtcp(packet);
  }

  forget(ssrc: number): void {
    this.#transport.forget(ssrc);
  }

  sendMessage(
    streamId: number,
    payloadProtocol: number,
    data: Uint8Array,
    delivery: DeliveryOptions,
  ): void {
    this.#transport.sendMessage(streamId, payloadProtocol, data, delivery);
  }

  resetStreams(streamIds: readonly number[]): void {
    this.#transport.resetStreams(streamIds);
  }

  release(bytes: number): void {
    this.#transport.release(bytes);
  }

  ignore(step: IgnoredStep): void {
    this.#transport.ignore(step);
  }

  close(): void {
    this.#transport.close();
  }
}
