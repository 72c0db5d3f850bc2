/**
 * The server's own page in a browser, as a person uses it: by its labels and buttons.
 *
 * @module
 */

import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { eventually } from "../support/eventually.ts";
import { launchOptions } from "./browser.ts";

/** Starts Chromium. */
export function startChromium(): Promise<Browser> {
  return puppeteer.launch({ ...launchOptions("chromium"), headless: true });
}

/** The page, and what the browser has to complain of. */
export class ServerPage implements AsyncDisposable {
  /** Errors, and what the policy of the page forbade. */
  readonly complaints: string[] = [];
  /** The origins of all requests. */
  readonly origins = new Set<string>();
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    page.on("request", (request) => {
      if (!request.url().startsWith("data:")) this.origins.add(new URL(request.url()).origin);
    });
  }

  /** Opens it in a tab. */
  static async open(browser: Browser, url: string): Promise<ServerPage> {
    const opened = new ServerPage(await browser.newPage());
    await opened.page.goto(url);
    return opened;
  }

  /** The text that an element shows. */
  text(selector: string): Promise<string> {
    return this.page.$eval(
      selector,
      (element) => (element as unknown as { innerText: string }).innerText,
    );
  }

  /** Waits until an element shows a text. */
  async shows(selector: string, wanted: RegExp): Promise<string> {
    let last = "";
    return await eventually(`${wanted} in ${selector}`, async () => {
      last = await this.text(selector);
      return wanted.test(last) ? last : undefined;
    }).catch((error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(last)}`);
    });
  }

  /** Closes the tab. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.page.close();
  }
}
