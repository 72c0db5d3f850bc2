import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import {
  Sora,
  type SoraOptions,
  type SoraStatsOf,
  type SoraVideoCodecName,
  SoraVideoCodecPreference,
} from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextPicture } from "../support/media_client.ts";
import { drawPicture, psnr, readNumber } from "../support/picture.ts";

const style = { width: 320, height: 240, turn: 3 };
const folder = new URL("../../.deps/openh264/", import.meta.url);
const openh264 = readdirSync(folder).filter((name) => name.includes(".so")).toSorted().at(-1);

const both = (codec: SoraVideoCodecName, engine: "INTERNAL" | "CISCO_OPENH264"): SoraOptions => ({
  ...(engine === "INTERNAL" ? {} : { openh264: new URL(openh264 ?? "", folder).pathname }),
  videoCodecPreference: new SoraVideoCodecPreference({
    codecs: [{ type: codec, encoder: engine, decoder: engine }],
  }),
});

/** Codecs, who does them, and by what names statistics call them. */
const cases = [
  ["VP8", "INTERNAL", /^libvpx$/, /^libvpx/],
  ["VP9", "INTERNAL", /^libvpx$/, /^libvpx/],
  ["AV1", "INTERNAL", /^libaom$/, /^(libaom|dav1d)$/],
  ["H264", "CISCO_OPENH264", /^OpenH264$/, /^OpenH264$/],
] as const;

for (const [codec, engine, encoder, decoder] of cases) {
  test(`${codec} by ${engine}: pictures arrive, and statistics name codec and engine`, async () => {
    await using server = await SoraServer.start({ port: 0 });
    await using sora = new Sora(both(codec, engine));
    const options = { signalingUrls: [server.url], channelId: "codecs", videoCodecType: codec };
    await using sender = new MediaClient(
      { ...options, role: "sendonly" },
      { picture: style },
      sora,
    );
    await using receiver = new MediaClient({ ...options, role: "recvonly" }, {}, sora);
    await sender.connect();
    await receiver.connect();
    const { video } = await receiver.from(sender, 1);
    const numbers: number[] = [];
    await eventually("ten good pictures", async () => {
      using frame = await nextPicture(video);
      assert.deepEqual([frame.width, frame.height], [style.width, style.height]);
      const pixels = frame.data();
      const number = readNumber(style, pixels);
      if (psnr(pixels, drawPicture(style, number)) >= 30) numbers.push(number);
      return numbers.length >= 10;
    }, 20_000);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));

    const sent = await sender.connection.getStats();
    const outbound = sent.find((s): s is SoraStatsOf<"outbound-rtp"> =>
      s.type === "outbound-rtp" && s.kind === "video"
    );
    assert.match(outbound?.encoderImplementation ?? "", encoder);
    const received = await receiver.connection.getStats();
    const inbound = received.find((s): s is SoraStatsOf<"inbound-rtp"> =>
      s.type === "inbound-rtp" && s.kind === "video"
    );
    assert.match(inbound?.decoderImplementation ?? "", decoder);
    const mimeType = received.find((s): s is SoraStatsOf<"codec"> =>
      s.type === "codec" && s.id === inbound?.codecId
    )?.mimeType;
    assert.equal(mimeType, `video/${codec}`);
  });
}
