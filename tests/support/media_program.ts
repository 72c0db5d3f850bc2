/** Copies a second of white into the file that its argument names, through ffmpeg. */

import process from "node:process";
import { readMedia, writeMedia } from "../../files/mod.ts";

await using media = await readMedia({
  format: "lavfi",
  input: "color=c=white:size=64x48:rate=25:duration=1",
});
await using writer = await writeMedia(process.argv[2] ?? "", { video: { width: 64, height: 48 } });
for await (const item of media) if (item.kind === "video") await writer.writeVideo(item);
console.log(`${writer.frames} frames`);
