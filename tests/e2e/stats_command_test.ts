/** `sora-ffi stats` as a program, against the embedded server. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SoraStats } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { Child, onDeno } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);

function stats(server: SoraServer, ...args: readonly string[]): Child {
  return new Child(main, ["stats", "--signaling-url", server.url, "--interval", "0.2", ...args]);
}

/** The reports that it has printed. */
const reports = ({ lines }: Child): SoraStats[][] =>
  lines.map((line) => JSON.parse(line)).filter(({ event }) => event === "stats")
    .map(({ stats }) => stats);

/** A report in which video of another member is decoded. */
const decodes = (report: SoraStats[]) =>
  report.some((one) => one.type === "inbound-rtp" && (one.framesDecoded ?? 0) > 0);

test("stats prints the statistics as lines of JSON, serves them to Prometheus, and ends with Ctrl-C", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sender = stats(server, "--role", "sendonly");
  await using receiver = stats(server, "--prometheus", "0");
  const connected = JSON.parse(
    `{"event":"connected"${await receiver.line('{"event":"connected"')}`,
  );
  assert.deepEqual([connected.url, connected.channelId], [server.url, "sora"]);
  await eventually("received video", () => reports(receiver).some(decodes));
  const text = await eventually("its metrics", async () => {
    const text = await (await fetch(connected.metrics)).text();
    return /^webrtc_inbound_rtp_framesDecoded\{.*\} [1-9]/m.test(text) && text;
  });
  assert.ok(
    text.includes(
      `sora_connection_up{channel_id="sora",connection_id="${connected.connectionId}"} 1`,
    ),
  );
  for (const child of [receiver, sender]) {
    child.kill("SIGINT");
    assert.equal((await child.ended(5_000)).code, 0, child.errors);
  }
  assert.equal(server.stats().connections, 0);
});

test("stats ends by itself after its duration, and is interrupted before", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using short = stats(server, "--duration", "0.5");
  await using long = stats(server, "--duration", "3600");
  await long.line('{"event":"stats"');
  long.kill("SIGTERM");
  assert.equal((await long.ended(5_000)).code, 130, long.errors);
  assert.equal((await short.ended(5_000)).code, 0, short.errors);
});

test("stats that loses its connection says why and exits with 1", async () => {
  const server = await SoraServer.start({ port: 0 });
  await using child = stats(server);
  await child.line('{"event":"stats"');
  await server.close();
  assert.equal((await child.ended()).code, 1);
  assert.match(child.errors, /^the connection has ended: [A-Z_]+, [^\n]+\n$/);
});

test("stats draws a table on a terminal", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sender = stats(server, "--role", "sendonly");
  await sender.line('{"event":"stats"');
  const flags = onDeno ? "run --quiet --no-check -A" : "";
  const args = `stats --signaling-url ${server.url} --interval 0.2 --duration 2`;
  const command = `'${process.execPath}' ${flags} '${fileURLToPath(main)}' ${args}`;
  const { promise, resolve } = Promise.withResolvers<string>();
  const terminal = spawn("script", ["-qec", command, "/dev/null"]);
  let text = "";
  terminal.stdout.setEncoding("utf8").on("data", (part: string) => text += part);
  terminal.on("close", () => resolve(text));
  const shown = await promise;
  assert.match(shown, /sora of ws:\/\/127\.0\.0\.1:\d+\/signaling/);
  assert.match(shown, /path host udp [\d.]+:\d+ to host udp/);
  assert.match(shown, /receives +video +VP9 +640x360/);
  assert.ok(shown.includes("\u001b[?1049l"), "the terminal is given back");
});
