/** The parts of a connection, decorated with the faults of its server. */
import type {
  ConnectionEnd,
  ConnectionParts,
  OpenTransport,
  SignalingDataChannels,
} from "../connection/parts.ts";
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
import { isObject, parseJson } from "../../base/json.ts";
import type { ClientSocket, SignalingSocket } from "../signaling/signaling_socket.ts";
import type { Transport, TransportHandlers } from "../transport/transport.ts";
import type { ServerFaults } from "./faults.ts";
import { FaultyDataChannels } from "./faulty_data_channels.ts";
import { FaultySocket } from "./faulty_socket.ts";
import { lossyHandlers, LossyTransport, type PacketLoss } from "./lossy_transport.ts";
import { MessageFate } from "./message_fate.ts";

const ignore = () => {};

export class FaultyParts implements ConnectionParts {
  readonly socket: SignalingSocket;
  readonly signalingDataChannels: readonly DataChannelSettings[];
  readonly #clientSocket: ClientSocket;
  readonly #faults: ServerFaults;
  readonly #loss: PacketLoss;
  readonly #openTransport: OpenTransport;
  readonly #fate: MessageFate;

  constructor(
    socket: ClientSocket,
    faults: ServerFaults,
    loss: PacketLoss,
    openTransport: OpenTransport,
  ) {
    this.#clientSocket = socket;
    this.#faults = faults;
    this.#loss = loss;
    this.#openTransport = openTransport;
    this.#fate = new MessageFate(faults);
    this.socket = new FaultySocket(socket, faults, this.#fate);
    this.signalingDataChannels = faults.textSignaling === true
      ? SIGNALING_DATA_CHANNELS.map((channel) => ({ ...channel, compress: false }))
      : SIGNALING_DATA_CHANNELS;
  }

  openTransport(host: string, handlers: TransportHandlers): Transport {
    const { stopBefore } = this.#faults;
    const opened = this.#openTransport(host, {
      ...lossyHandlers(handlers, this.#loss),
      ...(stopBefore === "channels" ? { onAssociation: ignore } : {}),
    });
    if (stopBefore === "ice" || stopBefore === "dtls" || stopBefore === "sctp") {
      opened.ignore(stopBefore);
    }
    return new LossyTransport(opened, this.#loss);
  }

  createDataChannels(
    settings: readonly DataChannelSettings[],
    transport: DataTransport,
    maxWaitingBytes: number,
    handlers: DataChannelsHandlers,
  ): DataChannels {
    return new DataChannels(settings, transport, maxWaitingBytes, {
      ...handlers,
      onSignaling: (label, text) => {
        if (!this.#ignores(label, text)) handlers.onSignaling(label, text);
      },
      ...(this.#faults.stopBefore === "switched" ? { onOpen: ignore } : {}),
    });
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
