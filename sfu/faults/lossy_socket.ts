/** UDP sockets that lose datagrams on purpose. */
import type { Buffer } from "node:buffer";
import { seededRandom } from "../../base/random.ts";
import { isRtcp, isRtpOrRtcp } from "../rtp/packet.ts";
import { isDtls } from "../transport/dtls.ts";
import { isStun } from "../transport/ice/stun.ts";
import { openUdpSocket, type UdpHandlers, type UdpSocket } from "../transport/udp_socket.ts";
import type { ServerFaults } from "./faults.ts";

/** The losses of one server: all its sockets draw from one generator. */
export class DatagramLoss {
  /** Media packets lost on purpose. */
  dropped = 0;
  readonly #faults: ServerFaults;
  readonly #random: () => number;

  constructor(faults: ServerFaults) {
    this.#faults = faults;
    this.#random = seededRandom(faults.seed ?? 1);
  }

  /** Binds a socket that loses datagrams. @throws the error of the operating system. */
  async open(host: string, handlers: UdpHandlers): Promise<UdpSocket> {
    const socket = await openUdpSocket(host, {
      onDatagram: (data, address, port) => {
        if (!this.#losesReceived(data)) handlers.onDatagram(data, address, port);
      },
      onError: (error) => handlers.onError(error),
    });
    return new LossySocket(socket, (data) => this.#losesSent(data));
  }

  #losesReceived(data: Buffer): boolean {
    const { stopBefore, dropReceived } = this.#faults;
    if (stopBefore === "ice" && isStun(data)) return true;
    if (stopBefore === "dtls" && isDtls(data)) return true;
    return isRtpOrRtcp(data) && this.#draws(dropReceived);
  }

  #losesSent(data: Uint8Array): boolean {
    return isRtpOrRtcp(data) && !isRtcp(data) && this.#draws(this.#faults.dropSent);
  }

  #draws(share: number | undefined): boolean {
    if (share === undefined || share === 0 || this.#random() >= share) return false;
    this.dropped++;
    return true;
  }
}

class LossySocket implements UdpSocket {
  readonly #socket: UdpSocket;
  readonly #loses: (data: Uint8Array) => boolean;

  constructor(socket: UdpSocket, loses: (data: Uint8Array) => boolean) {
    this.#socket = socket;
    this.#loses = loses;
  }

  get port(): number {
    return this.#socket.port;
  }

  get sendDrops(): number {
    return this.#socket.sendDrops;
  }

  send(data: Uint8Array, port: number, address: string): void {
    if (!this.#loses(data)) this.#socket.send(data, port, address);
  }

  close(): void {
    this.#socket.close();
  }
}
