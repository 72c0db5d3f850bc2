/**
 * The Sora that the tests in `tests/sora` run against: a real one, where the environment or a file `.env` names it, as the official
 * SDKs' suites have it; else the embedded server.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import type { SoraConnectionOptions } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "./access_token.ts";

/** What the variables say. */
export interface SoraSettings {
  readonly signalingUrls: readonly string[];
  /** What channel ids begin with. */
  readonly channelIdPrefix: string;
  /** Signs access tokens; without one, the server must take connections without. */
  readonly secretKey: string | undefined;
  /** The HTTP API; tests that need it are skipped without one. */
  readonly apiUrl: string | undefined;
  /** Whether the server is a real one. */
  readonly real: boolean;
}

/**
 * Reads the variables `TEST_SIGNALING_URLS` (several are separated by commas), `TEST_CHANNEL_ID_PREFIX`, `TEST_SECRET_KEY` and
 * `TEST_API_URL`.
 *
 * @returns Undefined when none of them names a server.
 * @throws {Error} When a server is named and the rest does not fit.
 */
export function readSettings(
  variables: Readonly<Record<string, string | undefined>>,
): SoraSettings | undefined {
  const value = (name: string) => variables[name]?.trim() || undefined;
  const urls = value("TEST_SIGNALING_URLS") ?? value("TEST_SIGNALING_URL");
  if (urls === undefined) return undefined;
  const signalingUrls = urls.split(",").map((url) => url.trim()).filter(Boolean);
  const wrong = signalingUrls.find((url) => !/^wss?:\/\//.test(url));
  if (wrong !== undefined) {
    throw new Error(
      `TEST_SIGNALING_URLS: ${JSON.stringify(wrong)} begins with neither ws: nor wss:`,
    );
  }
  const channelIdPrefix = value("TEST_CHANNEL_ID_PREFIX");
  if (channelIdPrefix === undefined) {
    throw new Error("TEST_SIGNALING_URLS is set, but TEST_CHANNEL_ID_PREFIX is not");
  }
  const apiUrl = value("TEST_API_URL");
  if (apiUrl !== undefined && !URL.canParse(apiUrl)) {
    throw new Error(`TEST_API_URL: ${JSON.stringify(apiUrl)} is no URL`);
  }
  const secretKey = value("TEST_SECRET_KEY");
  return { signalingUrls, channelIdPrefix, secretKey, apiUrl, real: true };
}

/** The variables of the file `.env` in the checkout's root, where there is one, and over them those of the environment. */
function variables(): Record<string, string | undefined> {
  const file = fileURLToPath(new URL("../../.env", import.meta.url));
  const fromFile = existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
  return { ...fromFile, ...process.env };
}

/** A Sora to test against. */
export class SoraTarget implements AsyncDisposable {
  /** The URLs of its servers, of which each but the first may redirect. */
  readonly cluster: readonly string[];
  readonly #settings: SoraSettings;
  readonly #servers: readonly SoraServer[];

  private constructor(settings: SoraSettings, servers: readonly SoraServer[] = []) {
    this.#settings = settings;
    this.#servers = servers;
    const urls = servers.map(({ url }) => url);
    this.cluster = urls.length > 0 ? urls : settings.signalingUrls;
  }

  /** Whether it is a real one. */
  get real(): boolean {
    return this.#settings.real;
  }

  /** Looks for a real one with `SORA_TEST_REAL=1`, as `make test-sora` sets; else starts the embedded server. */
  static async open(): Promise<SoraTarget> {
    if (process.env.SORA_TEST_REAL) {
      const settings = readSettings(variables());
      if (settings === undefined) {
        throw new Error("TEST_SIGNALING_URLS is set neither in the environment nor in .env");
      }
      const target = new SoraTarget(settings);
      for (const reason of [target.withoutApi, target.withoutClaims, target.withoutCluster]) {
        if (reason !== undefined) console.log(`Skipped are tests for which ${reason}`);
      }
      return target;
    }
    const secretKey = randomUUID();
    const server = await SoraServer.start({ port: 0, httpApi: true, secret: secretKey });
    const redirecting = await SoraServer.start({ port: 0, redirect: server.url });
    return new SoraTarget({
      signalingUrls: [server.url],
      channelIdPrefix: "test",
      secretKey,
      apiUrl: `http://127.0.0.1:${server.port}/`,
      real: false,
    }, [server, redirecting]);
  }

  /** Why tests of the HTTP API cannot run; undefined when they can. */
  get withoutApi(): string | undefined {
    return this.#settings.apiUrl === undefined ? "TEST_API_URL is not set" : undefined;
  }

  /** Why redirects cannot be tested; undefined when they can. */
  get withoutCluster(): string | undefined {
    return this.cluster.length < 2 ? "TEST_SIGNALING_URLS has one URL alone" : undefined;
  }

  /** Why tests that need claims cannot run; undefined when they can. */
  get withoutClaims(): string | undefined {
    return this.#settings.secretKey === undefined ? "TEST_SECRET_KEY is not set" : undefined;
  }

  /** Options of a new channel, whose access token has these claims. */
  room(
    claims: object = {},
  ): Pick<SoraConnectionOptions, "signalingUrls" | "channelId" | "metadata"> & {
    channelId: string;
  } {
    const { signalingUrls, channelIdPrefix, secretKey } = this.#settings;
    const channelId = `${channelIdPrefix}_${randomUUID()}`;
    const exp = Math.floor(Date.now() / 1_000) + 300;
    return {
      signalingUrls,
      channelId,
      ...(secretKey === undefined ? {} : {
        metadata: {
          access_token: accessToken({ channel_id: channelId, exp, ...claims }, secretKey),
        },
      }),
    };
  }

  /**
   * Calls the HTTP API.
   *
   * @throws {Error} When it does not answer with 200.
   */
  async call(target: string, body: object): Promise<unknown> {
    const response = await fetch(this.#settings.apiUrl!, {
      method: "POST",
      headers: { "x-sora-target": target, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`${target}: ${response.status} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Ends the embedded servers. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) await server.close();
  }
}
