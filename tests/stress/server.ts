/**
 * An embedded server in a process of its own, on the runtime of a row.
 *
 * @module
 */

import type { Process } from "../support/child.ts";
import { type ParsedMetric, parseExposition } from "../support/exposition.ts";
import { start } from "./process.ts";
import type { RowContext } from "./row.ts";

/** A server, as `sora-ffi server` runs it. */
export class StressServer implements AsyncDisposable {
  /** The signaling URL. */
  readonly url: string;
  readonly #http: string;
  readonly #process: Process;

  private constructor(url: string, server: Process) {
    this.url = url;
    this.#http = `http://127.0.0.1:${new URL(url).port}`;
    this.#process = server;
  }

  /** Starts one. */
  static async start(context: RowContext, ...flags: readonly string[]): Promise<StressServer> {
    const words = context.command(
      "../../../cli/mod.ts",
      ...["server", "--port", "0", "--log", "off", "--http-api", ...flags],
    );
    const server = start(context, words);
    try {
      const { url } = JSON.parse(await server.line("")) as { url: string };
      return new StressServer(url, server);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What the process has written to its standard error. */
  get errors(): string {
    return this.#process.errors;
  }

  /** Whether the process runs. */
  get runs(): boolean {
    return this.#process.pid !== undefined;
  }

  /** Its metrics. */
  async metrics(): Promise<Map<string, ParsedMetric>> {
    return parseExposition(await (await fetch(`${this.#http}/metrics`)).text());
  }

  /** Connections at present, established or not. */
  async connections(): Promise<number> {
    const metrics = await this.metrics();
    return ["sora_server_connections", "sora_server_pending_connections"]
      .flatMap((name) => [...metrics.get(name)?.samples.values() ?? []])
      .reduce((sum, value) => sum + value, 0);
  }

  /** Calls the HTTP API; gives the status. */
  async call(target: string, body: object): Promise<number> {
    const response = await fetch(this.#http, {
      method: "POST",
      headers: { "x-sora-target": target },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** Ends it. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
