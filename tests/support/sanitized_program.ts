/**
 * Tests as a user writes them for Deno, whose sanitizers look for what a test leaves behind. `SORA_TEST_URL` is the URL of a
 * server in another process.
 *
 * @module
 */

import { rtcLog, SoraLoggingSeverity } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { exchange } from "./exchange.ts";

const sanitized = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };

Deno.test({ ...sanitized, name: "client, first" }, () => exchange(Deno.env.get("SORA_TEST_URL")!));

Deno.test({ ...sanitized, name: "client, again" }, () => exchange(Deno.env.get("SORA_TEST_URL")!));

Deno.test({ ...sanitized, name: "client, failing" }, async () => {
  await exchange(Deno.env.get("SORA_TEST_URL")!, () => {
    throw new Error("thrown on purpose");
  });
});

Deno.test({ ...sanitized, name: "client, after it" }, () => {
  rtcLog(SoraLoggingSeverity.ERROR, "written by a test");
});

Deno.test({ ...sanitized, name: "server, first" }, async () => {
  await using _ = await SoraServer.start({ port: 0 });
});

Deno.test({ ...sanitized, name: "server, again" }, async () => {
  await using _ = await SoraServer.start({ port: 0 });
});

Deno.test({ ...sanitized, name: "both, first" }, async () => {
  await using server = await SoraServer.start({ port: 0 });
  await exchange(server.url);
});

Deno.test({ ...sanitized, name: "both, the server closed before its clients" }, async () => {
  await using server = await SoraServer.start({ port: 0 });
  await exchange(server.url, () => server.close());
});

Deno.test({ ...sanitized, name: "both, failing" }, async () => {
  await using server = await SoraServer.start({ port: 0 });
  await exchange(server.url, () => {
    throw new Error("thrown on purpose");
  });
});

Deno.test({ ...sanitized, name: "both, after it" }, async () => {
  await using server = await SoraServer.start({ port: 0 });
  await exchange(server.url);
});

let shared: SoraServer;

Deno.test("shared, begins", async () => {
  shared = await SoraServer.start({ port: 0 });
});

Deno.test({ ...sanitized, name: "shared, first" }, () => exchange(shared.url));

Deno.test({ ...sanitized, name: "shared, again" }, () => exchange(shared.url));

Deno.test("shared, ends", () => shared.close());
