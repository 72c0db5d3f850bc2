/**
 * Remote procedure calls over the data channel `rpc` (JSON-RPC 2.0, without batches).
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import { checkNumber } from "../../base/checks.ts";
import { type Clock, MAX_TIMEOUT_MS } from "../../base/clock.ts";
import { SoraError, SoraRpcError } from "../../base/errors.ts";
import { FieldProblem } from "../messages/fields.ts";
import { copyJson, type JsonValue } from "../../base/json.ts";
import { parseJson, type ParseLimits } from "../messages/parse.ts";
import type { Transports } from "./transports.ts";

/** Options of a call. */
export interface RpcOptions {
  /** The timeout of the answer, in milliseconds (default 5,000). */
  readonly timeoutMs?: number | undefined;
  /** Requests no answer: resolves with `undefined` once sent. */
  readonly notification?: boolean | undefined;
}

/** The most calls that wait for their answers. */
export const MAX_PENDING_CALLS = 1024;
/** The default timeout of a call, in milliseconds. */
export const DEFAULT_RPC_TIMEOUT_MS = 5_000;

interface PendingCall {
  readonly method: string;
  readonly resolve: (result: JsonValue) => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimer: () => void;
}

/** The calls of one connection. */
export class Rpc {
  readonly #clock: Clock;
  readonly #transports: Transports;
  readonly #limits: ParseLimits;
  readonly #pending = new Map<number, PendingCall>();
  /** Calls that wait for the channel to open, in order. */
  readonly #waiting = new Set<PendingCall>();
  #lastId = 0;
  #closed = false;

  /** No calls yet. */
  constructor(clock: Clock, limits: ParseLimits, transports: Transports) {
    this.#clock = clock;
    this.#limits = limits;
    this.#transports = transports;
  }

  /** Makes a call. */
  async call(
    method: string,
    params: JsonValue | undefined,
    options: RpcOptions,
  ): Promise<JsonValue | undefined> {
    const body = {
      jsonrpc: "2.0",
      method,
      ...(params === undefined ? {} : { params: copyJson(params, "params") }),
    };
    const { timeoutMs = DEFAULT_RPC_TIMEOUT_MS } = options;
    checkNumber(timeoutMs, "timeoutMs", 1, MAX_TIMEOUT_MS);
    if (this.#closed) throw new SoraError("CLOSED", `rpc(${method}): the connection has ended`);
    const deadline = this.#clock.now() + timeoutMs;
    if (this.#transports.channels?.isAwaited("rpc") === true) {
      await this.#opening(method, timeoutMs);
    }
    if (options.notification === true) {
      this.#transmit(method, JSON.stringify(body));
      return undefined;
    }
    this.#checkRoom(method);
    const id = ++this.#lastId;
    this.#transmit(method, JSON.stringify({ ...body, id }));
    return await this.#answer(id, method, timeoutMs, deadline);
  }

  /** The channel is open. */
  opened(): void {
    for (const { cancelTimer, resolve } of this.#waiting) {
      cancelTimer();
      resolve(null);
    }
    this.#waiting.clear();
  }

  /** Handles a message of the channel. `false` if it does not answer one of the calls. */
  receive(text: string): boolean {
    let answer: Record<string, unknown>;
    try {
      const value = parseJson(text, this.#limits);
      if (typeof value !== "object" || value === null) return false;
      answer = value as Record<string, unknown>;
    } catch (error) {
      if (error instanceof FieldProblem) return false;
      throw error;
    }
    const id = answer["id"];
    const call = typeof id === "number" ? this.#pending.get(id) : undefined;
    if (call === undefined || Object.hasOwn(answer, "method")) return false;
    this.#pending.delete(id as number);
    call.cancelTimer();
    if (answer["result"] !== undefined) call.resolve(answer["result"] as JsonValue);
    else call.reject(rpcError(call.method, answer["error"]));
    return true;
  }

  /** Rejects all pending calls. */
  close(): void {
    this.#closed = true;
    for (const call of [...this.#waiting, ...this.#pending.values()]) {
      call.cancelTimer();
      call.reject(new SoraError("CLOSED", `rpc(${call.method}): the connection ended first`));
    }
    this.#waiting.clear();
    this.#pending.clear();
  }

  #checkRoom(method: string): void {
    if (this.#pending.size + this.#waiting.size < MAX_PENDING_CALLS) return;
    throw new SoraError(
      "LIMIT_EXCEEDED",
      `rpc(${method}): ${MAX_PENDING_CALLS} calls are already waiting for their answers`,
    );
  }

  /** The server's `switched` can overtake the event that the channel is open, so a call right after it has to wait. */
  async #opening(method: string, timeoutMs: number): Promise<void> {
    this.#checkRoom(method);
    await new Promise<JsonValue>((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
        this.#waiting.delete(call);
        reject(new SoraError("TIMEOUT", `rpc(${method}): not open within ${timeoutMs} ms`));
      });
      const call = { method, resolve, reject, cancelTimer };
      this.#waiting.add(call);
    });
  }

  #transmit(method: string, text: string): void {
    if (!this.#transports.sendText("rpc", text)) {
      throw new SoraError(
        "INVALID_STATE",
        `rpc(${method}): the data channel rpc is not open, or its buffer is full`,
      );
    }
  }

  #answer(
    id: number,
    method: string,
    timeoutMs: number,
    deadline: number,
  ): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      const left = Math.max(0, deadline - this.#clock.now());
      const cancelTimer = this.#clock.after(left, () => {
        this.#pending.delete(id);
        reject(new SoraError("TIMEOUT", `rpc(${method}): no answer within ${timeoutMs} ms`));
      });
      this.#pending.set(id, { method, resolve, reject, cancelTimer });
    });
  }
}

function rpcError(method: string, error: unknown): Error {
  const { code, message, data } = (typeof error === "object" && error !== null ? error : {}) as {
    code?: unknown;
    message?: unknown;
    data?: unknown;
  };
  const text = typeof message === "string" ? message : "the answer has neither result nor error";
  return new SoraRpcError(
    typeof code === "number" ? code : -32603,
    `rpc(${method}): ${quoted(text)}`,
    data,
  );
}
