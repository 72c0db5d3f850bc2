/** The part of Sora's HTTP API that test suites use: `POST /` with the header `x-sora-target`. */
import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiAccess, refuseApi } from "./options/http_access.ts";
import { isObject, type JsonObject, type JsonValue, parseJson } from "../base/json.ts";
import type { RpcTarget } from "./signaling/rpc.ts";

/** The server as the API controls it. Each method returns whether its target exists. */
export interface ApiTarget {
  disconnectConnection(channelId: string, connectionId: string): boolean;
  disconnectChannel(channelId: string): boolean;
  pushChannel(channelId: string, data: JsonValue): boolean;
  requestKeyFrame(channelId: string, connectionId: string): boolean;
  /** A connection with its client's latest statistics. */
  connectionStats(channelId: string, connectionId: string): JsonObject | undefined;
  /** A connection's metadata, to be changed. */
  metadata(channelId: string, connectionId: string): RpcTarget | undefined;
  hasConnection(channelId: string, connectionId: string): boolean;
}

/** An answer with its own status; `true` stands for 200 `{}`, `false` for 404, undefined for an invalid body. */
type ApiAnswer = boolean | undefined | { readonly status: number; readonly body: JsonValue };

const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;

type Call = (body: JsonObject, target: ApiTarget) => ApiAnswer;

const RIDS: readonly JsonValue[] = ["none", "r0", "r1", "r2", "auto"];

function text(body: JsonObject, key: string): string | undefined {
  const value = body[key];
  return typeof value === "string" ? value : undefined;
}

function onConnection(
  run: (
    target: ApiTarget,
    channelId: string,
    connectionId: string,
    body: JsonObject,
  ) => ApiAnswer,
): Call {
  return (body, target) => {
    const channelId = text(body, "channel_id");
    const connectionId = text(body, "connection_id");
    if (channelId === undefined || connectionId === undefined) return undefined;
    return run(target, channelId, connectionId, body);
  };
}

/** A call that changes a connection's metadata, and answers with it. */
function onMetadata(
  change: (metadata: RpcTarget, body: JsonObject, push: boolean) => JsonValue | undefined,
): Call {
  return onConnection((target, channelId, connectionId, body) => {
    const { push = false } = body;
    if (typeof push !== "boolean") return undefined;
    const metadata = target.metadata(channelId, connectionId);
    if (metadata === undefined) return false;
    const changed = change(metadata, body, push);
    return changed === undefined ? undefined : { status: 200, body: changed };
  });
}

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  [
    "Sora_20151104.DisconnectConnection",
    onConnection((target, channel, connection) => target.disconnectConnection(channel, connection)),
  ],
  [
    "Sora_20241218.RequestKeyFrame",
    onConnection((target, channel, connection) => target.requestKeyFrame(channel, connection)),
  ],
  [
    "Sora_20170529.GetStatsConnection",
    onConnection((target, channel, connection) => {
      const body = target.connectionStats(channel, connection);
      return body === undefined ? false : { status: 200, body };
    }),
  ],
  [
    "Sora_20201124.PutSignalingNotifyMetadata",
    onMetadata((metadata, body, push) =>
      body.metadata === undefined ? undefined : metadata.putMetadata(body.metadata, push)
    ),
  ],
  [
    "Sora_20201124.PutSignalingNotifyMetadataItem",
    onMetadata((metadata, { key, value }, push) =>
      typeof key !== "string" || value === undefined
        ? undefined
        : metadata.putMetadataItem(key, value, push)
    ),
  ],
  ["Sora_20251210.RequestSimulcastRid", (body, target) => {
    const channelId = text(body, "channel_id");
    const receiver = text(body, "receiver_connection_id");
    if (channelId === undefined || receiver === undefined) return undefined;
    if (body.rid === undefined || !RIDS.includes(body.rid)) return undefined;
    if (!target.hasConnection(channelId, receiver)) return false;
    // No connection of this server has simulcast, so there is no layer to choose.
    return { status: 400, body: { error_type: "SIMULCAST-DISABLED" } };
  }],
  ["Sora_20151104.DisconnectChannel", (body, target) => {
    const channelId = text(body, "channel_id");
    return channelId === undefined ? undefined : target.disconnectChannel(channelId);
  }],
  ["Sora_20160711.PushChannel", (body, target) => {
    const channelId = text(body, "channel_id");
    if (channelId === undefined || body.data === undefined) return undefined;
    return target.pushChannel(channelId, body.data);
  }],
]);

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
    const json = body === undefined ? undefined : parseJson(body, MAX_DEPTH);
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
