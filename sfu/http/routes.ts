/** What a server answers over HTTP: Sora's API, metrics and the page, each if its option is on. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { SoraServerConnection } from "../connections.ts";
import { type ApiRefusal, refuseApi, refusePage } from "../options/http_access.ts";
import type { ServerConfig } from "../options/options.ts";
import { type HttpAnswer, isPagePath, pageAnswer } from "../page/page.ts";
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
const SAFE_HEADERS = {
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
  const path = request.url?.split("?", 1)[0] ?? "";
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (config.metrics && path === "/metrics") {
    if (!mayRead(request, response, refuseApi(request.headers, config))) return;
    const body = metricsText(target.stats(), target.connections());
    send(response, { status: 200, type: METRICS_TYPE, body });
  } else if (config.page && path === "/members") {
    if (!mayRead(request, response, refuseApi(request.headers, config))) return;
    const state = { stats: target.stats(), connections: target.connections() };
    send(response, { status: 200, type: "application/json", body: JSON.stringify(state) });
  } else if (config.page && isPagePath(path) && (isRead || path !== "/")) {
    if (!mayRead(request, response, refusePage(request.headers, config))) return;
    pageAnswer(path, config).then((answer) => send(response, answer));
  } else if (config.httpApi) {
    handleApi(request, response, target.api, config);
  } else {
    send(response, text(404, "This server speaks Sora signaling over WebSocket.\n"));
  }
}

function text(status: number, body: string): HttpAnswer {
  return { status, type: "text/plain; charset=utf-8", body };
}

/** Whether a request may be answered, because it only reads and is not refused. If not, it is answered. */
function mayRead(
  request: IncomingMessage,
  response: ServerResponse,
  refusal: ApiRefusal | undefined,
): boolean {
  if (refusal !== undefined) {
    if (refusal.status === 401) response.setHeader("www-authenticate", "Bearer");
    send(response, text(refusal.status, `${refusal.errorType}\n`));
    return false;
  }
  if (request.method === "GET" || request.method === "HEAD") return true;
  response.setHeader("allow", "GET, HEAD");
  send(response, text(405, "Only GET and HEAD are allowed here.\n"));
  return false;
}

/** Sends an answer; the body of one to HEAD is left out by the HTTP server. */
function send(response: ServerResponse, { status, type, body, headers = {} }: HttpAnswer): void {
  response.writeHead(status, { "content-type": type, ...SAFE_HEADERS, ...headers });
  response.end(body);
}
