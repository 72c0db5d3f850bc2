/** The signaling over data channels, with faults: dropped, late, or the end instead of a message. */
import type { ConnectionEnd, SignalingDataChannels } from "../connection/parts.ts";
import type { SignalingLabel } from "../data/data_channel_settings.ts";
import type { JsonObject } from "../../base/json.ts";
import { CloseCode } from "../signaling/refusal.ts";
import type { ClientSocket } from "../signaling/signaling_socket.ts";
import { Delay } from "./delay.ts";
import type { SignalingFaults } from "./faults.ts";
import type { MessageFate } from "./message_fate.ts";

/** What the faults of a connection's data channels apply to. */
export interface FaultyDataChannelsSettings {
  readonly channels: SignalingDataChannels;
  readonly socket: ClientSocket;
  readonly connection: ConnectionEnd;
  readonly faults: SignalingFaults;
  /** What becomes of messages to this client, over its WebSocket as well. */
  readonly fate: MessageFate;
}

export class FaultyDataChannels implements SignalingDataChannels {
  readonly #settings: FaultyDataChannelsSettings;
  readonly #delay: Delay;

  constructor(settings: FaultyDataChannelsSettings) {
    this.#settings = settings;
    this.#delay = new Delay(settings.faults.signalingDelayMs);
  }

  sendSignaling(label: SignalingLabel, message: JsonObject): void {
    const { channels, socket, connection, faults, fate } = this.#settings;
    const becomes = fate.of(String(message.type));
    if (becomes === "send") {
      this.#delay.do(() => channels.sendSignaling(label, message));
    } else if (becomes === "close") {
      const { code, reason } = faults.closeInsteadOf!;
      connection.end(code, reason);
    } else if (becomes === "cut") {
      socket.cut();
      connection.abandon(CloseCode.normal, "CUT");
    }
  }

  closeChannels(onClosing: () => void): void {
    this.#delay.do(() => this.#settings.channels.closeChannels(onClosing));
  }

  close(): void {
    this.#delay.clear();
    this.#settings.channels.close();
  }
}
