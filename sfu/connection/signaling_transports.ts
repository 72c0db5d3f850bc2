/** The transports of a connection's signaling: its WebSocket and, once switched, its data channels. */
import type { DataChannelSettings, SignalingLabel } from "../data/data_channel_settings.ts";
import type { DataChannels, DataChannelsHandlers, DataTransport } from "../data/data_channels.ts";
import type { ServerConfig } from "../options/options.ts";
import type { JsonObject } from "../../base/json.ts";
import { CloseCode, type EndReason } from "../signaling/refusal.ts";
import type { ConnectionEnd, ConnectionParts, SignalingDataChannels } from "./parts.ts";

/** Time for a client to close its side of what the other side closed. */
export const LINGER_MS = 1000;

/** Times that it is given for what was sent before, as long as it takes some in each. */
const MAX_LINGERS = 10;

/** Events of the data channels, and the end of both transports. */
export interface SignalingTransportsHandlers extends Omit<DataChannelsHandlers, "onClosed"> {
  /** The client closed every data channel; it has time to end its transport. */
  onAllClosed(): void;
  /** Both transports had their time to close. */
  onClosed(code: number, reason: string): void;
}

export class SignalingTransports {
  readonly #config: ServerConfig;
  readonly #parts: ConnectionParts;
  readonly #handlers: SignalingTransportsHandlers;
  #data: DataChannels | undefined;
  #channels: SignalingDataChannels | undefined;
  #switched = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(
    config: ServerConfig,
    parts: ConnectionParts,
    handlers: SignalingTransportsHandlers,
  ) {
    this.#config = config;
    this.#parts = parts;
    this.#handlers = handlers;
  }

  /** Whether messages that may come over either go over the data channels. */
  get switched(): boolean {
    return this.#switched;
  }

  /** The data channels, when the client has any. */
  get data(): DataChannels | undefined {
    return this.#data;
  }

  /** Creates the data channels, before the client's transport is up. */
  prepare(
    channels: readonly DataChannelSettings[],
    transport: DataTransport,
    connection: ConnectionEnd,
  ): void {
    this.#data = this.#parts.createDataChannels(
      channels,
      transport,
      this.#config.maxWaitingMessageBytes,
      { ...this.#handlers, onClosed: () => this.#onAllClosed() },
    );
    this.#channels = this.#parts.signalOver(this.#data, connection);
  }

  /** Moves signaling to the data channels, and reports that to the client. */
  switch(ignoresWebSocket: boolean): void {
    this.#parts.socket.send({ type: "switched", ignore_disconnect_websocket: ignoresWebSocket });
    this.#switched = true;
  }

  /** Sends one message over the transport that signaling uses at present. */
  send(label: SignalingLabel, message: JsonObject): void {
    if (this.#switched) this.sendOn(label, message);
    else this.#parts.socket.send(message);
  }

  /** Sends one message on a data channel. */
  sendOn(label: SignalingLabel, message: JsonObject): void {
    this.#channels?.sendSignaling(label, message);
  }

  /** Closes both from the server's side; `onClosed` follows. */
  close(code: number, reason: string): void {
    if (this.#switched && this.#config.dataChannelSignalingCloseMessage) {
      this.sendOn("signaling", { type: "close", code, reason });
    }
    this.#parts.socket.close(code, reason);
    this.#closeChannels(code, reason);
  }

  /** Closes both after the client's `disconnect`; `onClosed` follows. */
  closeAfterDisconnect(): void {
    // A client waits until its data channels are closed both ways.
    this.#closeChannels(CloseCode.normal, "TYPE-DISCONNECT" satisfies EndReason);
  }

  #closeChannels(code: number, reason: string): void {
    if (this.#channels === undefined || !this.#switched) {
      this.#handlers.onClosed(code, reason);
      return;
    }
    this.#channels.closeChannels(() => this.#closeAfterLinger(code, reason));
  }

  #onAllClosed(): void {
    const reason: EndReason = "TYPE-DISCONNECT";
    this.#handlers.onAllClosed();
    this.#parts.socket.close(CloseCode.normal, reason);
    // The answer to the client's last reset is under way: the client ends the transport.
    this.#closeAfterLinger(CloseCode.normal, reason);
  }

  #closeAfterLinger(code: number, reason: string): void {
    if (this.#linger === undefined) this.#lingerOnce(code, reason, MAX_LINGERS);
  }

  #lingerOnce(code: number, reason: string, times: number): void {
    const unsent = this.#data?.countUnsentBytes() ?? 0;
    this.#linger = setTimeout(() => {
      const takesMore = times > 1 && (this.#data?.countUnsentBytes() ?? 0) < unsent;
      if (takesMore) this.#lingerOnce(code, reason, times - 1);
      else this.#handlers.onClosed(code, reason);
    }, LINGER_MS);
  }

  /** Releases both transports at once. */
  finish(code: number, reason: string): void {
    clearTimeout(this.#linger);
    this.#parts.socket.close(code, reason);
    this.#channels?.close();
  }
}
