/** The two transports of one client's signaling: its WebSocket and, once switched, its data channels. */
import type { ChannelSettings, SignalingLabel } from "../data/channel_settings.ts";
import { MemberChannels, type MemberChannelsHandlers } from "../data/member_channels.ts";
import type { ServerConfig } from "../options/options.ts";
import type { JsonObject } from "../signaling/json.ts";
import { CloseCode, type EndReason } from "../signaling/refusal.ts";
import type { SignalingSocket } from "../signaling/signaling_socket.ts";

/** Time for a client to close its side of what the other side closed. */
export const LINGER_MS = 1000;

/** What happens on the data channels, what a fault does to a message on them, and the end of both. */
export interface SignalingTransportsHandlers extends Omit<MemberChannelsHandlers, "onClosed"> {
  /** The client closed every channel; it has time to end its transport. */
  onChannelsClosed(): void;
  /** A fault closes the connection instead of sending a message. */
  onFaultClose(code: number, reason: string): void;
  /** A fault cut the WebSocket instead of sending a message. */
  onFaultCut(): void;
  /** Both transports had their time to close. */
  onClosed(code: number, reason: string): void;
}

export class SignalingTransports {
  readonly #config: ServerConfig;
  readonly #socket: SignalingSocket;
  readonly #handlers: SignalingTransportsHandlers;
  #data: MemberChannels | undefined;
  #switched = false;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(
    config: ServerConfig,
    socket: SignalingSocket,
    handlers: SignalingTransportsHandlers,
  ) {
    this.#config = config;
    this.#socket = socket;
    this.#handlers = handlers;
  }

  /** Whether messages that may come over either go over the data channels. */
  get switched(): boolean {
    return this.#switched;
  }

  /** The data channels, when the client has any. */
  get data(): MemberChannels | undefined {
    return this.#data;
  }

  /** Has the data channels ready for the client's transport. */
  prepare(channels: readonly ChannelSettings[]): void {
    this.#data = new MemberChannels(
      channels,
      {
        ...this.#handlers,
        onClosed: () => this.#onChannelsClosed(),
      },
      this.#config.maxWaitingMessageBytes,
      this.#config.faults,
    );
  }

  /** Tells the client that signaling goes over the data channels from now on. */
  switch(ignoresWebSocket: boolean): void {
    this.#socket.send({ type: "switched", ignore_disconnect_websocket: ignoresWebSocket });
    this.#switched = true;
  }

  /** Sends one message over the transport that signaling uses at present. */
  send(label: SignalingLabel, message: JsonObject): void {
    if (this.#switched) this.sendOn(label, message);
    else this.#socket.send(message);
  }

  /** Sends one message on a data channel, unless a fault wants it otherwise. */
  sendOn(label: SignalingLabel, message: JsonObject): void {
    const fate = this.#socket.fate.of(String(message.type));
    if (fate === "send") {
      this.#data?.sendSignaling(label, message);
    } else if (fate === "close") {
      const { code, reason } = this.#config.faults.closeInsteadOf!;
      this.#handlers.onFaultClose(code, reason);
    } else if (fate === "cut") {
      this.#socket.cut();
      this.#handlers.onFaultCut();
    }
  }

  /** Closes both from the server's side; `onClosed` follows. */
  close(code: number, reason: string): void {
    if (this.#switched && this.#config.dataChannelSignalingCloseMessage) {
      this.sendOn("signaling", { type: "close", code, reason });
    }
    this.#socket.close(code, reason);
    this.#closeChannels(code, reason);
  }

  /** Closes both after the client said that it leaves; `onClosed` follows. */
  closeAfterDisconnect(): void {
    // Clients wait for the channels to close both ways before they believe a close.
    this.#closeChannels(CloseCode.normal, "TYPE-DISCONNECT" satisfies EndReason);
  }

  #closeChannels(code: number, reason: string): void {
    if (this.#data === undefined || !this.#switched) {
      this.#handlers.onClosed(code, reason);
      return;
    }
    const ms = LINGER_MS + (this.#config.faults.signalingDelayMs ?? 0);
    this.#linger = setTimeout(() => this.#handlers.onClosed(code, reason), ms);
    this.#data.closeChannels();
  }

  #onChannelsClosed(): void {
    const reason: EndReason = "TYPE-DISCONNECT";
    this.#handlers.onChannelsClosed();
    this.#socket.close(CloseCode.normal, reason);
    // The answer to the client's last reset is under way: the client ends the transport.
    const { normal } = CloseCode;
    this.#linger ??= setTimeout(() => this.#handlers.onClosed(normal, reason), LINGER_MS);
  }

  /** Gives both transports back at once. */
  finish(code: number, reason: string): void {
    clearTimeout(this.#linger);
    this.#socket.close(code, reason);
    this.#data?.close();
  }
}
