/** What a server answers over HTTP: Sora's API, metrics and the page, each if its option is on. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SoraServerConnection } from "../connections.ts";
import { refuseApi } from "../options/http_access.ts";
import type { ServerConfig } from "../options/options.ts";
import type { SoraServerStats } from "../stats.ts";
import { handleApi } from "./api.ts";
import type { ApiTarget } from "./call.ts";
import { METRICS_TYPE, metricsText } from "./metrics.ts";

/** The server as HTTP shows and controls it. */
export interface HttpTarget {
  readonly api: ApiTarget;
  stats(): SoraServerStats;
  connections(): SoraServerConnection[];
}

/** Nothing here is to be kept, taken for another type, or shown within another page. */
export const SAFE_HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
} as const;

/** Answers one request. */
export function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  target: HttpTarget,
  config: ServerConfig,
): void {
  const path = request.url?.split("?", 1)[0];
  if (config.metrics && path === "/metrics") {
    answerRead(request, response, config, () => ({
      type: METRICS_TYPE,
      body: metricsText(target.stats(), target.connections()),
    }));
  } else if (config.httpApi) {
    handleApi(request, response, target.api, config);
  } else {
    answer(response, 404, "text/plain", "This server speaks Sora signaling over WebSocket.\n");
  }
}

/** Answers a request that may only read, and only with access to the API. */
function answerRead(
  request: IncomingMessage,
  response: ServerResponse,
  config: ServerConfig,
  read: () => { readonly type: string; readonly body: string },
): void {
  const refusal = refuseApi(request.headers, config);
  if (refusal !== undefined) {
    if (refusal.status === 401) response.setHeader("www-authenticate", "Bearer");
    answer(response, refusal.status, "text/plain", `${refusal.errorType}\n`);
  } else if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    answer(response, 405, "text/plain", "Only GET and HEAD are allowed here.\n");
  } else {
    const { type, body } = read();
    answer(response, 200, type, body);
  }
}

/** Sends an answer; the body of one to HEAD is left out by the HTTP server. */
export function answer(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, ...SAFE_HEADERS });
  response.end(body);
}
