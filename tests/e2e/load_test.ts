/** `sora-ffi load` as a program, against the embedded server. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { LoadReport } from "../../cli/load/report.ts";
import { y4mFrame, y4mHeader } from "../../files/mod.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);

function load(server: SoraServer, ...args: readonly string[]): Child {
  const small = ["--size", "160x90", "--video-bit-rate", "100"];
  const size = args.includes("--clip") ? small.slice(2) : small;
  return new Child(main, ["load", "--signaling-url", server.url, ...size, ...args]);
}

const start = (options: SoraServerOptions = {}) => SoraServer.start({ port: 0, ...options });

/** What it has printed in the end. */
const summaryOf = ({ lines }: Child) => JSON.parse(lines.at(-1)!) as LoadReport;

test("load connects senders and receivers in channels, measures what flows, and ends by itself", async () => {
  await using server = await start();
  await using child = load(
    server,
    ...["--senders", "2", "--receivers", "3", "--channels", "2", "--duration", "2"],
    ...["--interval", "0.5", "--ramp", "50"],
  );
  await eventually("two channels", () => server.stats().channels === 2);
  assert.equal((await child.ended()).code, 0, child.errors);
  const { event, senders, receivers, failures, cpuPercent, megabytes } = summaryOf(child);
  assert.deepEqual([event, failures], ["summary", {}]);
  assert.deepEqual([senders.planned, senders.connected, senders.failed], [2, 2, 0]);
  assert.deepEqual([receivers.planned, receivers.connected, receivers.failed], [3, 3, 0]);
  assert.ok(senders.connectMs.p50! > 0 && senders.connectMs.p50! <= senders.connectMs.max!);
  assert.ok(senders.fps.p50! > 1 && receivers.fps.p50! > 1, JSON.stringify({ senders, receivers }));
  assert.ok(senders.kbps.total > 10 && receivers.kbps.total > senders.kbps.total / 2);
  assert.ok(receivers.lossShare! >= 0 && receivers.lossShare! <= 1);
  assert.ok(receivers.roundTripMs.p50! >= 0);
  assert.ok(cpuPercent > 0 && megabytes > 10);
  const progress = child.lines.slice(0, -1).map((line) => JSON.parse(line).event);
  assert.ok(progress.length >= 1 && progress.every((event) => event === "progress"));
  assert.equal(server.stats().connections, 0);
});

test("load counts members that are refused by the server's reason, and exits with 1", async () => {
  await using server = await start({ maxConnections: 2 });
  await using child = load(
    server,
    ...["--senders", "1", "--receivers", "3", "--duration", "1", "--no-audio"],
  );
  assert.equal((await child.ended()).code, 1, child.errors);
  const { senders, receivers, failures } = summaryOf(child);
  assert.deepEqual([senders.connected, receivers.connected, receivers.failed], [1, 1, 2]);
  assert.equal(Object.values(failures).reduce((sum, count) => sum + count), 2);
  assert.match(Object.keys(failures).join(), /^WEBSOCKET_ONCLOSE, .*TOO-MANY-CONNECTIONS/);
});

test("load ends at once when nobody can connect", async () => {
  await using server = await start();
  const { url } = server;
  await server.close();
  const args = ["load", "--signaling-url", url, "--duration", "3600"];
  await using child = new Child(main, args);
  assert.equal((await child.ended()).code, 1, child.errors);
  const { senders, receivers, failures } = summaryOf(child);
  assert.deepEqual([senders.failed, receivers.failed], [1, 1]);
  assert.match(Object.keys(failures).join(), /WEBSOCKET_HANDSHAKE_FAILED, /);
});

test("Ctrl-C ends a load test with its summary, and all members leave", async () => {
  await using server = await start();
  await using child = load(
    server,
    ...["--senders", "2", "--receivers", "2", "--duration", "3600", "--interval", "0.2"],
  );
  await eventually("all members", () => server.stats().connections === 4);
  await child.line('{"event":"progress"');
  child.kill("SIGINT");
  assert.equal((await child.ended(5_000)).code, 130, child.errors);
  const { event, senders } = summaryOf(child);
  assert.deepEqual([event, senders.failed], ["summary", 0]);
  await eventually("nobody", () => server.stats().connections === 0);
});

test("load sends a clip again and again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-load-"));
  try {
    const header = { width: 64, height: 48, frameRate: 20 };
    const frame = (grey: number) => y4mFrame(header, new Uint8Array(64 * 48 * 3 / 2).fill(grey));
    const clip = join(folder, "clip.y4m");
    writeFileSync(
      clip,
      [y4mHeader(header), frame(60), frame(180)].reduce(
        (all, part) => new Uint8Array([...all, ...part]),
        new Uint8Array(0),
      ),
    );
    await using server = await start();
    await using child = load(server, "--clip", clip, "--no-audio", "--duration", "1.5");
    assert.equal((await child.ended()).code, 0, child.errors);
    const { receivers } = summaryOf(child);
    assert.ok(receivers.fps.p50! > 1 && receivers.fps.p50! < 25, JSON.stringify(receivers));

    await using wrong = load(server, "--clip", new URL(import.meta.url).pathname);
    assert.equal((await wrong.ended()).code, 2);
    assert.match(wrong.errors, /^--clip must be a YUV4MPEG2 file \(.*\): chunks must be YUV4MPEG2/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
