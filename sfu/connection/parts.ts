/** The parts through which a connection reaches its client. Faults decorate them, see `../faults/`. */
import {
  type DataChannelSettings,
  SIGNALING_DATA_CHANNELS,
  type SignalingLabel,
} from "../data/data_channel_settings.ts";
import { DataChannels, type DataChannelsHandlers } from "../data/data_channels.ts";
import type { JsonObject } from "../../base/json.ts";
import type { SignalingSocket } from "../signaling/signaling_socket.ts";
import type { DtlsCertificate } from "../transport/certificate.ts";
import { MediaTransport, type MediaTransportHandlers } from "../transport/transport.ts";

/** Data channels as the signaling uses them. */
export interface SignalingDataChannels {
  /** Sends one message. */
  sendSignaling(label: SignalingLabel, message: JsonObject): void;
  /** Calls `onClosing` and resets every data channel; `onClosed` of the handlers follows. */
  closeChannels(onClosing: () => void): void;
  /** Ends the association. Idempotent. */
  close(): void;
}

/** The two ways to end a connection. */
export interface ConnectionEnd {
  /** Ends it with closing handshakes. */
  end(code: number, reason: string): void;
  /** Ends it at once. */
  abandon(code: number, reason: string): void;
}

export interface ConnectionParts {
  readonly socket: SignalingSocket;
  /** Settings of the data channels for signaling itself. */
  readonly signalingDataChannels: readonly DataChannelSettings[];
  /** @throws the error of the operating system when `host` cannot be bound. */
  openTransport(
    host: string,
    certificate: DtlsCertificate,
    handlers: MediaTransportHandlers,
  ): Promise<MediaTransport>;
  /** @param maxWaitingBytes bytes of messages that may wait for the client */
  createDataChannels(
    settings: readonly DataChannelSettings[],
    handlers: DataChannelsHandlers,
    maxWaitingBytes: number,
  ): DataChannels;
  /** The data channels as the signaling of a connection uses them. */
  signalOver(channels: DataChannels, connection: ConnectionEnd): SignalingDataChannels;
}

/** The parts without any faults. */
export function plainParts(socket: SignalingSocket): ConnectionParts {
  return {
    socket,
    signalingDataChannels: SIGNALING_DATA_CHANNELS,
    openTransport: (host, certificate, handlers) =>
      MediaTransport.open(host, certificate, handlers),
    createDataChannels: (settings, handlers, maxWaitingBytes) =>
      new DataChannels(settings, handlers, maxWaitingBytes),
    signalOver: (channels) => channels,
  };
}
