/** Snapshot: saves the first video frame that arrives as a PNG: `snapshot.ts [FILE.png]`. */
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { encodePng } from "../files/mod.ts";
import { Sora, SoraVideoSink } from "../mod.ts";
import { fail, openRoom } from "./support.ts";

const [file = "snapshot.png"] = process.argv.slice(2);
const LIMIT_MS = 10_000;

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
    await writeFile(file, encodePng(pixels, { width, height }));
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
