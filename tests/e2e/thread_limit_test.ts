import assert from "node:assert/strict";
import { test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import { Child } from "../support/child.ts";
import { MediaClient } from "../support/media_client.ts";

const program = new URL("../support/thread_limit_program.ts", import.meta.url);

test("where the system cannot start more threads, connect() rejects with LIMIT_EXCEEDED and an open connection goes on", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using child = new Child(program, [server.url]);
  await child.line('["limited"');
  // Its video needs one more thread there.
  await using sender = new MediaClient(
    { signalingUrls: [server.url], channelId: "open", role: "sendonly", videoCodecType: "VP8" },
    { frame: { width: 160, height: 120, turn: 0 } },
  );
  await sender.connect();
  const { code, signal } = await child.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
  const steps = new Map<string, unknown>(child.lines.map((line) => JSON.parse(line)));
  const done = ["open", "before", "limited", "receive", "after"];
  assert.deepEqual(done.map((step) => steps.get(step)), done.map(() => "done"));
  for (const step of ["connect", "create"]) {
    const { code, text } = steps.get(step) as { code: string; text: string };
    assert.equal(code, "LIMIT_EXCEEDED", step);
    assert.match(text, /cannot start.*thread.*RLIMIT_NPROC.*raise it or close connections/);
  }
});
