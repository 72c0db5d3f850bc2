import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import {
  createVideoCodecPreferenceFromImplementation,
  getVideoCodecCapability,
  Sora,
  SoraVideoCodecPreference,
  type SoraVideoCodecPreferenceCodec,
} from "../../mod.ts";
import { dav1dFile, openh264Files } from "../support/codec_libraries.ts";

const INTERNAL = "INTERNAL";
const python = new URL("../../.deps/venv/bin/python", import.meta.url).pathname;

/** What a library needs beside its version to pass for OpenH264 until it is used. */
const wels = [
  "WelsCreateSVCEncoder",
  "WelsDestroySVCEncoder",
  "WelsCreateDecoder",
  "WelsDestroyDecoder",
];

/** Makes a library that claims to be a version of OpenH264. */
async function makeStub(
  folder: string,
  version: string,
  functions: readonly string[],
): Promise<string> {
  const [major, minor, revision] = version.split(".");
  const source = join(folder, "stub.c");
  await writeFile(
    source,
    `void WelsGetCodecVersionEx(unsigned *v) { v[0] = ${major}; v[1] = ${minor}; v[2] = ${revision}; }\n` +
      functions.map((name) => `int ${name}(void *x) { return x != 0; }\n`).join(""),
  );
  const file = join(folder, `stub-${version}-${functions.length}.so`);
  await promisify(execFile)(python, [
    "-m",
    "ziglang",
    "cc",
    "-shared",
    "-fPIC",
    // Without them Zig compiles parts of libc and of its sanitizer first, for half a minute on a fresh machine.
    "-nostdlib",
    "-fno-sanitize=undefined",
    "-o",
    file,
    source,
  ]);
  return file;
}

test("getVideoCodecCapability lists the engines that can do something, and why the others are absent", () => {
  const capability = getVideoCodecCapability();
  assert.deepEqual(capability.engines.map(({ name }) => name), ["INTERNAL"]);
  const noIntel = process.arch === "x64"
    ? "there is no VPL dispatcher: the library vpl could not be opened"
    : "Intel has no GPU for this processor";
  assert.deepEqual(capability.unavailable, [
    { name: "CISCO_OPENH264", reason: "set the option openh264 to the path of its library" },
    { name: "INTEL_VPL", reason: noIntel },
    {
      name: "NVIDIA_VIDEO_CODEC_SDK",
      reason: "there is no NVIDIA driver: the library cuda could not be opened",
    },
    {
      name: "AMD_AMF",
      reason: "there is no AMF runtime: the library amfrt64 could not be opened",
    },
  ]);
  for (const { name } of capability.unavailable) assert.equal(capability.find(name), undefined);
  for (const { codecs } of capability.engines) {
    assert.deepEqual(codecs.map(({ type }) => type), ["VP8", "VP9", "AV1", "H264", "H265"]);
  }
  const able = capability.find(INTERNAL)?.codecs.filter(({ encoder, decoder }) =>
    encoder && decoder
  );
  assert.deepEqual(able?.map(({ type }) => type), ["VP8", "VP9", "AV1"]);
  assert.match(capability.find(INTERNAL)?.parameters["libvpx"] ?? "", /^v\d+\.\d+/);
  assert.deepEqual(JSON.parse(JSON.stringify(capability)), {
    engines: capability.engines,
    unavailable: capability.unavailable,
  });
  const openh264 = [...openh264Files.values()][0] ?? "";
  const more = getVideoCodecCapability({ openh264 });
  assert.deepEqual(more.engines.map(({ name }) => name), [INTERNAL, "CISCO_OPENH264"]);
  assert.equal(more.unavailable.some(({ name }) => name === "CISCO_OPENH264"), false);
});

test("a choice among the engines of getVideoCodecCapability takes one that can do something", () => {
  const capability = getVideoCodecCapability();
  const wanted = ["INTEL_VPL", "NVIDIA_VIDEO_CODEC_SDK", INTERNAL] as const;
  const chosen = wanted.find((name) => capability.engines.some((engine) => engine.name === name));
  assert.equal(chosen, INTERNAL);
});

test("createVideoCodecPreferenceFromImplementation lists what an engine can do", () => {
  const capability = getVideoCodecCapability();
  const preference = createVideoCodecPreferenceFromImplementation(capability, INTERNAL);
  assert.deepEqual(
    preference.toJSON().codecs,
    ["VP8", "VP9", "AV1"].map((type) => ({ type, encoder: INTERNAL, decoder: INTERNAL })),
  );
  const none = createVideoCodecPreferenceFromImplementation(capability, "AMD_AMF");
  assert.deepEqual(none.codecs, []);
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

test("SoraVideoCodecPreference keeps fallbacks, and drops one that becomes the engine itself", () => {
  const codecs: SoraVideoCodecPreferenceCodec[] = [
    { type: "AV1", encoder: "INTEL_VPL", fallbackEncoder: INTERNAL, decoder: INTERNAL },
  ];
  const preference = new SoraVideoCodecPreference({ codecs });
  assert.deepEqual(preference.toJSON(), { codecs });
  preference.merge(new SoraVideoCodecPreference({ codecs: [{ type: "AV1", encoder: INTERNAL }] }));
  assert.deepEqual(preference.toJSON(), {
    codecs: [{ type: "AV1", encoder: INTERNAL, decoder: INTERNAL }],
  });
});

test("a fallback serves where the engine is not available", () => {
  const encoder = "AMD_AMF", decoder = INTERNAL;
  const prefer = (codec: Partial<SoraVideoCodecPreferenceCodec>) =>
    new Sora({
      videoCodecPreference: new SoraVideoCodecPreference({
        codecs: [{ type: "VP9", encoder, decoder, ...codec }],
      }),
    });
  assert.throws(() => prefer({}), { code: "UNSUPPORTED", message: /AMD_AMF cannot encode VP9: / });
  prefer({ fallbackEncoder: INTERNAL })[Symbol.dispose]();
  assert.throws(() => prefer({ encoder: INTERNAL, fallbackEncoder: encoder }), {
    code: "UNSUPPORTED",
    message: /AMD_AMF cannot encode VP9: /,
  });
});

test("SoraVideoCodecPreference names what is wrong", () => {
  const wrong: [RegExp, unknown][] = [
    [/^options\.codecs must be an array/, { codecs: {} }],
    [/^options\.codecs\[0\]\.type must be one of "VP8"/, { codecs: [{ type: "VP10" }] }],
    [/^options\.codecs\[1\]\.encoder /, {
      codecs: [{ type: "VP8" }, { type: "AV1", encoder: "x" }],
    }],
    [/^options\.codecs\[0\]\.coder /, { codecs: [{ type: "VP8", coder: INTERNAL }] }],
    [/^options\.codecs\[0\]\.fallbackEncoder must be one of "INTERNAL"/, {
      codecs: [{ type: "VP8", encoder: INTERNAL, fallbackEncoder: "x" }],
    }],
    [/^options\.codecs\[0\]\.fallbackEncoder needs options\.codecs\[0\]\.encoder$/, {
      codecs: [{ type: "VP8", fallbackEncoder: INTERNAL }],
    }],
    [/^options\.codecs\[0\]\.fallbackDecoder must differ from options\.codecs\[0\]\.decoder/, {
      codecs: [{ type: "VP8", decoder: INTERNAL, fallbackDecoder: INTERNAL }],
    }],
    [/^options\.codecs\[1\]\.type must differ from options\.codecs\[0\]\.type/, {
      codecs: [{ type: "VP8" }, { type: "VP8" }],
    }],
  ];
  for (const [message, options] of wrong) {
    assert.throws(() => new SoraVideoCodecPreference(options as never), {
      name: "TypeError",
      message,
    });
  }
});

const unavailable = "The requested codecs are not available: ";

test("new Sora refuses a preference that nobody can fulfil, with the reason", async () => {
  const cases: [string, SoraVideoCodecPreferenceCodec[]][] = [
    ["INTERNAL cannot encode H265", [{ type: "H265", encoder: INTERNAL }]],
    ["INTERNAL cannot decode H264", [{ type: "VP8", encoder: INTERNAL }, {
      type: "H264",
      decoder: INTERNAL,
    }]],
    [
      "CISCO_OPENH264 cannot encode H264: set the option openh264 to the path of its library",
      [{ type: "H264", encoder: "CISCO_OPENH264" }],
    ],
  ];
  for (const [reason, codecs] of cases) {
    const videoCodecPreference = new SoraVideoCodecPreference({ codecs });
    assert.throws(() => new Sora({ videoCodecPreference }), {
      name: "SoraError",
      code: "UNSUPPORTED",
      message: unavailable + reason,
    });
  }
  const openh264 = [...openh264Files.values()][0] ?? "";
  assert.throws(
    () =>
      new Sora({
        openh264,
        videoCodecPreference: new SoraVideoCodecPreference({
          codecs: [{ type: "VP8", decoder: "CISCO_OPENH264" }],
        }),
      }),
    { code: "UNSUPPORTED", message: `${unavailable}CISCO_OPENH264 cannot decode VP8` },
  );
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

test("a file that is not OpenH264's is refused, with the reason", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sora-openh264-"));
  try {
    const text = join(folder, "text.so");
    await writeFile(text, "This is a text.\n");
    const stub = (version: string, functions = wels) => makeStub(folder, version, functions);
    const cases: [string, string | RegExp][] = [
      ["/nowhere/libopenh264.so", /cannot be opened: .*No such file/],
      [text, /cannot be opened: .*(invalid ELF header|file too short)/],
      [dav1dFile, "is not OpenH264: it has no WelsGetCodecVersionEx"],
      [await stub("2.2.0"), "is version 2.2.0; supported are versions 2.3 to 2.6"],
      [await stub("2.7.0"), "is version 2.7.0; supported are versions 2.3 to 2.6"],
      [await stub("2.4.1", []), "is not OpenH264: it has no WelsCreateSVCEncoder"],
    ];
    for (const [openh264, reason] of cases) {
      const refused = (error: Error & { code?: string }) => {
        assert.deepEqual([error.name, error.code], ["SoraError", "UNSUPPORTED"]);
        const start = `${unavailable}openh264: ${openh264} `;
        assert.ok(error.message.startsWith(start), error.message);
        const rest = error.message.slice(start.length);
        if (typeof reason === "string") assert.equal(rest, reason);
        else assert.match(rest, reason);
        return true;
      };
      assert.throws(() => new Sora({ openh264 }), refused);
      assert.throws(() => getVideoCodecCapability({ openh264 }), refused);
    }
    for (const version of ["2.3.0", "2.4.1", "2.5.0", "2.6.0"]) {
      const openh264 = await stub(version);
      const { parameters } = getVideoCodecCapability({ openh264 }).find("CISCO_OPENH264") ?? {};
      assert.deepEqual(parameters, { version, path: openh264 });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.throws(() => new Sora({ openh264: "" }), { name: "RangeError" });
});
