/**
 * An npm registry on loopback that has a few packages.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A version of a package. */
export interface Published {
  /** Its `package.json`. */
  readonly manifest: { readonly name: string; readonly version: string };
  /** Absent for a package that nobody may download: only its description is there. */
  readonly tarball?: Uint8Array;
}

/** Old enough for clients that do not trust what was published just now. */
const PUBLISHED = "2020-01-01T00:00:00.000Z";

/** A registry that serves packages on a port that the system picks. */
export class Registry implements AsyncDisposable {
  /** The paths that were asked for. */
  readonly requests: string[] = [];
  readonly #packages: ReadonlyMap<string, Published>;
  readonly #server: Server;

  private constructor(packages: readonly Published[]) {
    this.#packages = new Map(packages.map((one) => [one.manifest.name, one]));
    this.#server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
      this.requests.push(path);
      const [status, type, body] = this.#answer(path);
      response.writeHead(status, { "content-type": type, "content-length": body.length });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  }

  /** Starts one. */
  static async start(packages: readonly Published[]): Promise<Registry> {
    const registry = new Registry(packages);
    await new Promise<void>((resolve, reject) => {
      registry.#server.once("error", reject);
      registry.#server.listen(0, "127.0.0.1", resolve);
    });
    return registry;
  }

  /** Its URL, with a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  #answer(path: string): [number, string, Uint8Array] {
    const [, name = "", file] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/-\/(.+))?$/.exec(path) ?? [];
    const found = this.#packages.get(name);
    if (found !== undefined && file === undefined) {
      return [200, "application/json", new TextEncoder().encode(this.#packument(found))];
    }
    if (found?.tarball !== undefined) return [200, "application/octet-stream", found.tarball];
    return [404, "application/json", new TextEncoder().encode('{"error":"not found"}')];
  }

  #packument({ manifest, tarball = new Uint8Array() }: Published): string {
    const { name, version } = manifest;
    const hash = (algorithm: string) => createHash(algorithm).update(tarball);
    const dist = {
      tarball: `${this.url}${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`,
      integrity: `sha512-${hash("sha512").digest("base64")}`,
      shasum: hash("sha1").digest("hex"),
    };
    return JSON.stringify({
      name,
      "dist-tags": { latest: version },
      versions: { [version]: { ...manifest, dist } },
      time: { created: PUBLISHED, modified: PUBLISHED, [version]: PUBLISHED },
    });
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
