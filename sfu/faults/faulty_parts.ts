/** The parts of a connection, decorated with the faults of its server. */
import type { ConnectionEnd, ConnectionParts, SignalingDataChannels } from "../connection/parts.ts";
import { Association, type AssociationHandlers } from "../data/association.ts";
import {
  type DataChannelSettings,
  SIGNALING_DATA_CHANNELS,
  type SignalingLabel,
} from "../data/data_channel_settings.ts";
import { DataChannels, type DataChannelsHandlers } from "../data/data_channels.ts";
import { isObject, parseJson } from "../../base/json.ts";
import type { ClientSocket, SignalingSocket } from "../signaling/signaling_socket.ts";
import type { DtlsCertificate } from "../transport/certificate.ts";
import { MediaTransport, type MediaTransportHandlers } from "../transport/transport.ts";
import type { ServerFaults } from "./faults.ts";
import { FaultyDataChannels } from "./faulty_data_channels.ts";
import { FaultySocket } from "./faulty_socket.ts";
import type { DatagramLoss } from "./lossy_socket.ts";
import { MessageFate } from "./message_fate.ts";

const ignore = () => {};

export class FaultyParts implements ConnectionParts {
  readonly socket: SignalingSocket;
  readonly signalingDataChannels: readonly DataChannelSettings[];
  readonly #clientSocket: ClientSocket;
  readonly #faults: ServerFaults;
  readonly #loss: DatagramLoss;
  readonly #fate: MessageFate;

  constructor(socket: ClientSocket, faults: ServerFaults, loss: DatagramLoss) {
    this.#clientSocket = socket;
    this.#faults = faults;
    this.#loss = loss;
    this.#fate = new MessageFate(faults);
    this.socket = new FaultySocket(socket, faults, this.#fate);
    this.signalingDataChannels = faults.textSignaling === true
      ? SIGNALING_DATA_CHANNELS.map((channel) => ({ ...channel, compress: false }))
      : SIGNALING_DATA_CHANNELS;
  }

  openTransport(
    host: string,
    certificate: DtlsCertificate,
    handlers: MediaTransportHandlers,
  ): Promise<MediaTransport> {
    return MediaTransport.open(
      host,
      certificate,
      this.#faults.stopBefore === "sctp" ? { ...handlers, onData: ignore } : handlers,
      (host, socketHandlers) => this.#loss.open(host, socketHandlers),
    );
  }

  createDataChannels(
    settings: readonly DataChannelSettings[],
    handlers: DataChannelsHandlers,
    maxWaitingBytes: number,
  ): DataChannels {
    const { stopBefore } = this.#faults;
    const faulty: DataChannelsHandlers = {
      ...handlers,
      onSignaling: (label, text) => {
        if (!this.#ignores(label, text)) handlers.onSignaling(label, text);
      },
      ...(stopBefore === "switched" ? { onOpen: ignore } : {}),
    };
    const associate = (handlers: AssociationHandlers) =>
      new Association(
        stopBefore === "channels" ? { ...handlers, onEstablished: ignore } : handlers,
      );
    return new DataChannels(settings, faulty, maxWaitingBytes, associate);
  }

  signalOver(channels: DataChannels, connection: ConnectionEnd): SignalingDataChannels {
    return new FaultyDataChannels({
      channels,
      socket: this.#clientSocket,
      connection,
      faults: this.#faults,
      fate: this.#fate,
    });
  }

  /** Whether the server does not react to this message of a data channel. */
  #ignores(label: SignalingLabel, text: string): boolean {
    if (this.#fate.silent) return true;
    if (label !== "signaling" || this.#faults.ignoreDisconnect !== true) return false;
    const message = parseJson(text, 64);
    return isObject(message) && message.type === "disconnect";
  }
}
