/** The parts through which a connection reaches its client. Faults decorate them, see `../faults/`. */
import {
  type DataChannelSettings,
  SIGNALING_DATA_CHANNELS,
  type SignalingLabel,
} from "../data/data_channel_settings.ts";
import {
  DataChannels,
  type DataChannelsHandlers,
  type DataTransport,
} from "../data/data_channels.ts";
import type { JsonObject } from "../../base/json.ts";
import type { SignalingSocket } from "../signaling/signaling_socket.ts";
import type { Transport, TransportHandlers } from "../transport/transport.ts";

/** Data channels as the signaling uses them. */
export interface SignalingDataChannels {
  /** Sends one message. */
  sendSignaling(label: SignalingLabel, message: JsonObject): void;
  /** Calls `onClosing` and resets every data channel; `onClosed` of the handlers follows. */
  closeChannels(onClosing: () => void): void;
  /** Sends nothing any more. Idempotent. */
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
  openTransport(host: string, handlers: TransportHandlers): Transport;
  /** @param maxWaitingBytes bytes of messages that may wait for the client */
  createDataChannels(
    settings: readonly DataChannelSettings[],
    transport: DataTransport,
    maxWaitingBytes: number,
    handlers: DataChannelsHandlers,
  ): DataChannels;
  /** The data channels as the signaling of a connection uses them. */
  signalOver(channels: DataChannels, connection: ConnectionEnd): SignalingDataChannels;
}

/** Makes the transports of connections. */
export type OpenTransport = ConnectionParts["openTransport"];

/** The parts without any faults. */
export function plainParts(socket: SignalingSocket, openTransport: OpenTransport): ConnectionParts {
  return {
    socket,
    signalingDataChannels: SIGNALING_DATA_CHANNELS,
    openTransport,
    createDataChannels: (settings, transport, maxWaitingBytes, handlers) =>
      new DataChannels(settings, transport, maxWaitingBytes, handlers),
    signalOver: (channels) => channels,
  };
}
