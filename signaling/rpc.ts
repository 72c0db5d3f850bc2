/**
 * Remote procedure calls over the data channel `rpc` (JSON-RPC 2.0, without batches).
 *
 * @module
 */

import { checkNumber } from "./checks.ts";
import { type Clock, MAX_TIMEOUT_MS } from "./clock.ts";
import { SoraError, SoraRpcError } from "./errors.ts";
import { FieldProblem } from "./fields.ts";
import { copyJson, type JsonValue } from "./json.ts";
import { parseJson, type ParseLimits } from "./parse.ts";

/** How to make a call. */
export interface RpcOptions {
  /** How long to wait for the answer, in milliseconds (default 5 000). */
  readonly timeoutMs?: number;
  /** No answer is wanted: resolves with `undefined` once sent. */
  readonly notification?: boolean;
}

/** How many calls may wait for their answers. */
export const MAX_PENDING_CALLS = 1024;
/** How long an answer is waited for unless told otherwise, in milliseconds. */
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
  readonly #send: (text: string) => boolean;
  readonly #limits: ParseLimits;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;
  #closed = false;

  /** No calls yet. @param send Puts a text on the channel; `false` if it is not open or its buffer is full. */
  constructor(clock: Clock, limits: ParseLimits, send: (text: string) => boolean) {
    this.#clock = clock;
    this.#limits = limits;
    this.#send = send;
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
    if (options.notification === true) {
      this.#transmit(method, JSON.stringify(body));
      return undefined;
    }
    if (this.#pending.size >= MAX_PENDING_CALLS) {
      throw new SoraError(
        "LIMIT_EXCEEDED",
        `rpc(${method}): ${MAX_PENDING_CALLS} calls are already waiting for their answers`,
      );
    }
    const id = ++this.#lastId;
    this.#transmit(method, JSON.stringify({ ...body, id }));
    return await this.#answer(id, method, timeoutMs);
  }

  /** Takes a message from the channel. `false` if it does not answer one of the calls. */
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

  /** Rejects all calls that wait. */
  close(): void {
    this.#closed = true;
    for (const call of this.#pending.values()) {
      call.cancelTimer();
      call.reject(new SoraError("CLOSED", `rpc(${call.method}): the connection ended first`));
    }
    this.#pending.clear();
  }

  #transmit(method: string, text: string): void {
    if (!this.#send(text)) {
      throw new SoraError(
        "INVALID_STATE",
        `rpc(${method}): the data channel rpc is not open, or its buffer is full`,
      );
    }
  }

  #answer(id: number, method: string, timeoutMs: number): Promise<JsonValue> {
    return new Promise((resolve, reject) => {
      const cancelTimer = this.#clock.after(timeoutMs, () => {
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
    `rpc(${method}): ${text}`,
    data,
  );
}
