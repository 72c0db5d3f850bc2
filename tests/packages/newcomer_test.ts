/**
 * A newcomer's way, in an empty folder with an empty home and a registry on loopback: a picture in a browser, a camera, a recording,
 * and a first test of one's own. What is typed, what is seen, and after how many seconds is printed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Page } from "puppeteer-core";
import { programOf } from "../browser/browser.ts";
import { ServerPage, startChromium } from "../browser/server_page.ts";
import type { BareFolder, Started } from "../support/bare_folder.ts";
import { onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { readGuide } from "../support/guide.ts";
import { bareFolders, startRegistry } from "../support/installed.ts";
import { fileURLToPath } from "node:url";
import { root } from "../support/packed.ts";

const registry = await startRegistry();
after(() => registry[Symbol.asyncDispose]());
// ffmpeg may be the set-up's.
const PATH = `/usr/local/bin:/usr/bin:/bin:${fileURLToPath(new URL(".deps/bin", root))}`;
const folder: BareFolder = bareFolders(registry, { env: { PATH } })();
const command = onDeno ? ["run", "-A", "npm:sora-ffi/cli"] : ["x", "sora-ffi"];
const typed = onDeno ? "deno run -A npm:sora-ffi/cli" : "bunx sora-ffi";
const LIMIT_MS = 30_000;

const began = performance.now();
/** Prints a line of the record. */
function record(line: string, seen: string): void {
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${seconds.padStart(6)} s  ${line.padEnd(66)}  ${seen}`);
}

/** Starts the command in a terminal of its own, on the server that was started. */
function start(...args: readonly string[]): Started {
  return folder.start(...command, ...args);
}

/** The frame of the page's video, once it is sharp and moves. */
async function moving(page: Page): Promise<string> {
  return await page.waitForFunction(
    `(() => {
      const video = document.querySelector("#videos figure:not(.own) video");
      return video && video.videoWidth > 0 && video.currentTime > 0.5 &&
        \`\${video.videoWidth}x\${video.videoHeight}\`;
    })()`,
    { timeout: LIMIT_MS, polling: 100 },
  ).then((handle) => handle.jsonValue() as Promise<string>);
}

const program = programOf("chromium");
test("from nothing to a picture in a browser, a camera, a recording and a first test", async (t) => {
  if (!existsSync(program)) return t.skip(`${program} is missing`);
  await using browser = { value: await startChromium(), [Symbol.asyncDispose]: () => close() };
  const close = () => browser.value.close();
  const server = start("server", "--port", "0");
  let sender: Started | undefined;
  try {
    const url = await eventually(
      "the server's first line",
      () => /"url":"([^"]+)"/.exec(server.output.stdout)?.[1],
      LIMIT_MS,
    );
    record(`${typed} server`, `listens on ${url}`);
    const there = ["--signaling-url", url];

    sender = start("send", "testsrc", ...there);
    await using page = await ServerPage.open(
      browser.value,
      url.replace(/^ws(.*)signaling$/, "http$1"),
    );
    await page.page.select("select[name=role]", "recvonly");
    await page.page.click("#enter");
    const size = await moving(page.page);
    record(`${typed} send testsrc`, `the browser shows ${size}`);
    assert.equal(size, "640x360");
    assert.deepEqual(page.complaints, []);
    sender.interrupt();
    const sent = await sender.ended;
    assert.match(sent.stdout, /"event":"ended","reason":"interrupted"/);

    sender = start("send", "lavfi:testsrc2=size=320x240:rate=30", ...there);
    const camera = await eventually("the camera's picture", async () => {
      const now = await moving(page.page);
      return now === "320x240" && now;
    }, LIMIT_MS);
    record(`${typed} send lavfi:testsrc2=size=320x240:rate=30`, `the browser shows ${camera}`);

    const output = "recording.mp4";
    const receiver = await start("receive", "--output", output, "--duration", "3", ...there).ended;
    assert.equal(receiver.code, 0, receiver.stdout + receiver.stderr);
    const probed = spawnSync("ffmpeg", ["-i", join(folder.path, output)], {
      encoding: "utf8",
      env: { PATH },
    }).stderr;
    assert.match(probed, /Video: h264.*320x240/);
    const [, seconds] = /Duration: 00:00:0(\d\.\d+)/.exec(probed) ?? [];
    assert.ok(Number(seconds) > 2 && Number(seconds) < 4, probed);
    const kilobytes = Math.round(statSync(join(folder.path, output)).size / 1_000);
    record(
      `${typed} receive --output ${output} --duration 3`,
      `${output}: ${seconds} s of 320x240, ${kilobytes} kB`,
    );

    const { files } = readGuide("testing.md");
    const own = onDeno ? "app_test.ts" : "app.test.ts";
    for (const name of ["app.ts", own]) folder.write(name, files.get(name)!);
    await folder.succeed("add", onDeno ? "npm:sora-ffi" : "sora-ffi");
    // Deno's guide takes its assertions from another registry, which guide_test.ts has.
    if (onDeno) {
      const assertions = readFileSync(new URL("../support/assert.ts", import.meta.url), "utf8");
      folder.write("assert.ts", assertions);
      folder.write(
        own,
        files.get(own)!.replaceAll(/"(?:jsr:)?@std\/assert[^"]*"/g, '"./assert.ts"'),
      );
    }
    const { code, stdout, stderr } = await folder.run("test", ...(onDeno ? ["-A"] : []));
    assert.equal(code, 0, stdout + stderr);
    const passed = /(\d+) pass/.exec(stdout + stderr)?.[1];
    record(`${onDeno ? "deno test -A" : "bun test"}`, `${passed} tests of one's own pass`);
  } finally {
    sender?.interrupt();
    await sender?.ended;
    server.interrupt();
    await server.ended;
  }
});
