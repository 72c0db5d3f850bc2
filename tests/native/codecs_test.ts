import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createVideoCodecPreferenceFromImplementation,
  getVideoCodecCapability,
  Sora,
  SoraVideoCodecPreference,
} from "../../mod.ts";

const INTERNAL = "INTERNAL";

test("getVideoCodecCapability names every engine, and INTERNAL does VP8, VP9 and AV1 both ways", () => {
  const capability = getVideoCodecCapability();
  assert.deepEqual(capability.engines.map(({ name }) => name), [
    "INTERNAL",
    "CISCO_OPENH264",
    "INTEL_VPL",
    "NVIDIA_VIDEO_CODEC_SDK",
    "AMD_AMF",
  ]);
  for (const { codecs } of capability.engines) {
    assert.deepEqual(codecs.map(({ type }) => type), ["VP8", "VP9", "AV1", "H264", "H265"]);
  }
  const able = capability.find(INTERNAL)?.codecs.filter(({ encoder, decoder }) =>
    encoder && decoder
  );
  assert.deepEqual(able?.map(({ type }) => type), ["VP8", "VP9", "AV1"]);
  const h264 = capability.find("CISCO_OPENH264")?.codecs.find(({ type }) => type === "H264");
  assert.deepEqual(h264, { type: "H264", encoder: false, decoder: false }, "without its file");
  assert.match(capability.find(INTERNAL)?.parameters["libvpx"] ?? "", /^v\d+\.\d+/);
  assert.deepEqual(JSON.parse(JSON.stringify(capability)), { engines: capability.engines });
});

test("createVideoCodecPreferenceFromImplementation lists what an engine can do", () => {
  const capability = getVideoCodecCapability();
  const preference = createVideoCodecPreferenceFromImplementation(capability, INTERNAL);
  assert.deepEqual(
    preference.toJSON().codecs,
    ["VP8", "VP9", "AV1"].map((type) => ({ type, encoder: INTERNAL, decoder: INTERNAL })),
  );
  const none = createVideoCodecPreferenceFromImplementation(capability, "AMD_AMF");
  for (const codec of none.codecs) assert.ok(codec.encoder ?? codec.decoder);
  assert.throws(
    () => createVideoCodecPreferenceFromImplementation({} as never, INTERNAL),
    TypeError,
  );
  assert.throws(
    () => createVideoCodecPreferenceFromImplementation(capability, "NVENC" as never),
    { name: "TypeError", message: /^implementation must be one of "INTERNAL"/ },
  );
});

test("SoraVideoCodecPreference finds, adds, merges, and makes itself again of its JSON", () => {
  const preference = new SoraVideoCodecPreference({
    codecs: [{ type: "VP8", encoder: INTERNAL, decoder: INTERNAL }, { type: "AV1" }],
  });
  assert.equal(preference.find("VP9"), undefined);
  assert.deepEqual(preference.getOrAdd("VP9"), { type: "VP9" });
  preference.getOrAdd("VP9").decoder = INTERNAL;
  assert.equal(preference.find("VP9")?.decoder, INTERNAL);
  assert.equal(preference.hasImplementation(INTERNAL), true);
  assert.equal(preference.hasImplementation("INTEL_VPL"), false);
  preference.merge(
    new SoraVideoCodecPreference({
      codecs: [{ type: "H264", encoder: "CISCO_OPENH264" }, { type: "VP8", encoder: "INTEL_VPL" }],
    }),
  );
  const expected = {
    codecs: [
      { type: "VP8", encoder: "INTEL_VPL", decoder: INTERNAL },
      { type: "AV1" },
      { type: "VP9", decoder: INTERNAL },
      { type: "H264", encoder: "CISCO_OPENH264" },
    ],
  };
  assert.deepEqual(preference.toJSON(), expected);
  const again = new SoraVideoCodecPreference(JSON.parse(JSON.stringify(preference)));
  assert.deepEqual(again.toJSON(), expected);
});

test("SoraVideoCodecPreference names what is wrong", () => {
  const wrong: [RegExp, unknown][] = [
    [/^options\.codecs must be an array/, { codecs: {} }],
    [/^options\.codecs\[0\]\.type must be one of "VP8"/, { codecs: [{ type: "VP10" }] }],
    [/^options\.codecs\[1\]\.encoder /, {
      codecs: [{ type: "VP8" }, { type: "AV1", encoder: "x" }],
    }],
    [/^options\.codecs\[0\]\.coder /, { codecs: [{ type: "VP8", coder: INTERNAL }] }],
    [/^options\.codecs\[1\]\.type is VP8/, { codecs: [{ type: "VP8" }, { type: "VP8" }] }],
  ];
  for (const [message, options] of wrong) {
    assert.throws(() => new SoraVideoCodecPreference(options as never), {
      name: "TypeError",
      message,
    });
  }
});

test("new Sora refuses a preference that nobody can fulfil, with the reason", async () => {
  for (
    const codecs of [
      [{ type: "H265", encoder: INTERNAL }],
      [{ type: "VP8", decoder: INTERNAL }, { type: "AV1", decoder: "AMD_AMF" }],
    ] as const
  ) {
    const videoCodecPreference = new SoraVideoCodecPreference({ codecs });
    assert.throws(() => new Sora({ videoCodecPreference }), (error: Error & { code?: string }) => {
      assert.deepEqual([error.name, error.code], ["SoraError", "UNSUPPORTED"]);
      const { type } = codecs.at(-1) ?? { type: "" };
      assert.match(error.message, new RegExp(`^The codecs that options ask for .*${type}`));
      return true;
    });
  }
  const videoCodecPreference = new SoraVideoCodecPreference();
  videoCodecPreference.getOrAdd("VP8").encoder = INTERNAL;
  await using sora = new Sora({ videoCodecPreference });
  // What is changed afterwards does not matter any more.
  videoCodecPreference.codecs.length = 0;
  assert.equal(sora.createVideoSource().state, "LIVE");
  assert.throws(() => new Sora({ videoCodecPreference: { codecs: [] } as never }), {
    name: "TypeError",
    message: /^options\.videoCodecPreference must be a SoraVideoCodecPreference/,
  });
});

test("new Sora refuses a file that is not OpenH264's, with the reason", () => {
  assert.throws(() => new Sora({ openh264: "/nowhere/libopenh264.so" }), (error: Error) => {
    assert.equal(error.name, "SoraError");
    assert.match(error.message, /openh264/i);
    return true;
  });
  assert.throws(() => new Sora({ openh264: "" }), { name: "TypeError" });
});
