/** Transformers that a connection cannot have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Sora, SoraVideoFrameTransformer } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";

test("a transformer that serves another connection, or is closed, is refused by connect() before anything is sent", async () => {
  await using server = await SoraServer.start({ port: 0 });
  await using sora = new Sora();
  const videoFrameTransformer = new SoraVideoFrameTransformer();
  const options = {
    signalingUrls: [server.url],
    channelId: "transformer of two",
    role: "sendonly",
    audio: false,
    videoFrameTransformer,
  } as const;
  const source = sora.createVideoSource();
  await using first = sora.createConnection({ ...options, videoSource: source });
  await first.connect();
  await using second = sora.createConnection({ ...options, videoSource: source });
  let messages = 0;
  second.onSignalingMessage = () => messages++;
  await assert.rejects(second.connect(), {
    name: "SoraError",
    code: "INVALID_STATE",
    message:
      "The video frame transformer serves another sender or track already: make one for each",
  });
  assert.equal(messages, 0);
  assert.equal(second.state, "disconnected");
  // It is free again with the end of the first.
  await first.disconnect();
  await second.connect();
  await second.disconnect();
  videoFrameTransformer.close();
  await assert.rejects(second.connect(), { name: "SoraError", code: "CLOSED" });
});
