import assert from "node:assert/strict";
import { test } from "node:test";
import { getVideoCodecCapability } from "../../mod.ts";
import { loadDav1d } from "../support/codec_libraries.ts";
import { proveCodec } from "../support/codec_scene.ts";

test("AV1 is decoded by dav1d where there is one", async () => {
  await loadDav1d();
  const { dav1d } = getVideoCodecCapability().find("INTERNAL")?.parameters ?? {};
  assert.match(dav1d ?? "", /^1\.\d+/);
  await proveCodec({ codec: "AV1", sora: {}, encoder: "libaom", decoder: "dav1d" });
});
