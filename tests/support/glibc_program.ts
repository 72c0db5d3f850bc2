/**
 * A program that prints the C library that it runs on, what became of an exception in the native library, and the size of a frame that
 * it receives from the embedded server.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { openRealm, Result } from "../../ffi/mod.ts";
import { Sora, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";

const libraries = new Set(readFileSync("/proc/self/maps", "utf8").match(/\S+\/libc[-.]\S+/g));
console.log(`C library ${[...libraries].join(" ")}`);

const { functions } = openRealm();
console.log(`invalid handle ${functions.sora_vad_close(1) === Result.ERROR_INVALID_HANDLE}`);

await using server = await SoraServer.start({ port: 0 });
await using sora = new Sora();
const room = { signalingUrls: [server.url], channelId: "glibc", audio: false };
const source = sora.createVideoSource();
await using sender = sora.createConnection({ ...room, role: "sendonly", videoSource: source });
await using receiver = sora.createConnection({ ...room, role: "recvonly" });
const received = Promise.withResolvers<string>();
receiver.onTrack = (track) => {
  const sink = new SoraVideoSink(track);
  sink.onFrame = (frame) => {
    received.resolve(`${frame.width} x ${frame.height}`);
    frame.close();
  };
};
await Promise.all([sender.connect(), receiver.connect()]);
const grey = new Uint8Array(320 * 240 * 3).fill(128);
const camera = setInterval(() => source.onCaptured(grey, { width: 320, height: 240 }), 33);
console.log(`received ${await received.promise}`);
clearInterval(camera);
