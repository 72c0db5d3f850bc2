import { strict as assert } from "node:assert";
import { request } from "node:http";
import { test } from "node:test";
import { isLoopback } from "../../base/loopback.ts";
import { SoraServer } from "../../sfu/mod.ts";

/** Calls the API with headers that `fetch` would not let one set; gives the status and the error type. */
function call(port: number, headers: Record<string, string>): Promise<[number, unknown]> {
  return new Promise((resolve, reject) => {
    const target = { "x-sora-target": "Sora_20160711.PushChannel" };
    const sent = request(
      { host: "127.0.0.1", port, method: "POST", headers: { ...target, ...headers } },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part) => text += part);
        response.on("end", () => resolve([response.statusCode!, JSON.parse(text).error_type]));
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify({ channel_id: "nobody", data: 1 }));
  });
}

/** Nobody has that channel, but the call was made. */
const ANSWERED = [404, "NOT-FOUND"];

test("SoraServer: the HTTP API on loopback answers loopback names and no others", async () => {
  await using server = await SoraServer.start({ httpApi: true });
  const { port } = server;
  const names = ["127.0.0.1", "localhost", "LOCALHOST.", "[::1]", "127.1.2.3", `localhost:${port}`];
  for (const host of names) assert.deepEqual(await call(port, { host }), ANSWERED, host);
  const others = ["rebound.example", "localhost.example", "127.0.0.1.example", "192.0.2.1", "a b"];
  for (const host of others) {
    assert.deepEqual(await call(port, { host }), [403, "INVALID-HOST"], host);
  }
  const origins = [
    "http://localhost:3000",
    "http://127.0.0.1",
    "https://[::1]:8443",
  ];
  for (const origin of origins) assert.deepEqual(await call(port, { origin }), ANSWERED, origin);
  for (const origin of ["https://page.example", "null", "http://localhost.example"]) {
    assert.deepEqual(await call(port, { origin }), [403, "INVALID-ORIGIN"], origin);
  }
});

test("SoraServer: the HTTP API on another address wants the secret", async () => {
  const secret = "correct horse";
  await using server = await SoraServer.start({ httpApi: true, host: "0.0.0.0", secret });
  const { port } = server;
  for (const authorization of ["", "Bearer wrong", `Basic ${secret}`, secret, "Bearer"]) {
    assert.deepEqual(await call(port, { authorization }), [401, "INVALID-SECRET"], authorization);
  }
  assert.deepEqual(await call(port, {}), [401, "INVALID-SECRET"]);
  const authorization = `Bearer ${secret}`;
  assert.deepEqual(await call(port, { authorization }), ANSWERED);
  assert.deepEqual(await call(port, { authorization, host: "sora.example" }), ANSWERED);
});

test("SoraServer.start: httpApi needs a secret unless it is bound to loopback", async () => {
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "sora.example"]) {
    await assert.rejects(SoraServer.start({ httpApi: true, host }), {
      name: "TypeError",
      message:
        `options.secret must be given with options.httpApi when options.host is not loopback, but "${host}"`,
    });
  }
  await using _ = await SoraServer.start({ httpApi: true, host: "localhost" });
});

test("isLoopback takes names and addresses of this machine alone", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1", "Localhost"]) {
    assert.equal(isLoopback(host), true, host);
  }
  for (const host of ["", "::", "0.0.0.0", "128.0.0.1", "a.localhost.example", "127.0.0.1.a"]) {
    assert.equal(isLoopback(host), false, host);
  }
});
