import assert from "node:assert/strict";
import { after, test } from "node:test";
import { EventType, Result } from "../../ffi/constants.ts";
import { openRealm } from "../../ffi/realm.ts";
import { CANARY, countCanaries } from "../support/canary.ts";
import { makeCertificate } from "../support/signaling_certificates.ts";
import { startProxy } from "../support/signaling_servers.ts";
import { startTurnServer, turnUser } from "../support/turn_server.ts";
import { connectUntil, type TurnOptions, turnUrl } from "../support/turn_session.ts";

/** Values of `sora_log_severity`. */
const VERBOSE = 0;
const NONE = 4;

const { functions, events } = openRealm();
const lines: string[] = [];
events.listen(0, (type, _, payload) => {
  if (type === EventType.LOG) lines.push(new TextDecoder().decode(payload));
});
assert.equal(functions.sora_log_enable(events.queue, VERBOSE), Result.OK);
after(() => {
  functions.sora_log_enable(events.queue, NONE);
  events.unlisten(0);
});

/** Tries to connect until a line of the log says why not. */
async function connectUntilLogged(line: RegExp, url: string, options: TurnOptions): Promise<void> {
  await connectUntil(String(line), () => lines.some((text) => line.test(text)), url, options);
}

const { cert, key } = makeCertificate({ subject: "self", hosts: ["127.0.0.1"] });

test("libwebrtc's log has the reason why a proxy or a TURN server was given up, and no secret", async () => {
  await using turn = await startTurnServer({ cert, key });
  const url = turnUrl(turn, "turns");
  await using proxy = await startProxy({ credentials: "user:another" });
  await connectUntilLogged(/TLS: the server's certificate was refused: self-signed/, url, {});
  await connectUntilLogged(/HTTP proxy: the proxy refused the tunnel with status 407/, url, {
    proxyUrl: `http://127.0.0.1:${proxy.port}`,
    proxyUsername: `user ${CANARY}`,
    proxyPassword: `password ${CANARY}`,
  });
  const given = proxy.requests[0]?.headers["proxy-authorization"] ?? "";
  assert.equal(given, `Basic ${btoa(`user ${CANARY}:password ${CANARY}`)}`);
  assert.ok(countCanaries(turnUser.credential) > 0);
  assert.deepEqual(lines.filter((line) => countCanaries(line) > 0), []);
  const encoded = given.slice("Basic ".length);
  assert.deepEqual(lines.filter((line) => line.includes(encoded)), []);
});
