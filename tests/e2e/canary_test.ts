/**
 * Secrets are never printed: whatever the library says goes to the output here, where `make test` looks for them as well.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import {
  enableLibwebrtcLog,
  Sora,
  type SoraConnection,
  type SoraConnectionOptions,
} from "../../mod.ts";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { eventually } from "../support/eventually.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startProxy } from "../support/signaling_servers.ts";

const authority = makeCertificate({ subject: "Test CA", isAuthority: true });
const { cert, key } = makeCertificate({
  subject: "server",
  hosts: ["127.0.0.1"],
  issuer: authority,
});
const password = `p@ss:%${CANARY}`;
const token = accessToken({ channel_id: "canary", claim: CANARY }, CANARY);
const metadata = { access_token: token, also: [CANARY] };

/** Prints something, and checks that it has no secret. */
function say(...values: readonly unknown[]): void {
  const text = values.map((value) =>
    typeof value === "string" ? value : inspect(value, { depth: null, showHidden: true })
  ).join(" ");
  const found = countCanaries(text);
  assert.equal(found, 0, `a secret was printed ${found} times, by ${String(values[0])}`);
  console.log(text);
}

/** A connection that prints everything but what its user sent, and the outcome of `connect()`. */
async function printAll(options: Partial<SoraConnectionOptions>): Promise<SoraConnection["state"]> {
  await using sora = new Sora();
  const connection = sora.createConnection({
    signalingUrls: [],
    role: "recvonly",
    channelId: "canary",
    metadata,
    ...options,
  });
  const printed = [
    "onWsClose",
    "onDisconnect",
    "onReconnecting",
    "onReconnected",
    "onError",
  ] as const;
  for (const name of printed) {
    (connection[name] as unknown) = (...args: unknown[]) => say(name, args);
  }
  await connection.connect().catch((error: Error) => {
    say("connect()", error, error.stack, error.cause, String(error));
  });
  say("connection", connection, sora);
  const { state } = connection;
  if (state === "connected") {
    await connection.rpc("x", {}).catch((error) => say("rpc()", error));
    await connection.disconnect();
  }
  return state;
}

/** A proxy that takes the password, and a server over TLS behind it. */
async function behindProxy(
  options: SoraServerOptions,
  changes: (url: string) => Partial<SoraConnectionOptions>,
): Promise<SoraConnection["state"]> {
  await using server = await SoraServer.start({ port: 0, tls: { cert, key }, ...options });
  await using proxy = await startProxy({ credentials: `user:${password}` });
  return await printAll({
    signalingUrls: [`${server.url}?token=${CANARY}`],
    caCert: authority.cert,
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
    proxyUsername: "user",
    proxyPassword: password,
    ...changes(server.url),
  });
}

test("a connection through a proxy with a token, at libwebrtc's most talkative", async () => {
  const lines: string[] = [];
  enableLibwebrtcLog("VERBOSE", (line) => lines.push(line));
  try {
    const state = await behindProxy({ secret: CANARY }, () => ({ dataChannelSignaling: true }));
    assert.equal(state, "connected");
    await eventually("lines of the log", () => lines.length > 100);
  } finally {
    enableLibwebrtcLog("NONE");
  }
  assert.equal(countCanaries(lines.join("\n")), 0);
});

const failures: Readonly<
  Record<string, readonly [SoraServerOptions, (url: string) => Partial<SoraConnectionOptions>]>
> = {
  "a token that is refused": [{ secret: "another" }, () => ({})],
  "a proxy that refuses": [{}, () => ({ proxyPassword: `wrong ${CANARY}` })],
  "credentials in the proxy's URL": [{}, () => ({
    proxyUrl: `http://user:${CANARY}@127.0.0.1:1/`,
  })],
  "a certificate that is not trusted": [
    {},
    () => ({ caCert: makeCertificate({ subject: "x" }).cert }),
  ],
  "a path that is not there": [{}, (url) => ({ signalingUrls: [`${url}/elsewhere?${CANARY}`] })],
  "nobody listens": [{}, () => ({
    signalingUrls: [`wss://${CANARY}:${CANARY}@127.0.0.1:1/?${CANARY}`],
  })],
  "redirected to a bad URL": [{ redirect: `http://127.0.0.1/?token=${CANARY}` }, () => ({})],
  "redirected to where nobody listens": [
    { redirect: `wss://127.0.0.1:1/?token=${CANARY}` },
    () => ({}),
  ],
  "no offer": [{ faults: { silentFrom: "offer" } }, () => ({ webSocketConnectionTimeoutMs: 300 })],
  "the socket dies": [{ faults: { cutInsteadOf: "offer" } }, () => ({})],
};
for (const [name, [server, client]] of Object.entries(failures)) {
  test(`a connection that fails: ${name}`, async () => {
    assert.notEqual(await behindProxy(server, client), "connected");
  });
}

test("a connection that is lost and not made again", async () => {
  const server = await SoraServer.start({ port: 0, secret: CANARY });
  await using sora = new Sora();
  const connection = sora.createConnection({
    signalingUrls: [`${server.url}?token=${CANARY}`],
    role: "recvonly",
    channelId: "canary",
    metadata,
    reconnect: { maxRetries: 2, initialDelayMs: 10 },
  });
  let over = false;
  connection.onReconnecting = (event) => say("onReconnecting", event);
  connection.onDisconnect = (...end) => {
    over = true;
    say("onDisconnect", end);
  };
  await connection.connect();
  await server.close();
  await eventually("the end", () => over);
});

test("options that are wrong", async () => {
  await using sora = new Sora();
  const good = { signalingUrls: ["wss://x/"], role: "recvonly", channelId: "c" };
  const wrong: readonly object[] = [
    { metadata: () => CANARY },
    { metadata: { [CANARY]: undefined, access_token: 1n } },
    { proxyUrl: `socks5://user:${CANARY}@proxy:1080` },
    { proxyUrl: CANARY },
    { proxyUrl: "http://proxy", proxyPassword: [CANARY] },
    { clientCert: CANARY, clientKey: CANARY },
    { clientCert: cert, clientKey: `${key}${CANARY}`.replace("PRIVATE", CANARY) },
    { caCert: `-----BEGIN CERTIFICATE-----\n${CANARY}\n-----END CERTIFICATE-----` },
    { signalingUrls: CANARY },
    { signalingUrls: [{ url: CANARY }] },
    { signalingUrls: [CANARY] },
    { signalingUrls: [`${CANARY}:x`] },
    { signalingUrls: [`http://${CANARY}@127.0.0.1/?token=${CANARY}`] },
    { signalingUrls: [`wss://127.0.0.1/?token=${CANARY}#${CANARY}`] },
  ];
  for (const changes of wrong) {
    let error: unknown;
    try {
      sora.createConnection({ ...good, ...changes } as unknown as SoraConnectionOptions);
    } catch (caught) {
      error = caught;
    }
    assert.ok(error instanceof TypeError, Object.keys(changes).join());
    say("createConnection()", error);
  }
});
