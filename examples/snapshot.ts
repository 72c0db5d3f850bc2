/** Snapshot: saves the first video frame that arrives as a PNG: `snapshot.ts [FILE.png]`. */
import { Buffer } from "node:buffer";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { crc32, deflateSync } from "node:zlib";
import { Sora, SoraVideoSink } from "../mod.ts";
import { fail, openRoom } from "./support.ts";

const [file = "snapshot.png"] = process.argv.slice(2);
const LIMIT_MS = 10_000;

/** Pixels in RGB as PNG (RFC 2083): each row begins with a byte 0, which marks it as unfiltered. */
function png(pixels: Uint8Array, width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let row = 0; row < height; row++) {
    rows.set(pixels.subarray(row * width * 3, (row + 1) * width * 3), row * (1 + width * 3) + 1);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits per sample, RGB.
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, ...Buffer.from("PNG\r\n\x1a\n")]);
  const end = Buffer.alloc(0);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", end),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly", audio: false });
const saved = Promise.withResolvers<string>();
connection.onTrack = async (track) => {
  if (track.kind !== "video") return;
  for await (const received of new SoraVideoSink(track)) {
    using frame = received;
    // The way it is meant to be shown: rotated if the sender's telephone was held upright.
    const pixels = frame.data("RGB", { upright: true });
    const { displayWidth: width, displayHeight: height } = frame;
    await writeFile(file, png(pixels, width, height));
    saved.resolve(`Saved ${width}x${height} from ${track.streamId} as ${file}`);
    break;
  }
};

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await using _sender = await room.invite("sendonly");
const timer = setTimeout(
  () => fail(`No member of the channel sent video within ${LIMIT_MS / 1_000} s`),
  LIMIT_MS,
);
console.log(await saved.promise);
clearTimeout(timer);
