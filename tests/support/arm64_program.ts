/**
 * A program for another processor than this machine's: it prints what the library can do there, sends messages and frames of each
 * codec through the embedded server, and then runs the program whose URL it is given.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import process from "node:process";
import {
  type DataChannelOptions,
  getVideoCodecCapability,
  Sora,
  type SoraVideoCodecName,
  SoraVideoSink,
} from "sora-ffi";
import { SoraServer } from "sora-ffi/sfu";

const [program = "", ...codecs] = process.argv.slice(2);
const MESSAGES = 100;
const MESSAGE_BYTES = 10_000;
/** Blue, green and red of every pixel. */
const COLOUR = [60, 120, 180] as const;
/** How far a value may be from what was sent: the conversion to YUV and back takes up to 3, the quantizer some more. */
const TOLERANCE = 8;

Sora.load();
console.log(`processor ${process.arch}`);
for (const { name, codecs } of getVideoCodecCapability().engines) {
  for (const { type, encoder, decoder } of codecs) {
    console.log(`${name} ${type}: encoder ${encoder}, decoder ${decoder}`);
  }
}

/** A message, which differs from the others; made and compared in native code, as JavaScript is slow there. */
const message = (index: number) => Buffer.alloc(MESSAGE_BYTES, `message ${index}, `);

await using server = await SoraServer.start({ port: 0 });
await using sora = new Sora();

async function sendMessages(): Promise<void> {
  const dataChannels: DataChannelOptions[] = [{ label: "#file", direction: "sendrecv" }];
  const room = {
    ...{ signalingUrls: [server.url], channelId: "messages", role: "recvonly" } as const,
    ...{ dataChannelSignaling: true, dataChannels },
  };
  await using alice = sora.createConnection(room);
  await using bob = sora.createConnection(room);
  const there = Promise.withResolvers<void>();
  bob.onDataChannel = () => there.resolve();
  const received = (async () => {
    let count = 0;
    let same = 0;
    for await (const bytes of bob.dataChannel("#file").readable) {
      if (message(count).equals(bytes)) same++;
      if (++count === MESSAGES) break;
    }
    return same;
  })();
  await Promise.all([alice.connect(), bob.connect()]);
  await there.promise;
  const writer = alice.dataChannel("#file").writable.getWriter();
  for (let index = 0; index < MESSAGES; index++) await writer.write(message(index));
  console.log(`messages ${await received} of ${MESSAGES} with ${MESSAGE_BYTES} bytes each`);
}

async function sendFrame(videoCodecType: SoraVideoCodecName): Promise<void> {
  const [width, height] = [160, 120];
  const room = { signalingUrls: [server.url], channelId: videoCodecType, audio: false };
  const videoSource = sora.createVideoSource();
  await using sender = sora.createConnection({
    ...{ ...room, role: "sendonly", videoCodecType, videoSource },
  });
  await using receiver = sora.createConnection({ ...room, role: "recvonly" });
  const received = Promise.withResolvers<string>();
  receiver.onTrack = (track) => {
    new SoraVideoSink(track).onFrame = (frame) => {
      const pixels = frame.data("BGR");
      const near = pixels.every((value, at) => Math.abs(value - COLOUR[at % 3]!) <= TOLERANCE);
      received.resolve(`${frame.width} x ${frame.height}, ${near ? "" : "not "}of its colour`);
      frame.close();
    };
  };
  await Promise.all([sender.connect(), receiver.connect()]);
  const pixels = new Uint8Array(width * height * 3);
  for (let at = 0; at < pixels.length; at += 3) pixels.set(COLOUR, at);
  const camera = setInterval(() => videoSource.onCaptured(pixels, { width, height }), 33);
  console.log(`${videoCodecType} ${await received.promise}`);
  clearInterval(camera);
}

await sendMessages();
for (const codec of codecs) await sendFrame(codec as SoraVideoCodecName);
await import(program);
