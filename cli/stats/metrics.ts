/**
 * Statistics over HTTP, for Prometheus.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Exposition } from "../../base/prometheus.ts";
import { type SoraStats, toPrometheus } from "../../mod.ts";

const MAX_CONNECTIONS = 32;
const REQUEST_TIMEOUT_MS = 5_000;

/** What is served. */
export interface Snapshot {
  /** The last statistics; undefined while there is no connection. */
  readonly stats: readonly SoraStats[] | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** The text of `/metrics`. */
export function metricsText({ stats, labels }: Snapshot): string {
  const up = new Exposition();
  up.add(
    "sora_connection_up",
    "gauge",
    stats === undefined ? 0 : 1,
    Object.entries(labels),
    "Whether there is a connection.",
  );
  return up.toString() + (stats === undefined ? "" : toPrometheus(stats, { labels }));
}

/** A server that answers `/metrics` until it is disposed of. */
export class MetricsServer implements AsyncDisposable {
  /** The URL of the metrics. */
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  /**
   * Starts it.
   *
   * @throws {Error} It cannot listen there.
   */
  static async start(host: string, port: number, snapshot: () => Snapshot): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      const { method = "", url = "" } = request;
      if (url.split("?")[0] !== "/metrics") {
        response.writeHead(404).end("see /metrics\n");
      } else if (method !== "GET" && method !== "HEAD") {
        response.writeHead(405, { allow: "GET, HEAD" }).end();
      } else {
        response.setHeader("content-type", "text/plain; version=0.0.4; charset=utf-8");
        response.end(method === "HEAD" ? undefined : metricsText(snapshot()));
      }
    });
    server.maxConnections = MAX_CONNECTIONS;
    server.requestTimeout = REQUEST_TIMEOUT_MS;
    server.headersTimeout = REQUEST_TIMEOUT_MS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: Error & { code?: string }) => {
        reject(
          error.code !== "EADDRINUSE" ? error : Object.assign(
            new Error(
              `port ${port} of ${host} is in use, or ${host} is not an address of this machine; --prometheus 0 picks a free port`,
              { cause: error },
            ),
            { code: error.code },
          ),
        );
      });
      server.listen(port, host, resolve);
    });
    const { address, port: bound, family } = server.address() as AddressInfo;
    const name = family === "IPv6" ? `[${address}]` : address;
    return new MetricsServer(server, `http://${name}:${bound}/metrics`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }
}
