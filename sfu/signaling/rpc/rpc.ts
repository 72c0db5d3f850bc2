/** JSON-RPC 2.0 over the data channel `rpc`. */
import { isObject, type JsonObject, type JsonValue, parseJson } from "../../../base/json.ts";
import { ErrorCode, RpcError, type RpcMethod, type RpcTarget } from "./method.ts";
import { METHODS } from "./methods.ts";

const MAX_DEPTH = 64;

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
  run: RpcMethod | undefined,
  params: JsonValue,
  target: RpcTarget,
  id: JsonValue,
): JsonObject {
  if (run === undefined) return failure(id, ErrorCode.methodNotFound, "no such method");
  if (!isObject(params)) return failure(id, ErrorCode.invalidParams, "params is not an object");
  try {
    return { jsonrpc: "2.0", id, result: run(params, target) };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return failure(id, error.code, error.message);
  }
}

function failure(id: JsonValue, code: number, message: string): JsonObject {
  return { jsonrpc: "2.0", id, error: { code, message } };
}
