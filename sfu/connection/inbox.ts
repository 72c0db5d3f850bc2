/** The inbox of a connection: messages of its client over either transport, routed by type. */
import type { SignalingLabel } from "../data/data_channel_settings.ts";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { Allowance } from "../allowance.ts";
import type { ServerConfig } from "../options/options.ts";
import { Refusal } from "../signaling/refusal.ts";
import { RpcBudget } from "../signaling/rpc/budget.ts";
import type { RpcTarget } from "../signaling/rpc/method.ts";
import { handleRpc } from "../signaling/rpc/rpc.ts";
import { parseSignal } from "../signaling/signal.ts";

/** Handlers by what a message is about. Each may throw a Refusal. */
export interface InboxHandlers {
  onConnect(message: JsonObject): void;
  onAnswer(type: "answer" | "re-answer", sdp: unknown): void;
  /** The client is alive; `stats` are its statistics. */
  onPong(stats: JsonValue | undefined): void;
  onDisconnect(): void;
  /** The response to an RPC call. */
  onRpcResponse(response: JsonObject): void;
}

/** The limits of a client's messages; the options of the same names. */
export type InboxLimits = Pick<ServerConfig, "maxMessageBytes" | "maxSignalingRate">;

export class ConnectionInbox {
  /** `performance.now()` of the latest step: the start, `connect` or an answer. */
  steppedAt = performance.now();
  readonly #handlers: InboxHandlers;
  readonly #maxMessageBytes: number;
  readonly #rpcTarget: RpcTarget;
  readonly #rpcBudget = new RpcBudget(performance.now());
  readonly #allowance: Allowance;
  #connecting = true;

  /** @param rpcTarget what RPC calls change */
  constructor(limits: InboxLimits, rpcTarget: RpcTarget, handlers: InboxHandlers) {
    this.#maxMessageBytes = limits.maxMessageBytes;
    this.#allowance = new Allowance(limits.maxSignalingRate, performance.now());
    this.#rpcTarget = rpcTarget;
    this.#handlers = handlers;
  }

  /** Takes a message of the WebSocket. @throws Refusal */
  onSocketMessage(type: string, message: JsonObject): void {
    this.#spend();
    if (this.#connecting) {
      if (type !== "connect") {
        throw new Refusal("INVALID-MESSAGE", "the first message must be connect");
      }
      this.steppedAt = performance.now();
      this.#handlers.onConnect(message);
      this.#connecting = false;
    } else if (type === "pong") {
      this.#handlers.onPong(message.stats);
    } else if (type === "answer") {
      this.steppedAt = performance.now();
      this.#handlers.onAnswer(type, message.sdp);
    } else {
      this.#onCommonMessage(type, message);
    }
  }

  /** Whether the budget for RPC calls allows one now. */
  mayCall(): boolean {
    return this.#rpcBudget.allows(performance.now());
  }

  /**
   * Takes a message of a data channel.
   *
   * @param rpcMethods names of the methods that the client may call
   * @throws Refusal
   */
  onChannelMessage(label: SignalingLabel, text: string, rpcMethods: readonly string[]): void {
    if (label === "rpc") {
      this.#rpcBudget.spend(text.length);
      const response = handleRpc(text, this.#rpcTarget, rpcMethods);
      if (response !== undefined) this.#handlers.onRpcResponse(response);
      return;
    }
    this.#spend();
    const { type, message } = parseSignal(text, this.#maxMessageBytes);
    if (label === "signaling") this.#onCommonMessage(type, message);
    else if (label === "stats") this.#handlers.onPong(message.reports);
  }

  /** @throws Refusal when there were too many messages lately */
  #spend(): void {
    if (this.#allowance.take(1, performance.now())) return;
    throw new Refusal("TOO-MANY-MESSAGES", "the client sends too many messages a second");
  }

  /** Messages that may come over either transport. */
  #onCommonMessage(type: string, message: JsonObject): void {
    switch (type) {
      case "re-answer":
        this.#handlers.onAnswer(type, message.sdp);
        return;
      case "candidate":
        // Clients are found by their authenticated ICE checks, so a candidate is validated and ignored.
        if (typeof message.candidate !== "string") {
          throw new Refusal("INVALID-MESSAGE", "candidate.candidate must be a string");
        }
        return;
      case "disconnect":
        this.#handlers.onDisconnect();
        return;
      default:
        throw new Refusal("INVALID-MESSAGE", "a client does not send this message now");
    }
  }
}
