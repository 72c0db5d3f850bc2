/** Sora's HTTP API, as far as test suites use it: `POST /` with the header `x-sora-target`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isObject, type Json, type JsonObject, parseJson } from "./signaling/json.ts";

/** What the API does to the server. Each returns whether its target exists. */
export interface ApiTarget {
  disconnectConnection(channelId: string, connectionId: string): boolean;
  disconnectChannel(channelId: string): boolean;
  pushChannel(channelId: string, data: Json): boolean;
  requestKeyFrame(channelId: string, connectionId: string): boolean;
}

const MAX_BODY_BYTES = 256 * 1024;
const MAX_DEPTH = 32;

type Call = (body: JsonObject, target: ApiTarget) => boolean | undefined;

function text(body: JsonObject, key: string): string | undefined {
  const value = body[key];
  return typeof value === "string" ? value : undefined;
}

function onConnection(
  run: (target: ApiTarget, channelId: string, connectionId: string) => boolean,
): Call {
  return (body, target) => {
    const channelId = text(body, "channel_id");
    const connectionId = text(body, "connection_id");
    if (channelId === undefined || connectionId === undefined) return undefined;
    return run(target, channelId, connectionId);
  };
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
): void {
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
  let body = "";
  request.setEncoding("utf8");
  request.on("error", () => {});
  request.on("data", (part: string) => {
    if (body.length <= MAX_BODY_BYTES) body += part;
  });
  request.on("end", () => {
    const json = body.length > MAX_BODY_BYTES ? undefined : parseJson(body, MAX_DEPTH);
    const done = isObject(json) ? call(json, target) : undefined;
    if (done === undefined) reply(response, 400, { error_type: "INVALID-BODY" });
    else if (done) reply(response, 200, {});
    else reply(response, 404, { error_type: "NOT-FOUND" });
  });
}

function reply(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
