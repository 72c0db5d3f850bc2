/**
 * Capturing and sending a camera: `send_camera.ts [DEVICE]`. Without a camera, `lavfi:testsrc2` is a test picture.
 */
import process from "node:process";
import { openCamera } from "../devices/mod.ts";
import { Sora, SoraError } from "../mod.ts";
import { fail, openRoom, untilDone } from "./support.ts";

const [device] = process.argv.slice(2);
try {
  await using camera = await openCamera({ device, width: 640, height: 480, frameRate: 30 });
  await using room = await openRoom();
  await using sora = new Sora();
  const videoSource = sora.createVideoSource();
  await using connection = sora.createConnection({
    ...room.options,
    role: "sendonly",
    audio: false,
    videoSource,
  });
  await connection.connect();
  console.log(`Connected as ${connection.connectionId}`);
  let frames = 0;
  const sent = (async () => {
    for await (const item of camera) {
      if (item.kind !== "video") continue;
      const { data, width, height } = item;
      videoSource.onCaptured(data, { width, height, format: "I420" });
      frames++;
    }
  })();
  await untilDone(3);
  const stats = await connection.getStats();
  await camera[Symbol.asyncDispose]();
  await sent;
  const encoded = stats.find((entry) => entry.type === "outbound-rtp")?.["framesEncoded"];
  console.log(`Captured ${frames} frames, sent ${encoded}`);
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  fail(error.message);
}
