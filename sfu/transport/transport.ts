/** One connection's transport: a UDP socket with ICE-lite, DTLS and SRTP on it. */
import type { Buffer } from "node:buffer";
import type { DtlsCertificate } from "./certificate.ts";
import { DtlsEndpoint, type DtlsResult, isDtls } from "./dtls.ts";
import { IceLite } from "./ice/ice_lite.ts";
import { isStun } from "./ice/stun.ts";
import { isRtcp, isRtpOrRtcp, parseRtpHeader, type RtpHeader } from "../rtp/packet.ts";
import { SrtpReceiver, SrtpSender } from "./srtp/session.ts";
import { type OpenUdpSocket, openUdpSocket, type UdpSocket } from "./udp_socket.ts";

/** What a transport reports. Nothing is called after `close()`. */
export interface MediaTransportHandlers {
  /** ICE and DTLS are up and the peer's certificate is the one of its answer. */
  onConnected(): void;
  /** A decrypted RTP packet. `data` holds its header and is valid only during the call. */
  onRtp(data: Buffer, header: RtpHeader, payload: Buffer): void;
  /** A decrypted compound RTCP packet. */
  onRtcp(packet: Buffer): void;
  /** Application data of the DTLS association: an SCTP packet. */
  onData(data: Buffer): void;
  /** The transport is of no use any more; `reason` is for people. */
  onEnd(reason: string, badFingerprint: boolean): void;
}

/**
 * Largest media packet: senders keep within an Ethernet frame, and a thousand packets are kept of
 * each stream to be sent again.
 */
const MAX_MEDIA_BYTES = 2048;

/** A transport bound to one port of the host. */
export class MediaTransport {
  /** `performance.now()` of the last authentic packet of the peer. */
  lastHeard = performance.now();
  readonly ice: IceLite;
  readonly #handlers: MediaTransportHandlers;
  readonly #certificate: DtlsCertificate;
  #socket: UdpSocket | undefined;
  #dtls: DtlsEndpoint | undefined;
  #agreed: DtlsResult | undefined;
  #expectedFingerprint: string | undefined;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  /** Datagrams from addresses that have not authenticated, or of no known protocol. */
  #strayDatagrams = 0;
  #connected = false;
  #closed = false;

  private constructor(certificate: DtlsCertificate, handlers: MediaTransportHandlers) {
    this.#certificate = certificate;
    this.#handlers = handlers;
    this.ice = new IceLite((data, port, address) => this.#socket?.send(data, port, address));
  }

  /** Binds a transport to `host`. @throws what the operating system says. */
  static async open(
    host: string,
    certificate: DtlsCertificate,
    handlers: MediaTransportHandlers,
    openSocket: OpenUdpSocket = openUdpSocket,
  ): Promise<MediaTransport> {
    const transport = new MediaTransport(certificate, handlers);
    transport.#socket = await openSocket(host, {
      onDatagram: (data, address, port) => transport.#onDatagram(data, address, port),
      onError: (error) => transport.#end(error.message),
    });
    return transport;
  }

  /** The UDP port of the host candidate. */
  get port(): number {
    return this.#socket?.port ?? 0;
  }

  /** Whether media can be sent. */
  get connected(): boolean {
    return this.#connected && !this.#closed;
  }

  /** Packets that were given up: not sent, not authentic, or seen before. */
  get drops(): number {
    return (this.#socket?.sendDrops ?? 0) + (this.#sender?.refused ?? 0) +
      (this.#receiver?.failed ?? 0) + (this.#receiver?.replayed ?? 0) + this.ice.rejected +
      (this.#dtls?.dropped ?? 0) + this.#strayDatagrams;
  }

  /** The SRTP profile agreed on, once connected. */
  get profile(): string | undefined {
    return this.#agreed?.profile;
  }

  /** Binds the transport to the peer's answer: its ICE fragment and certificate fingerprint. */
  setRemote(ufrag: string, fingerprint: string): void {
    this.ice.setRemoteUfrag(ufrag);
    this.#expectedFingerprint = fingerprint;
    this.#connectIfVerified();
  }

  /**
   * Sends one RTP packet: `header`, then `prefix` and `payload`. Returns the bytes sent, or 0 when
   * it could not be.
   */
  sendRtp(
    header: Buffer,
    payload: Buffer,
    ssrc: number,
    sequenceNumber: number,
    prefix?: Buffer,
  ): number {
    const peer = this.ice.selected;
    if (!this.#connected || peer === undefined) return 0;
    const packet = this.#sender?.protectRtp(header, payload, ssrc, sequenceNumber, prefix);
    if (packet === undefined) return 0;
    this.#socket?.send(packet, peer.port, peer.address);
    return packet.length;
  }

  /** Sends one compound RTCP packet. */
  sendRtcp(packet: Buffer): void {
    const peer = this.ice.selected;
    if (!this.#connected || peer === undefined || this.#sender === undefined) return;
    this.#socket?.send(this.#sender.protectRtcp(packet), peer.port, peer.address);
  }

  /** Forgets a stream of this side: nothing is sent under its SSRC any more. */
  forgetSent(ssrc: number): void {
    this.#sender?.forget(ssrc);
  }

  /** Forgets a stream of the peer. */
  forgetReceived(ssrc: number): void {
    this.#receiver?.forget(ssrc);
  }

  /** Sends application data over DTLS. */
  sendData(data: Buffer): void {
    if (this.#connected) this.#dtls?.send(data);
  }

  /** Closes the socket and everything on it. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#dtls?.close();
    this.#socket?.close();
  }

  #end(reason: string, badFingerprint = false): void {
    if (this.#closed) return;
    this.close();
    this.#handlers.onEnd(reason, badFingerprint);
  }

  #onDatagram(data: Buffer, address: string, port: number): void {
    if (this.#closed) return;
    if (isStun(data)) {
      if (this.ice.handle(data, address, port)) this.lastHeard = performance.now();
    } else if (!this.ice.isPeer(address, port)) {
      this.#strayDatagrams++;
    } else if (isRtpOrRtcp(data) && data.length <= MAX_MEDIA_BYTES) {
      this.#onMedia(data, address, port);
    } else if (isDtls(data)) {
      this.#dtls ??= this.#startDtls();
      this.#dtls.receive(data);
    } else {
      this.#strayDatagrams++;
    }
  }

  #onMedia(data: Buffer, address: string, port: number): void {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    if (isRtcp(data)) {
      const packet = receiver.unprotectRtcp(data);
      if (packet === undefined) return;
      this.#heard(address, port);
      this.#handlers.onRtcp(packet);
      return;
    }
    const header = parseRtpHeader(data);
    if (header === undefined) {
      this.#strayDatagrams++;
      return;
    }
    const payload = receiver.unprotectRtp(
      data,
      header.headerLength,
      header.ssrc,
      header.sequenceNumber,
    );
    if (payload === undefined) return;
    this.#heard(address, port);
    this.#handlers.onRtp(data, header, payload);
  }

  /** An authentic packet of media came from there. */
  #heard(address: string, port: number): void {
    this.lastHeard = performance.now();
    this.ice.heard(address, port, this.lastHeard);
  }

  #startDtls(): DtlsEndpoint {
    return new DtlsEndpoint(this.#certificate, {
      send: (data) => {
        const peer = this.ice.selected;
        if (peer !== undefined) this.#socket?.send(data, peer.port, peer.address);
      },
      onConnected: (result) => {
        this.#agreed = result;
        this.#connectIfVerified();
      },
      onData: (data) => this.#handlers.onData(data),
      onClosed: () => this.#end("The peer closed its DTLS association."),
      onError: (error) => this.#end(error.message),
    });
  }

  /** Media flows only when both the handshake and the answer are there and agree. */
  #connectIfVerified(): void {
    const agreed = this.#agreed;
    const expected = this.#expectedFingerprint;
    if (agreed === undefined || expected === undefined || this.#connected || this.#closed) return;
    if (agreed.remoteFingerprint !== expected) {
      this.#end("The DTLS certificate is not the one of the answer.", true);
      return;
    }
    this.#sender = new SrtpSender(agreed.profile, agreed.local);
    this.#receiver = new SrtpReceiver(agreed.profile, agreed.remote);
    this.#connected = true;
    this.#handlers.onConnected();
  }
}
