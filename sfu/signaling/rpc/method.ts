/** An RPC method: the type of its table's entries, and what they share. */
import type { JsonObject, JsonValue } from "../../../base/json.ts";
import type { RequestRid } from "../../sdp/rids.ts";
import type { SpotlightReceiver } from "../../spotlight/control.ts";
import type { MetadataTarget } from "../member_metadata.ts";

/** The caller's connection, as RPC methods change it. */
export interface RpcTarget {
  readonly id: string;
  readonly channelId: string;
  readonly metadata: MetadataTarget;
  /** What it receives in a spotlight; undefined without one. */
  readonly spotlightReceiver: SpotlightReceiver | undefined;
  /** What it may request by RPC of the layers of others' videos; undefined without simulcast. */
  readonly simulcastRpcRids: readonly RequestRid[] | undefined;
  /** Requests a layer of one sender's video, or of every sender's. Returns whether there is such a sender. */
  requestRid(rid: RequestRid, senderId?: string): boolean;
}

/** Error codes of JSON-RPC 2.0, 5.1. */
export const ErrorCode = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
} as const;

/** A call that fails; its response has the code and the message. */
export class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** One method. @throws RpcError when its parameters are wrong. */
export type RpcMethod = (params: JsonObject, target: RpcTarget) => JsonValue;

/** Methods by their names. */
export type RpcMethods = Readonly<Record<string, RpcMethod>>;

/** The error of wrong parameters. */
export function invalidParams(message: string): RpcError {
  return new RpcError(ErrorCode.invalidParams, message);
}

/** @throws RpcError when there is a property that is not known. */
export function onlyProperties(params: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(params).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalidParams("unknown property");
}
