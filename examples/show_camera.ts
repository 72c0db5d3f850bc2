/**
 * Capturing and showing a camera, in a window of ffplay: `show_camera.ts [DEVICE]`. Without a camera, `lavfi:testsrc2` is a test
 * picture.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { openCamera } from "../devices/mod.ts";
import { SoraError } from "../mod.ts";
import { fail, untilDone } from "./support.ts";

const [device] = process.argv.slice(2);
try {
  await using camera = await openCamera({ device, width: 640, height: 480, frameRate: 30 });
  const { width, height, frameRate } = camera.video!;
  console.log(`${width}x${height}, ${frameRate} frames per second`);
  const player = spawn("ffplay", [
    ...["-v", "error", "-fflags", "nobuffer", "-flags", "low_delay", "-window_title", "Camera"],
    ...["-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", `${width}x${height}`],
    ...["-framerate", String(frameRate), "-i", "pipe:0"],
  ], { stdio: ["pipe", "ignore", "inherit"] });
  player.stdin.on("error", () => {});
  const closed = Promise.withResolvers<void>();
  player.once("error", (error) => fail(`Cannot start ffplay: ${error.message}`));
  player.once("close", (code, signal) => {
    // Whoever closes the window ends it with 0, and this program with a signal.
    if (code !== 0 && !player.killed) fail(`ffplay ended with ${code ?? signal}`);
    closed.resolve();
  });
  let frames = 0;
  const shown = (async () => {
    for await (const item of camera) {
      if (item.kind !== "video" || player.exitCode !== null) continue;
      // The frame is overwritten by the next one, and the pipe may keep it for longer.
      const hasRoom = player.stdin.write(item.data.slice());
      frames++;
      if (hasRoom) continue;
      // What ends the wait with an error is the end of ffplay.
      const drained = once(player.stdin, "drain").catch(() => closed.promise);
      await Promise.race([drained, closed.promise]);
    }
  })();
  await untilDone(3, closed.promise);
  player.kill();
  await camera[Symbol.asyncDispose]();
  await shown;
  console.log(`Showed ${frames} frames`);
} catch (error) {
  if (!(error instanceof SoraError)) throw error;
  fail(error.message);
}
