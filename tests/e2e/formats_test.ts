import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Sora, type SoraPixelFormat, SoraVideoSink, type SoraVideoSource } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { drawPicture, psnr, readNumber } from "../support/picture.ts";
import { decodePixels, encodePixels, pictureBytes, rowBytes } from "../support/pixels.ts";

const formats: readonly SoraPixelFormat[] = ["BGR", "RGB", "BGRA", "RGBA", "I420", "NV12"];
/** Bytes between rows; odd ones too. */
const gaps = [0, 7, 32];
const size = { width: 176, height: 144 };
const style = { ...size, turn: 1 };
const GAP_VALUE = 0xa5;

let server: SoraServer;
let sora: Sora;
let source: SoraVideoSource;
let sink: SoraVideoSink;
let number = 0;

before(async () => {
  server = await SoraServer.start({ port: 0 });
  sora = new Sora();
  source = sora.createVideoSource();
  const options = { signalingUrls: [server.url], channelId: "formats" };
  const sender = sora.createConnection({
    ...options,
    role: "sendonly",
    videoCodecType: "VP8",
    videoSource: source,
  });
  const receiver = sora.createConnection({ ...options, role: "recvonly" });
  const { promise, resolve } = Promise.withResolvers<SoraVideoSink>();
  receiver.onTrack = (track) => {
    if (track.kind === "video") resolve(new SoraVideoSink(track));
  };
  await sender.connect();
  await receiver.connect();
  sink = await within("the track", promise);
});

after(async () => {
  await sora.close();
  await server.close();
});

/** Sends one picture again and again until it comes out at the other end well enough. */
async function arrives(data: Uint8Array<ArrayBuffer>, layout: {
  readonly format: SoraPixelFormat;
  readonly stride?: number;
}) {
  const expected = drawPicture(style, number);
  const timer = setInterval(() => source.onCaptured(data, { ...size, ...layout }), 20);
  try {
    const pictures = sink[Symbol.asyncIterator]();
    return await eventually(`picture ${number} as ${layout.format}`, async () => {
      const { value: frame } = await within("a picture", pictures.next());
      if (frame === undefined) return undefined;
      const pixels = frame.data();
      if (readNumber(style, pixels) === number && psnr(pixels, expected) >= 30) return frame;
      frame.close();
    });
  } finally {
    clearInterval(timer);
  }
}

for (const format of formats) {
  test(`onCaptured takes ${format}, with gaps between rows and at any offset`, async () => {
    for (const gap of gaps) {
      number++;
      const layout = { ...size, format, stride: rowBytes(format, size.width) + gap };
      const bytes = pictureBytes(layout);
      const offset = 3;
      const buffer = new Uint8Array(offset + bytes).fill(GAP_VALUE);
      encodePixels(drawPicture(style, number), layout, buffer.subarray(offset));
      const data = new Uint8Array(buffer.buffer, offset, bytes);
      const { stride } = layout;
      using frame = await arrives(data, gap === 0 ? { format } : { format, stride });
      assert.deepEqual([frame.width, frame.height], [size.width, size.height]);
    }
  });

  test(`copyTo and data give ${format}, and leave gaps and what lies around alone`, async () => {
    number++;
    using frame = await arrives(drawPicture(style, number), { format: "BGR" });
    const bgr = frame.data("BGR");
    const tight = { ...size, format, stride: rowBytes(format, size.width) };
    const whole = frame.data(format);
    assert.equal(whole.byteLength, pictureBytes(tight));
    assert.ok(psnr(decodePixels(whole, tight), bgr) >= 35, `${format} shows the same as BGR`);
    for (const gap of gaps) {
      const layout = { ...tight, stride: tight.stride + gap };
      const bytes = pictureBytes(layout);
      const offset = 5;
      const buffer = new Uint8Array(offset + bytes + 9).fill(GAP_VALUE);
      const written = frame.copyTo(new Uint8Array(buffer.buffer, offset), {
        format,
        stride: layout.stride,
      });
      assert.equal(written, bytes);
      const inside = buffer.subarray(offset, offset + bytes);
      assert.deepEqual(decodePixels(inside, layout), decodePixels(whole, tight));
      const around = [...buffer.subarray(0, offset), ...buffer.subarray(offset + bytes)];
      const between = inside.subarray(tight.stride, layout.stride);
      assert.ok([...around, ...between].every((byte) => byte === GAP_VALUE));
    }
  });
}

test("copyTo and data refuse a short buffer and wrong options", async () => {
  number++;
  using frame = await arrives(drawPicture(style, number), { format: "BGR" });
  const bytes = size.width * size.height * 3;
  assert.throws(() => frame.copyTo(new Uint8Array(bytes - 1)), {
    name: "RangeError",
    message: `buffer has ${bytes - 1} bytes, but a BGR picture of 176x144 has ${bytes}`,
  });
  const wrong: [RegExp, () => unknown][] = [
    [/^options\.format /, () => frame.copyTo(new Uint8Array(bytes), { format: "GRAY" as never })],
    [/^options\.stride /, () => frame.copyTo(new Uint8Array(bytes), { stride: 527 })],
    [/^buffer must be a Uint8Array/, () => frame.copyTo(new Float32Array(bytes) as never)],
    [/^data\.format /, () => frame.data("GRAY" as never)],
  ];
  for (const [message, call] of wrong) assert.throws(call, { name: "TypeError", message });
});
