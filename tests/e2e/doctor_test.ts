/** `sora-ffi doctor --signaling-url` as a program: a Sora that is there, with TURN and over TLS, and one that refuses. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { Child } from "../support/child.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startProxy, startRawServer } from "../support/signaling_servers.ts";
import { startTurnServer, turnUser } from "../support/turn_server.ts";
import { turnUrl } from "../support/turn_session.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);

/** Runs `doctor`, and gives its report with its exit code. It must not print a secret. */
async function doctor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using child = new Child(main, ["doctor", ...args], ["-A"], env);
  const { code } = await child.ended(30_000);
  assert.equal(child.lines.length, 1, child.errors);
  assert.equal(countCanaries(child.lines[0]! + child.errors), 0);
  return { code, ...JSON.parse(child.lines[0]!) };
}

test("doctor finds the way to a Sora over TLS and a proxy, its paths and its TURN servers", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-doctor-"));
  try {
    const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
    const { cert, key } = makeCertificate({
      subject: "server",
      hosts: ["127.0.0.1"],
      issuer: authority,
      validDays: [-1, 300],
    });
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, authority.cert);
    await using turn = await startTurnServer();
    // This is no TURN server.
    await using mute = await startRawServer((socket) => socket.end());
    const urls = [turnUrl(turn, "turn"), `turn:127.0.0.1:${mute.port}?transport=tcp`];
    await using server = await SoraServer.start({
      port: 0,
      tls: { cert, key },
      secret: `secret ${CANARY}`,
      secretAsToken: true,
      iceServers: [{ urls, username: turnUser.username, credential: turnUser.credential }],
    });
    const password = `pass ${CANARY}`;
    await using proxy = await startProxy({ credentials: `user:${password}` });
    const { code, checks } = await doctor(
      [
        ...["--signaling-url", server.url, "--ca-cert", ca],
        ...["--proxy-url", `http://127.0.0.1:${proxy.port}`, "--proxy-username", "user"],
      ],
      { SORA_PROXY_PASSWORD: password, SORA_ACCESS_TOKEN: `secret ${CANARY}` },
    );
    assert.equal(code, 0, JSON.stringify(checks));
    assert.deepEqual(Object.keys(checks).slice(-9), [
      ...["dns", "tcp", "proxy", "tls", "clock", "sora", "paths", "turn", "relay"],
    ]);
    assert.match(checks.tls.servers[0].protocol, /^TLSv1\.[23]$/);
    assert.equal(checks.tls.servers[0].issuer, "Test CA");
    assert.ok(checks.sora.phases.websocket > 0 && checks.sora.connectMs > 0);
    const { selected, pairs } = checks.paths;
    assert.equal(selected.state, "succeeded");
    assert.ok(pairs.length >= 1 && checks.paths.text.startsWith("media takes host udp "));
    const [answers, silent] = checks.turn.text.split("\n");
    assert.match(answers, /transport=tcp allocates an address over TCP in /);
    assert.match(silent, /does not answer over TCP \(.*\): allow outgoing TCP to 127\.0\.0\.1:/);
    assert.deepEqual(
      checks.turn.servers.map(({ ms }: { ms: number | null }) => typeof ms),
      ["number", "object"],
    );
    assert.match(
      checks.relay.text,
      /^media also goes through TURN alone: relay udp 127\.0\.0\.1:\d+ over tcp to host udp /,
    );
    assert.ok(turn.counters.sent > 0 && turn.counters.received > 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("doctor says that a Sora refuses, and what to look at", async () => {
  await using server = await SoraServer.start({ port: 0, secret: `secret ${CANARY}` });
  const { code, ok, checks } = await doctor(
    ["--signaling-url", server.url],
    { SORA_ACCESS_TOKEN: `wrong ${CANARY}` },
  );
  assert.deepEqual([code, ok], [1, false]);
  assert.equal(checks.sora.verdict, "failed");
  assert.match(
    checks.sora.text,
    /^WEBSOCKET_ONCLOSE: .*\nthe server refused: .*--access-token-file$/,
  );
  assert.equal(checks.paths.verdict, "skipped");
  assert.equal(checks.relay.verdict, "skipped");
});

test("doctor goes no further than TCP where nothing listens", async () => {
  const server = await startRawServer(() => {});
  await server[Symbol.asyncDispose]();
  const { code, checks } = await doctor(["--signaling-url", `ws://127.0.0.1:${server.port}/`]);
  assert.equal(code, 1);
  assert.match(checks.tcp.text, /^nothing listens on /);
  for (const name of ["tls", "clock", "sora", "paths", "turn", "relay"]) {
    assert.deepEqual([name, checks[name].verdict], [name, "skipped"]);
  }
});
