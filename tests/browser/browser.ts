/**
 * Debian's browsers, driven by puppeteer: Chromium over its DevTools protocol, Firefox over WebDriver BiDi. What they load is the page
 * in `page/`, from a server on loopback; they look for nothing else in the network.
 *
 * @module
 */

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import puppeteer, {
  type Browser as PuppeteerBrowser,
  type LaunchOptions,
  type Page as PuppeteerPage,
} from "puppeteer-core";
import { within } from "../support/eventually.ts";
import type { PageApi } from "./page/api.ts";

/** The browsers. */
export type BrowserName = "chromium" | "firefox";

const LIMIT_MS = 20_000;
const START_LIMIT_MS = 60_000;

const CHROMIUM: LaunchOptions = {
  browser: "chrome",
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-background-timer-throttling",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    // Names are not looked up.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
};

const FIREFOX: LaunchOptions = {
  browser: "firefox",
  executablePath: "/usr/bin/firefox-esr",
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
    // Audio runs without a sound device.
    "media.cubeb.force_mock_context": true,
    // Codecs and their like are not downloaded.
    "media.gmp-manager.updateEnabled": false,
    "media.gmp-manager.url": "",
    // Everything but loopback goes to a port where nobody listens.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.captive-portal-service.enabled": false,
    "network.connectivity-service.enabled": false,
  },
};

const LAUNCH: Readonly<Record<BrowserName, LaunchOptions>> = {
  chromium: CHROMIUM,
  firefox: FIREFOX,
};

/** How a browser is started for tests. */
export function launchOptions(name: BrowserName): LaunchOptions {
  return LAUNCH[name];
}

/** The program of a browser. */
export function programOf(name: BrowserName): string {
  return LAUNCH[name].executablePath!;
}

/** An address of this machine that is not loopback, if it has one. */
function machineAddress(): string | undefined {
  return Object.values(networkInterfaces()).flat()
    .find((one) => one !== undefined && one.family === "IPv4" && !one.internal)?.address;
}

/**
 * The address that a server must have for a browser: Firefox gathers no candidates on loopback, whatever its preferences say, and pairs
 * no other address with a loopback one.
 */
export function hostFor(name: BrowserName): string {
  if (name === "chromium") return "127.0.0.1";
  const address = machineAddress();
  if (address === undefined) throw new Error("Firefox needs an address that is not loopback");
  return address;
}

/** A browser that was started. */
export class Browser implements AsyncDisposable {
  readonly #browser: PuppeteerBrowser;
  readonly #server: Server;

  private constructor(browser: PuppeteerBrowser, server: Server) {
    this.#browser = browser;
    this.#server = server;
  }

  /** Starts one. */
  static async start(name: BrowserName): Promise<Browser> {
    const launch = LAUNCH[name];
    const script = await bundle();
    const browser = await puppeteer.launch({
      ...launch,
      headless: true,
      timeout: START_LIMIT_MS,
      extraPrefsFirefox: {
        ...launch.extraPrefsFirefox,
        "network.proxy.no_proxies_on": ["localhost", "127.0.0.1", machineAddress()].join(),
      },
    });
    // Deno calls no `after` where `--filter` left tests out. Bun has no such event.
    addEventListener("unload", () => browser.process()?.kill("SIGKILL"));
    return new Browser(browser, await serve(script));
  }

  /** Its name and version. */
  version(): Promise<string> {
    return this.#browser.version();
  }

  /** Opens the page in a tab. */
  async open(): Promise<Page> {
    const page = await this.#browser.newPage();
    const { port } = this.#server.address() as AddressInfo;
    await within("the page", page.goto(`http://127.0.0.1:${port}/`), LIMIT_MS);
    // Its module waits for audio to run.
    const ready = page.waitForFunction(() => "api" in globalThis, { timeout: LIMIT_MS });
    await within("the page's script", ready, LIMIT_MS);
    return new Page(page);
  }

  /** Ends it with all its tabs. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** A tab with the page. */
export class Page implements AsyncDisposable {
  readonly #page: PuppeteerPage;

  constructor(page: PuppeteerPage) {
    this.#page = page;
  }

  /** Calls a function of the page. */
  call<N extends keyof PageApi>(
    name: N,
    ...args: Parameters<PageApi[N]>
  ): Promise<Awaited<ReturnType<PageApi[N]>>> {
    const called = this.#page.evaluate(
      (name, args) => {
        const { api } = globalThis as unknown as {
          api: Record<string, (...args: unknown[]) => never>;
        };
        return api[name]!(...args);
      },
      name,
      args as unknown[],
    );
    return within(`${name}() of the page`, called, LIMIT_MS);
  }

  /** Closes the tab, as a person does, without any farewell. */
  async close(): Promise<void> {
    await this.#page.close();
  }

  /** Closes the tab unless it is closed. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#page.isClosed()) await this.close();
  }
}

/** The page's script in one piece. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("page/main.ts", import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    logLevel: "error",
  });
  // Its process would keep this one alive.
  await stop();
  return outputFiles[0]!.text;
}

async function serve(script: string): Promise<Server> {
  const server = createServer(({ url }, response) => {
    const isScript = url === "/main.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.end(
      isScript
        ? script
        : '<!doctype html><meta charset="utf-8"><body><script type="module" src="main.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
