/** Floods of connections that stop at some step: newcomers get in meanwhile, from whichever address. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Child } from "../support/child.ts";
import { eventually } from "../support/eventually.ts";
import { TestClient, until } from "../support/sfu_client.ts";
import { type LastStep, SocketFlood } from "../support/socket_flood.ts";

const program = new URL("../support/hostile_server_program.ts", import.meta.url);

/** A newcomer takes tens of milliseconds on an idle machine; one that is locked out waits for 10 to 30 s. */
const LIMIT_MS = 8_000;

/** Joins, and tries again when it is refused. */
async function join(url: string, channelId: string): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  for (let joined = false; !joined;) {
    const client = new TestClient(url);
    const isOver = () => client.created !== undefined || client.closed !== undefined;
    const next = (what: string, condition: () => boolean) =>
      until(what, () => condition() || isOver(), endMs - performance.now());
    try {
      await next("an open WebSocket", () => client.open);
      const connect = { role: "recvonly", channel_id: channelId };
      if (client.open) client.send({ type: "connect", sora_client: "test", ...connect });
      await next("connection.created", () => false);
      joined = client.created !== undefined;
    } finally {
      await client.cut();
    }
  }
}

const steps: Record<LastStep, string> = {
  open: "TCP connections that send nothing",
  request: "requests that never end",
  upgrade: "WebSockets that say nothing",
  connect: "clients that get an offer and never answer",
};

/** The address that newcomers come from. */
const OWN = "127.0.0.1";

for (const [step, what] of Object.entries(steps)) {
  test(`SoraServer: ${what} keep no newcomer out, as many as come`, {
    timeout: 60_000,
  }, async () => {
    await using server = new Child(program);
    const url = await server.line("listening ");
    for (const addresses of [[OWN], ["127.0.0.2", "127.0.0.3"]]) {
      await using flood = new SocketFlood(url, addresses, step as LastStep);
      await eventually("the flood", () => flood.opened >= 1_000);
      await join(url, "newcomers");
      if (step !== "connect") continue;
      assert.ok(flood.offered > 0, "the flood gets no offers");
      await join(url, flood.channelId);
    }
  });
}
