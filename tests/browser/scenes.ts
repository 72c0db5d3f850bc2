/**
 * The tests that every browser goes through: a table of scenes, each in a channel of its own.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { after, before } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { rowsHere } from "../support/smoke.ts";
import { Browser, type BrowserName, hostFor, type Page, programOf } from "./browser.ts";

/** Where a scene takes place. */
export interface Stage {
  readonly name: BrowserName;
  readonly browser: Browser;
  /** The page, which scenes share. */
  readonly page: Page;
  /** A server that scenes share. */
  readonly server: SoraServer;
  /** The address of servers of its own. */
  readonly host: string;
}

/** One test. */
export interface Scene {
  readonly title: string;
  /** Whether it is played on both runtimes. */
  readonly smoke?: boolean;
  /** Plays it; resolves with the reason when the browser cannot. */
  play(stage: Stage): Promise<string | void>;
}

/** A scene as a test of a browser. */
export interface BrowserTest {
  readonly title: string;
  play(t: { skip(reason: string): void }): Promise<void> | void;
}

/**
 * The tests of a browser, for a file to register: all on one runtime, and a few on the other. Reports name the file that does.
 */
export function browserTests(
  name: BrowserName,
  full: "deno" | "bun",
  scenes: readonly Scene[],
): BrowserTest[] {
  // make setup-tests installs it, except on a system that has none.
  if (!existsSync(programOf(name))) {
    const reason = `${programOf(name)} is missing`;
    return [{ title: `${name} as a client`, play: (t) => t.skip(reason) }];
  }
  let stage: Stage;
  before(async () => {
    const host = hostFor(name);
    const server = await SoraServer.start({ port: 0, host });
    const browser = await Browser.start(name);
    console.log(`the browser is ${await browser.version()}`);
    stage = { name, browser, page: await browser.open(), server, host };
  });
  after(async () => {
    await stage.page.call("close");
    await stage.browser[Symbol.asyncDispose]();
    await stage.server.close();
  });
  return rowsHere(full, scenes, ({ smoke }) => smoke === true).map((scene) => {
    const title = `${name}: ${scene.title}`;
    return {
      title,
      async play(t) {
        const reason = await scene.play(stage);
        if (reason === undefined) return;
        console.log(`${title}: ${reason}`);
        t.skip(reason);
      },
    };
  });
}
