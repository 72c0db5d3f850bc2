/** The part of Sora's HTTP API that test suites use: `POST /` with the header `x-sora-target`. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isObject, type JsonValue, parseJson } from "../../base/json.ts";
import { type ApiAccess, refuseApi } from "../options/http_access.ts";
import type { ApiTarget } from "./call.ts";
import { CALLS } from "./calls.ts";

const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;

/** Answers one HTTP request. */
export function handleApi(
  request: IncomingMessage,
  response: ServerResponse,
  target: ApiTarget,
  access: ApiAccess,
): void {
  const refusal = refuseApi(request.headers, access);
  if (refusal !== undefined) {
    if (refusal.status === 401) response.setHeader("www-authenticate", "Bearer");
    reply(response, refusal.status, { error_type: refusal.errorType });
    return;
  }
  const name = request.headers["x-sora-target"];
  const call = typeof name === "string" ? CALLS.get(name) : undefined;
  if (request.method !== "POST" || request.url !== "/") {
    reply(response, 404, { error_type: "NOT-FOUND" });
    return;
  }
  if (call === undefined) {
    reply(response, 400, { error_type: "UNKNOWN-TARGET" });
    return;
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  request.on("error", () => {});
  request.on("data", (part: Buffer) => {
    bytes += part.byteLength;
    if (bytes <= MAX_BODY_BYTES) parts.push(part);
  });
  request.on("end", () => {
    const body = bytes > MAX_BODY_BYTES ? undefined : Buffer.concat(parts).toString();
    // A call without properties has no body either.
    const json = body === undefined ? undefined : parseJson(body === "" ? "{}" : body, MAX_DEPTH);
    const done = isObject(json) ? call(json, target) : undefined;
    if (done === undefined) reply(response, 400, { error_type: "INVALID-BODY" });
    else if (done === true) reply(response, 200, {});
    else if (done === false) reply(response, 404, { error_type: "NOT-FOUND" });
    else reply(response, done.status, done.body);
  });
}

function reply(response: ServerResponse, status: number, body: JsonValue): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
