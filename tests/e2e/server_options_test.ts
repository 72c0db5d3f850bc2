/** The options of `sora-ffi server`: TLS, secrets, the file of `--config`, logs, and the end in two steps. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { jsonLine, textLine } from "../../cli/server/log.ts";
import { accessToken } from "../support/access_token.ts";
import { Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";

const main = new URL("../../cli/mod.ts", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "sora-server-"));
after(() => rmSync(folder, { recursive: true }));

/** Writes a file, and gives its path. */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Child {
  return new Child(main, ["server", "--port", "0", ...args], ["-A"], env);
}

/** The events that it has logged. */
const events = (command: Child) => command.lines.map((line) => JSON.parse(line));

async function urlOf(command: Child): Promise<string> {
  const rest = await command.line('{"event":"listening"');
  return (JSON.parse(`{"event":"listening"${rest}`) as { url: string }).url;
}

test("--tls-cert, --tls-key and --client-ca make wss that wants a certificate", async () => {
  const authority = makeCertificate({ subject: "authority", isAuthority: true });
  const own = makeCertificate({ subject: "own", hosts: ["127.0.0.1"], issuer: authority });
  const guest = makeCertificate({ subject: "guest", issuer: authority });
  await using command = start([
    "--tls-cert",
    file("cert.pem", own.cert),
    "--tls-key",
    file("key.pem", own.key),
    "--client-ca",
    file("ca.pem", authority.cert),
  ]);
  const url = await urlOf(command);
  assert.match(url, /^wss:/);
  const room = { signalingUrls: [url], channelId: "tls", caCert: authority.cert };
  await using stranger = new RecordingClient(room);
  await assert.rejects(stranger.connect());
  await using client = await new RecordingClient({
    ...room,
    clientCert: guest.cert,
    clientKey: guest.key,
  }).connect();
  await client.connection.disconnect();
});

test("the secret comes from a file or the environment, and is never printed", async () => {
  const secret = "hidden-secret-of-this-test";
  const ways: [string[], Record<string, string>][] = [
    [["--secret-file", file("secret", `${secret}\n`)], {}],
    [[], { SORA_SERVER_SECRET: secret }],
    // The command line wins.
    [["--secret", secret], { SORA_SERVER_SECRET: "another" }],
  ];
  for (const [args, env] of ways) {
    await using command = start(args, env);
    const room = { signalingUrls: [await urlOf(command)], channelId: "secret" };
    await using stranger = new RecordingClient(room);
    await assert.rejects(stranger.connect(), /AUTHENTICATION-FAILURE/);
    const token = accessToken({ channel_id: "secret" }, secret);
    await using client = new RecordingClient({ ...room, metadata: { access_token: token } });
    await client.connect();
    await client.connection.disconnect();
    await eventually("the log", () => command.lines.length === 4);
    assert.deepEqual(events(command).map(({ event, reason }) => [event, reason]), [
      ["listening", undefined],
      ["connection.refused", "AUTHENTICATION-FAILURE"],
      ["connection.created", undefined],
      ["connection.destroyed", "TYPE-DISCONNECT"],
    ]);
    assert.ok(!`${command.lines} ${command.errors}`.includes(secret));
  }
});

test("--config has options of SoraServer, over which the command line wins", async () => {
  const config = file(
    "server.json",
    JSON.stringify({ port: 1, path: "/from-config", maxChannelConnections: 1, metrics: false }),
  );
  await using command = start([
    "--config",
    config,
    "--http-api",
    "--data-channel-signaling",
    "--path",
    "/from-line",
  ]);
  const url = await urlOf(command);
  assert.match(url, /:(?!1\/)\d+\/from-line$/, "the port and the path of the command line");
  const room = { signalingUrls: [url], channelId: "config" };
  await using client = new RecordingClient(room);
  await client.switch();
  await using second = new RecordingClient(room);
  await assert.rejects(second.connect(), /TOO-MANY-CONNECTIONS/);
  const origin = url.replace("ws:", "http:").replace("/from-line", "");
  assert.equal((await fetch(`${origin}/metrics`)).status, 404, "metrics are off");
  const response = await fetch(origin, {
    method: "POST",
    headers: { "x-sora-target": "Sora_20151104.DisconnectChannel" },
    body: JSON.stringify({ channel_id: "config" }),
  });
  assert.equal(response.status, 200);
  await client.ended();
});

const wrong: [text: string, message: RegExp][] = [
  ['{"prot": 1}', /^.*wrong\.json: prot is not a known option; known are port, .*\n$/],
  ['{"port": "x"}', /^.*wrong\.json: port must be an integer from 0 to 65535, not "x"\n$/],
  ['{"tls": {"cert": "x"}}', /^.*wrong\.json: tls\.key must be a string, not undefined\n$/],
  ['{"onEvent": 1}', /^.*wrong\.json: onEvent must be a function, not 1\n$/],
  [
    '{"httpApi": true, "host": "0.0.0.0"}',
    /^--secret must be given with httpApi when host is not loopback, but "0\.0\.0\.0"\n$/,
  ],
  ["[]", /^--config must be a file with a JSON object\n$/],
];
for (const [text, message] of wrong) {
  test(`wrong in the file of --config: ${text}`, async () => {
    const args = ["--config", file("wrong.json", text)];
    await using command = new Child(main, ["server", ...args]);
    assert.equal((await command.ended()).code, 2);
    assert.match(command.errors, message);
    assert.deepEqual(command.lines, []);
  });
}

test("the first signal gives members time to leave, the second does not", async () => {
  await using command = start(["--drain", "600000", "--no-metrics"]);
  const url = await urlOf(command);
  assert.equal((await fetch(url.replace("ws:", "http:"))).status, 404);
  await using client = await new RecordingClient({ signalingUrls: [url], channelId: "drain" })
    .connect();
  command.kill("SIGINT");
  await eventually("the notification", () => client.notified().includes("server.closing"));
  assert.deepEqual(client.ends, []);
  command.kill("SIGINT");
  assert.deepEqual((await client.ended())[0], ["onWsClose", 1001, "SERVER-CLOSED"]);
  assert.deepEqual((await command.ended()).code, 0);
  const steps = events(command).map(({ event, connections, drainMs }) => ({
    event,
    connections,
    drainMs,
  }));
  assert.deepEqual(steps[2], { event: "closing", connections: 1, drainMs: 600_000 });
  assert.equal(steps.at(-1)!.event, "closed");
});

test("--log off prints where the server listens, and nothing else", async () => {
  await using command = start(["--log", "off", "--drain", "0"]);
  const url = await urlOf(command);
  await using client = await new RecordingClient({ signalingUrls: [url], channelId: "off" })
    .connect();
  command.kill("SIGTERM");
  await client.ended();
  assert.equal((await command.ended()).code, 0);
  assert.deepEqual(events(command), [{ event: "listening", url }]);
});

test("the server goes on when nobody reads its log any more", async () => {
  await using command = start(["--drain", "0"]);
  const signalingUrls = [await urlOf(command)];
  command.stopReading();
  for (const channelId of ["one", "two", "three"]) {
    await using client = await new RecordingClient({ signalingUrls, channelId }).connect();
    await client.connection.disconnect();
  }
  command.kill("SIGTERM");
  assert.deepEqual([(await command.ended()).code, command.errors], [0, ""]);
});

test("lines of the log keep what clients choose from controlling a terminal", () => {
  const event = {
    event: "connection.created",
    channelId: "a\u001b[2J\nb",
    connectionId: "ID",
    clientId: "c",
    role: "sendonly",
  } as const;
  const time = new Date("2026-01-02T03:04:05.678Z");
  assert.match(textLine(event, time), /^\d\d:\d\d:05 ID joined a\\u001b\[2J\\nb as sendonly\n$/);
  assert.deepEqual(JSON.parse(jsonLine(event, time)), { ...event, time: time.toISOString() });
  assert.equal(jsonLine(event, time).includes("\u001b"), false);
});
