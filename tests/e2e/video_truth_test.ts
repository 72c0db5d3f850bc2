import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Sora, type SoraPixelFormat, SoraVideoSink, type SoraVideoSource } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually, within } from "../support/eventually.ts";
import { psnr } from "../support/picture.ts";
import { encodePixels, pictureBytes, rowBytes } from "../support/pixels.ts";

/** Sizes, each in a format and with bytes between its rows; odd ones too. */
const cases: readonly [width: number, height: number, format: SoraPixelFormat, gap: number][] = [
  [64, 48, "BGR", 0],
  [65, 49, "RGB", 7],
  [127, 96, "BGRA", 0],
  [160, 121, "RGBA", 12],
  [175, 143, "I420", 5],
  [321, 241, "NV12", 1],
  [639, 360, "BGR", 32],
  [1_280, 720, "I420", 0],
];
const BITS = 8;
const GOOD_DB = 30;
const PICTURES = 10;

let server: SoraServer;
let sora: Sora;
let source: SoraVideoSource;
let sink: SoraVideoSink;
before(async () => {
  server = await SoraServer.start({ port: 0 });
  sora = new Sora();
  source = sora.createVideoSource();
  const room = { signalingUrls: [server.url], channelId: "video", audio: false };
  const sender = sora.createConnection({
    ...room,
    role: "sendonly",
    videoCodecType: "VP8",
    videoBitRate: 5_000,
    videoSource: source,
    degradationPreference: "MAINTAIN_RESOLUTION",
  });
  const receiver = sora.createConnection({ ...room, role: "recvonly" });
  const { promise, resolve } = Promise.withResolvers<SoraVideoSink>();
  receiver.onTrack = (track) => resolve(new SoraVideoSink(track));
  await sender.connect();
  await receiver.connect();
  sink = await within("the track", promise);
});
after(async () => {
  await sora.close();
  await server.close();
});

/** Whether a pixel lies in the band with the number, and in which bit. */
function bitAt(width: number, height: number, x: number, y: number): number {
  const inside = y >= Math.floor(height * 3 / 8) && y < Math.floor(height * 5 / 8);
  return inside ? Math.floor(x * BITS / width) : -1;
}

/** Colours that change slowly from side to side, with a number in black and white across the middle: BGR. */
function draw(width: number, height: number, number: number): Uint8Array<ArrayBuffer> {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 3;
      const bit = bitAt(width, height, x, y);
      if (bit >= 0) {
        pixels.fill((number >> bit) & 1 ? 220 : 30, at, at + 3);
        continue;
      }
      pixels[at] = 40 + Math.round(150 * x / width);
      pixels[at + 1] = 60 + Math.round(120 * y / height);
      pixels[at + 2] = 200 - Math.round(120 * x / width);
    }
  }
  return pixels;
}

/** The number in a received picture: the middle of each block. */
function read(width: number, height: number, pixels: Uint8Array): number {
  let number = 0;
  for (let bit = 0; bit < BITS; bit++) {
    const x = Math.floor((bit + 0.5) * width / BITS);
    if ((pixels[(Math.floor(height / 2) * width + x) * 3] ?? 0) > 125) number |= 1 << bit;
  }
  return number;
}

for (const [width, height, format, gap] of cases) {
  test(`${width}x${height} as ${format}, ${gap} bytes between rows: pictures arrive in order`, async () => {
    const layout = { width, height, format, stride: rowBytes(format, width) + gap };
    const buffers = Array.from(
      { length: 2 ** BITS },
      (): Uint8Array<ArrayBuffer> | undefined => undefined,
    );
    let number = 0;
    const timer = setInterval(() => {
      number = (number + 1) % 2 ** BITS;
      const buffer = buffers[number] ??= new Uint8Array(pictureBytes(layout));
      encodePixels(draw(width, height, number), layout, buffer);
      const { stride } = layout;
      source.onCaptured(buffer, { width, height, format, ...(gap === 0 ? {} : { stride }) });
    }, width > 1_000 ? 200 : 40);
    const numbers: number[] = [];
    let best = 0;
    const pictures = sink[Symbol.asyncIterator]();
    try {
      await eventually(`${PICTURES} good pictures`, async () => {
        const { value } = await within("a picture", pictures.next());
        if (value === undefined) throw new Error("The sink ended");
        using frame = value;
        // The last of the size before may still come.
        if (frame.width !== width || frame.height !== height) return false;
        const pixels = frame.data();
        const got = read(width, height, pixels);
        const quality = psnr(pixels, draw(width, height, got));
        best = Math.max(best, quality);
        if (quality >= GOOD_DB) numbers.push(got);
        return numbers.length >= PICTURES;
      }, 20_000).catch((cause) => {
        throw new Error(`the best of ${width}x${height} was ${best.toFixed(1)} dB`, { cause });
      });
    } finally {
      clearInterval(timer);
    }
    const steps = numbers.slice(1).map((value, i) =>
      (value - (numbers[i] ?? 0) + 2 ** BITS) % 2 ** BITS
    );
    assert.ok(steps.every((step) => step > 0 && step < 50), `in order: ${numbers}`);
  });
}
