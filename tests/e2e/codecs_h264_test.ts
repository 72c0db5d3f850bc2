import assert from "node:assert/strict";
import { test } from "node:test";
import { getVideoCodecCapability, SoraVideoCodecPreference } from "../../mod.ts";
import { openh264Files } from "../support/codec_libraries.ts";
import { proveCodec } from "../support/codec_scene.ts";
import { rowsHere } from "../support/smoke.ts";

const videoCodecPreference = new SoraVideoCodecPreference({
  codecs: [{ type: "H264", encoder: "CISCO_OPENH264", decoder: "CISCO_OPENH264" }],
});

const newest = [...openh264Files.keys()].at(-1);
for (const [version, openh264] of rowsHere("bun", [...openh264Files], ([one]) => one === newest)) {
  test(`H264 by OpenH264 ${version}: frames, statistics, key frames that were asked for, another bit rate and size`, async () => {
    const sora = { openh264, videoCodecPreference };
    await proveCodec({ codec: "H264", sora, encoder: "OpenH264", decoder: "OpenH264" });
  });
}

for (const [version, openh264] of openh264Files) {
  test(`getVideoCodecCapability names OpenH264 ${version}, which does H264 both ways`, () => {
    const engine = getVideoCodecCapability({ openh264 }).find("CISCO_OPENH264");
    assert.deepEqual(engine?.parameters, { version, path: openh264 });
    assert.deepEqual(engine?.codecs.filter(({ encoder, decoder }) => encoder || decoder), [
      { type: "H264", encoder: true, decoder: true },
    ]);
  });
}
