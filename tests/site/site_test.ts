/** The site that `make docs` writes, in a browser: navigation, search and languages, and that no link of it leads nowhere. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import puppeteer, { type Browser } from "puppeteer-core";
import { launchOptions } from "../browser/browser.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "out/test-site");
const address = (path: string) => new URL(path, pathToFileURL(`${folder}/`)).href;

let browser: Browser;

before(async () => {
  await promisify(execFile)(process.execPath, ["run", "-A", "site/main.ts", folder], { cwd: root });
  browser = await puppeteer.launch({ ...launchOptions("chromium"), headless: true });
});

after(() => browser.close());

test("every page is there, in the navigation of every page", async () => {
  const names = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  assert.ok(names.length >= 7);
  const page = await browser.newPage();
  await page.goto(address("index.html"));
  const links = await page.$$eval(
    ".site-navigation a",
    (all) => all.map((link) => link.getAttribute("href")),
  );
  assert.deepEqual(links.toSorted(), names.map((name) => name.replace(/md$/, "html")).toSorted());
  await page.close();
});

test("no link of a page leads nowhere", () => {
  const pages = ["", "ja"].flatMap((part) =>
    existsSync(join(folder, part))
      ? readdirSync(join(folder, part)).filter((name) => name.endsWith(".html"))
        .map((name) => join(folder, part, name))
      : []
  );
  const targets = pages.flatMap((page) =>
    [...readFileSync(page, "utf8").matchAll(/(?:href|src)="([^"]+)"/g)]
      .map(([, target = ""]) => ({ page, target: target.replaceAll("&amp;", "&") }))
      .filter(({ target }) => !/^(?:\w+:|#)/.test(target))
  );
  assert.ok(targets.length > 100, `${targets.length} links`);
  for (const { page, target } of targets) {
    const [file = "", anchor] = target.split("#");
    const to = join(dirname(page), file);
    const from = relative(folder, page);
    assert.ok(existsSync(to), `${from}: ${target} leads to no file`);
    if (anchor === undefined) continue;
    const id = `id="${decodeURIComponent(anchor)}"`;
    assert.ok(readFileSync(to, "utf8").includes(id), `${from}: ${target} leads to no heading`);
  }
});

test("the search finds symbols and guides, and leads to them", async () => {
  const page = await browser.newPage();
  await page.goto(address("index.html"));
  await page.type(".site-search input", "soravideosink");
  await page.waitForSelector(".site-search li a");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(page.url(), address("api/~/SoraVideoSink.html"));
  const usage = await page.$eval("body", (body) => body.textContent ?? "");
  assert.match(usage, /import \{ SoraVideoSink \} from "sora-ffi"/);
  // The pages of the API have the same search.
  await page.type(".site-search input", "simulcast receiving");
  const found = await page.waitForSelector(".site-search li a");
  const href = await found!.evaluate((link) => link.getAttribute("href"));
  assert.equal(href, "../../simulcast.html#receiving");
  await page.close();
});

test("the pages of the API lead to the guides, and nothing on them fails", async () => {
  const page = await browser.newPage();
  const errors: unknown[] = [];
  page.on("pageerror", (error) => errors.push(error));
  page.on("requestfailed", (request) => errors.push(request.url()));
  await page.goto(address("api/sfu/~/SoraServer.html"));
  await page.click(".site-guides summary");
  await Promise.all([page.waitForNavigation(), page.click(".site-guides a[href$='server.html']")]);
  assert.equal(page.url(), address("server.html"));
  assert.deepEqual(errors, []);
  await page.close();
});

test("a page leads to its counterpart in Japanese, which is searched in Japanese", async () => {
  const page = await browser.newPage();
  await page.goto(address("simulcast.html"));
  await Promise.all([page.waitForNavigation(), page.click(".site-language")]);
  assert.equal(page.url(), address("ja/simulcast.html"));
  assert.equal(await page.$eval("html", (html) => html.lang), "ja");
  await page.type(".site-search input", "サイマルキャスト");
  const found = await page.waitForSelector(".site-search li a");
  assert.match(await found!.evaluate((link) => link.getAttribute("href") ?? ""), /^\.\.\/ja\//);
  await page.close();
});
