/**
 * A server alone in a process, on a core of its own.
 *
 * @module
 */

import { ON_SERVER_CORE } from "./cores.ts";
import { onThisRuntime, Program } from "./program.ts";

/** The process of a server. */
export class ServerProgram extends Program {
  /** Where clients connect. */
  url = "";

  /** Starts one; it may use all cores unless `alone`. */
  static async start(alone = true): Promise<ServerProgram> {
    const words = onThisRuntime(new URL("server_program.ts", import.meta.url));
    const server = new ServerProgram(alone ? [...ON_SERVER_CORE, ...words] : words);
    server.url = String((await server.line("url"))["url"]);
    return server;
  }

  /** The native objects that are alive in it, once garbage is collected. */
  async objects(): Promise<number> {
    const line = this.line("objects");
    this.tell({ do: "objects" });
    return Number((await line)["objects"]);
  }
}
