/**
 * H.264 SEI: sends text inside H.264 frames, as supplemental enhancement information with unregistered user data (ITU-T H.264,
 * D.1.7). `SORA_OPENH264` is the path of Cisco's OpenH264 library; without it the one that `make build` fetched is used.
 */
import {
  getVideoCodecCapability,
  Sora,
  SoraVideoCodecPreference,
  SoraVideoFrameTransformer,
  SoraVideoSink,
} from "../mod.ts";
import { fail, openh264File, openRoom, sendTestMedia, untilDone } from "./support.ts";

const openh264 = openh264File() ??
  fail("H.264 needs Cisco's OpenH264: set SORA_OPENH264 to its path, or run `make build`");
try {
  getVideoCodecCapability({ openh264 });
} catch (error) {
  fail(`Cannot use ${openh264} as OpenH264: ${error instanceof Error ? error.message : error}`);
}

/** Identifies the application that the text belongs to. Use a UUID of your own. */
const UUID = Uint8Array.from({ length: 16 }, (_, i) => 0xa0 + i);
const SEI = 6;
const USER_DATA_UNREGISTERED = 5;

/** Text of at most 200 bytes as a NAL unit with its start code. */
function seiUnit(text: string): Uint8Array {
  const payload = [...UUID, ...new TextEncoder().encode(text)];
  const unit = [SEI, USER_DATA_UNREGISTERED, payload.length, ...payload, 0x80];
  // Two zeros before a byte up to 3 would look like a start code, so a 3 goes between them.
  const escaped: number[] = [];
  for (const byte of unit) {
    if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
    escaped.push(byte);
  }
  return Uint8Array.from([0, 0, 0, 1, ...escaped]);
}

/** Offsets of the NAL units, just after their start codes. */
function* unitStarts(data: Uint8Array): Generator<number> {
  for (let at = 2; at < data.length; at++) {
    if (data[at] === 1 && data[at - 1] === 0 && data[at - 2] === 0) yield at + 1;
  }
}

/** The text in a frame, if it has one. */
function readText(data: Uint8Array): string | undefined {
  for (const start of unitStarts(data)) {
    if (((data[start] ?? 0) & 31) !== SEI || data[start + 1] !== USER_DATA_UNREGISTERED) continue;
    const size = data[start + 2] ?? 0;
    const unit: number[] = [];
    for (let at = start + 3; unit.length < size && at < data.length; at++) {
      const escape = data[at] === 3 && data[at - 1] === 0 && data[at - 2] === 0;
      if (!escape) unit.push(data[at] ?? 0);
    }
    if (!UUID.every((byte, i) => unit[i] === byte)) continue;
    return new TextDecoder().decode(Uint8Array.from(unit.slice(UUID.length)));
  }
  return undefined;
}

await using room = await openRoom();
const videoCodecPreference = new SoraVideoCodecPreference({
  codecs: [{ type: "H264", encoder: "CISCO_OPENH264", decoder: "CISCO_OPENH264" }],
});
await using sora = new Sora({ openh264, videoCodecPreference });
const options = { ...room.options, audio: false, videoCodecType: "H264" } as const;

let number = 0;
const adding = new SoraVideoFrameTransformer();
adding.onTransform = (frame) => {
  const [text, data] = [seiUnit(`Frame ${++number}`), frame.getData()];
  const longer = new Uint8Array(text.length + data.length);
  longer.set(text);
  longer.set(data, text.length);
  frame.setData(longer);
  adding.enqueue(frame);
};
const videoSource = sora.createVideoSource();
await using sender = sora.createConnection({
  ...options,
  role: "sendonly",
  videoSource,
  videoFrameTransformer: adding,
});

let texts = 0;
let frames = 0;
const reading = new SoraVideoFrameTransformer();
reading.onTransform = (frame) => {
  const text = readText(frame.getData());
  if (text !== undefined && texts++ === 0) console.log(`The first text: ${text}`);
  reading.enqueue(frame);
};
await using receiver = sora.createConnection({ ...options, role: "recvonly" });
receiver.onTrack = (track) => {
  track.setFrameTransformer(reading);
  new SoraVideoSink(track).onFrame = (frame) => {
    frame.close();
    frames++;
  };
};

await sender.connect();
await receiver.connect();
using _media = sendTestMedia(videoSource, undefined);
await untilDone(3);
console.log(`Sent ${number} texts, received ${texts} with ${frames} frames`);
