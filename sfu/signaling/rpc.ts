/** JSON-RPC 2.0 over the data channel `rpc`. */
import { isObject, type JsonObject, type JsonValue, parseJson } from "../../base/json.ts";

/** What RPC methods change. */
export interface RpcTarget {
  /** Replaces the metadata that notifications carry as `metadata`; undefined when it is too large. */
  putMetadata(metadata: JsonValue, push: boolean): JsonValue | undefined;
  /** Sets one property of that metadata; undefined when that makes it too large. */
  putMetadataItem(key: string, value: JsonValue, push: boolean): JsonValue | undefined;
}

const ErrorCode = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
} as const;

const MAX_DEPTH = 64;

class RpcError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

type Method = (params: JsonObject, target: RpcTarget) => JsonValue | undefined;

/** Methods that a client may call, as the offer lists them. */
const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["2025.2.0/PutSignalingNotifyMetadata", (params, target) => {
    onlyProperties(params, ["metadata", "push"]);
    if (params.metadata === undefined) {
      throw new RpcError(ErrorCode.invalidParams, "metadata is missing");
    }
    return target.putMetadata(params.metadata, push(params));
  }],
  ["2025.2.0/PutSignalingNotifyMetadataItem", (params, target) => {
    onlyProperties(params, ["key", "value", "push"]);
    if (typeof params.key !== "string" || params.value === undefined) {
      throw new RpcError(ErrorCode.invalidParams, "key or value is missing");
    }
    return target.putMetadataItem(params.key, params.value, push(params));
  }],
]);

/** Names of all methods. */
export const RPC_METHODS: readonly string[] = [...METHODS.keys()];

function onlyProperties(params: JsonObject, known: readonly string[]): void {
  const unknown = Object.keys(params).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new RpcError(ErrorCode.invalidParams, "unknown property");
}

function push(params: JsonObject): boolean {
  const value = params.push ?? false;
  if (typeof value !== "boolean") {
    throw new RpcError(ErrorCode.invalidParams, "push must be a boolean");
  }
  return value;
}

/**
 * Handles one request. Returns the response, or undefined for a notification.
 *
 * @param allowed names of the methods that the connection may call
 */
export function handleRpc(
  text: string,
  target: RpcTarget,
  allowed: readonly string[],
): JsonObject | undefined {
  const request = parseJson(text, MAX_DEPTH);
  if (request === undefined) return failure(null, ErrorCode.parse, "not JSON");
  if (!isObject(request)) return failure(null, ErrorCode.invalidRequest, "not an object");
  const { id, jsonrpc, method, params = {} } = request;
  const known = id === undefined || id === null || typeof id === "string" ||
    typeof id === "number";
  if (jsonrpc !== "2.0" || typeof method !== "string" || !known) {
    return failure(null, ErrorCode.invalidRequest, "not a JSON-RPC 2.0 request");
  }
  const run = allowed.includes(method) ? METHODS.get(method) : undefined;
  const answer = call(run, params, target, id ?? null);
  return id === undefined ? undefined : answer;
}

function call(
  run: Method | undefined,
  params: JsonValue,
  target: RpcTarget,
  id: JsonValue,
): JsonObject {
  if (run === undefined) return failure(id, ErrorCode.methodNotFound, "no such method");
  if (!isObject(params)) return failure(id, ErrorCode.invalidParams, "params is not an object");
  try {
    const result = run(params, target);
    if (result === undefined) throw new RpcError(ErrorCode.invalidParams, "metadata is too large");
    return { jsonrpc: "2.0", id, result };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return failure(id, error.code, error.message);
  }
}

function failure(id: JsonValue, code: number, message: string): JsonObject {
  return { jsonrpc: "2.0", id, error: { code, message } };
}
