/** The page of the embedded server: what it is made of, who gets it, and a person who joins with it in Chromium. */

import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { after, before, test } from "node:test";
import type { Browser } from "puppeteer-core";
import { SoraServer } from "../../sfu/mod.ts";
import { PAGE_FILES } from "../../sfu/page/page.ts";
import { programOf } from "../browser/browser.ts";
import { ServerPage, startChromium } from "../browser/server_page.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { rowsHere } from "../support/smoke.ts";

const program = programOf("chromium");
const isThere = existsSync(program);
let browser: Browser;
before(async () => {
  if (isThere) browser = await startChromium();
});
after(() => browser?.close());

const originOf = (server: SoraServer) => `http://127.0.0.1:${server.port}`;

/** One request with headers that `fetch` would not let one set; gives the status. */
function status(
  { port }: SoraServer,
  { method = "GET", path = "/", ...headers }: Record<string, string> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode!));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("the page's files are there with their types, and a policy that lets in nothing else", async () => {
  await using server = await SoraServer.start({ page: true });
  const web = readdirSync(new URL("../../sfu/page/web/", import.meta.url))
    .filter((name) => name !== "deno.json");
  assert.deepEqual(
    Object.values(PAGE_FILES).map(([name]) => name).sort(),
    [...web, "sora.js"].sort(),
  );
  for (const [path, [, type]] of Object.entries(PAGE_FILES)) {
    const response = await fetch(`${originOf(server)}${path}`);
    assert.deepEqual([response.status, response.headers.get("content-type")], [200, type], path);
    const policy = response.headers.get("content-security-policy")!;
    assert.match(policy, /^default-src 'none'; script-src 'self'; /);
    assert.match(policy, /connect-src 'self'; .*frame-ancestors 'none'$/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    const body = await response.text();
    assert.ok(body.length > 100, path);
    if (path !== "/") continue;
    assert.doesNotMatch(
      body,
      /<script>|<style| style=| on[a-z]+=|https?:/,
      "nothing inline, nothing foreign",
    );
  }
});

test("the page is there only when it is asked for, and for this machine alone", async () => {
  await using off = await SoraServer.start({ httpApi: true });
  for (const path of ["/", "/members", "/page/main.js"]) {
    assert.equal(await status(off, { path }), 404, path);
  }
  await using server = await SoraServer.start({ page: true });
  for (const path of ["/", "/members", "/page/main.js", "/page/settings.json"]) {
    assert.equal(await status(server, { path }), 200, path);
    assert.equal(await status(server, { path, method: "HEAD" }), 200, path);
    assert.equal(await status(server, { path, host: "rebound.example" }), 403, path);
    assert.equal(await status(server, { path, origin: "https://page.example" }), 403, path);
    assert.equal(await status(server, { path, method: "POST" }), path === "/" ? 404 : 405, path);
  }
  for (const path of ["/page/", "/page/../mod.ts", "/page/deno.json", "/constructor"]) {
    assert.equal(await status(server, { path }), 404, path);
  }
});

test("beyond loopback the page is free, and what it shows wants the secret", async () => {
  const secret = "correct horse";
  await assert.rejects(SoraServer.start({ page: true, host: "0.0.0.0" }), {
    name: "TypeError",
    message: /^options\.secret must be given with options\.page when /,
  });
  await using server = await SoraServer.start({ page: true, host: "0.0.0.0", secret });
  assert.equal(await status(server, { host: "sora.example" }), 200);
  assert.equal(await status(server, { path: "/members" }), 401);
  assert.equal(await status(server, { path: "/members", authorization: `Bearer ${secret}` }), 200);
  const settings = await (await fetch(`${originOf(server)}/page/settings.json`)).text();
  assert.equal(JSON.parse(settings).secret, true);
  assert.ok(!settings.includes(secret));
});

test("the page may open WebSockets to others only where clients are redirected", async () => {
  await using server = await SoraServer.start({ page: true, redirect: "wss://other.example/" });
  const { headers } = await fetch(originOf(server));
  assert.match(headers.get("content-security-policy")!, /connect-src 'self' ws: wss:;/);
});

const scenes: readonly { readonly title: string; readonly secret?: string }[] = [
  { title: "a person joins" },
  { title: "a person joins a server with a secret", secret: "the secret of the page's test" },
];

for (const { title, secret } of rowsHere("bun", scenes, ({ secret }) => secret === undefined)) {
  test(`${title} with the keyboard, sees another member and is seen, mutes and leaves`, async (t) => {
    if (!isThere) return t.skip(`${program} is missing`);
    await using server = await SoraServer.start({
      page: true,
      secret,
      secretAsToken: secret !== undefined,
    });
    await using person = await ServerPage.open(browser, `${originOf(server)}/`);
    const { page } = person;
    assert.equal(await page.$eval("h1", (h1) => h1.textContent), "Sora-compatible server");
    assert.equal(await person.text("#url"), server.url);
    await person.shows("#summary", /^0 channels, 0 members/);
    await person.shows("#nobody", /Nobody/);

    if (secret !== undefined) {
      await page.focus("#enter");
      await page.keyboard.press("Enter");
      await person.shows("#state", /^Could not join: .*AUTHENTICATION-FAILURE/);
      await page.type("#secret", secret);
      await page.focus("input[name=simulcast]");
      await page.keyboard.press("Space");
    }
    await page.select("select[name=codec]", "VP8");
    await page.focus("input[name=channel]");
    await page.keyboard.press("End");
    await page.keyboard.type("-page");
    await page.keyboard.press("Enter");
    await person.shows("#state", /^You are in sora-page$/);
    assert.equal(
      await page.evaluate(() =>
        (globalThis as unknown as { document: { activeElement: { id: string } } }).document
          .activeElement.id
      ),
      "leave",
    );
    const [joined] = server.connections();
    assert.deepEqual(
      [joined?.channelId, joined?.role, joined?.tracks.map(({ kind }) => kind)],
      ["sora-page", "sendrecv", ["audio", "video"]],
    );

    const frame = { width: 160, height: 120, turn: 0 };
    await using member = new MediaClient({
      signalingUrls: [server.url],
      channelId: "sora-page",
      role: "sendrecv",
      videoCodecType: "VP8",
      ...(secret === undefined ? {} : { metadata: { access_token: secret } }),
    }, { frame, toneHz: 440 });
    await member.connect();
    const received = await eventually(
      "the person's video",
      () => [...member.received.values()].find(({ video }) => video !== undefined)?.video,
    );
    (await nextFrame(received)).close();
    await eventually(
      "the member's video in the page",
      () =>
        page.$$eval(
          "#videos figure:not(.own) video",
          (videos) =>
            videos.some((video) => (video as unknown as { videoWidth: number }).videoWidth === 160),
        ),
    );
    assert.equal(await page.$$eval("#videos figure", (figures) => figures.length), 2);
    await person.shows(
      "#members",
      /sora-page\s+\S+\s+sendrecv\s+[\d:]+\s+[1-9][\d.]* [kM]bit.*VP8/,
    );
    // With the secret, simulcast was chosen as well.
    if (secret !== undefined) await person.shows("#members", /VP8 r2 .* r1 .* r0 [1-9]/);
    await person.shows("#summary", /^1 channel, 2 members/);

    await page.focus("#mute");
    await page.keyboard.press("Space");
    assert.equal(await person.text("#mute"), "Unmute");
    await member.connection.disconnect();
    await eventually(
      "the member's end in the page",
      () => page.$$eval("#videos figure", (figures) => figures.length === 1),
    );
    await page.focus("#leave");
    await page.keyboard.press("Enter");
    await person.shows("#state", /^You have left$/);
    await eventually("its leaving", () => server.connections().length === 0);
    assert.equal(await page.$$eval("#videos figure", (figures) => figures.length), 0);
    await person.shows("#nobody", /Nobody/);
    assert.deepEqual([...person.origins], [originOf(server)], "no request to anybody else");
    assert.deepEqual(person.complaints, []);
  });
}

test("the page says why a connection ended", async (t) => {
  if (!isThere) return t.skip(`${program} is missing`);
  await using server = await SoraServer.start({ page: true });
  await using person = await ServerPage.open(browser, `${originOf(server)}/`);
  await person.page.select("select[name=role]", "recvonly");
  await person.page.click("#enter");
  await person.shows("#state", /^You are in sora$/);
  await using other = await new RecordingClient({ signalingUrls: [server.url], channelId: "sora" })
    .connect();
  for (const { connectionId } of server.connections()) {
    if (connectionId !== other.id) server.disconnect(connectionId);
  }
  await person.shows("#state", /^The connection ended: DISCONNECTED-API$/);
});
