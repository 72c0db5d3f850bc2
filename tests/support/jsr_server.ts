/**
 * A server on loopback that has one package as JSR has it.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Files } from "../../packages/tarball.ts";

/** JSR with one package, on a port that the system picks. */
export class JsrServer implements AsyncDisposable {
  readonly #answers: ReadonlyMap<string, Uint8Array>;
  readonly #server: Server;

  private constructor(files: Files) {
    this.#answers = answers(files);
    this.#server = createServer((request, response) => {
      const body = this.#answers.get(new URL(request.url ?? "/", "http://localhost").pathname);
      const type = request.url?.endsWith(".json") ? "application/json" : "text/typescript";
      response.writeHead(body === undefined ? 404 : 200, { "content-type": type });
      response.end(body);
    });
  }

  /** Starts one that has a package, whose `deno.json` has its name, version and exports. */
  static async start(files: Files): Promise<JsrServer> {
    const server = new JsrServer(files);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", reject);
      server.#server.listen(0, "127.0.0.1", resolve);
    });
    return server;
  }

  /** Its URL, with a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** What the server answers, by path: the package's versions, the files of the one there is, and each of these. */
function answers(files: Files): Map<string, Uint8Array> {
  const configuration = JSON.parse(new TextDecoder().decode(files.get("deno.json")));
  const { name, version, exports } = configuration;
  const [, scope, own] = /^@(.*)\/(.*)$/.exec(name)!;
  const manifest = Object.fromEntries([...files].map(([path, bytes]) => {
    const checksum = `sha256-${createHash("sha256").update(bytes).digest("hex")}`;
    return [`/${path}`, { size: bytes.length, checksum }];
  }));
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  return new Map([
    [
      `/${name}/meta.json`,
      json({ scope, name: own, latest: version, versions: { [version]: {} } }),
    ],
    [`/${name}/${version}_meta.json`, json({ manifest, exports })],
    ...[...files].map(([path, bytes]): [string, Uint8Array] => [
      `/${name}/${version}/${path}`,
      bytes,
    ]),
  ]);
}
