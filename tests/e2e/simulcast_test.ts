// Simulcast with real codecs: three layers are sent, and a receiver goes from one to another without an error of its decoder.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Sora, type SoraOptions, type SoraVideoCodecType } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { h265Library, openh264Files } from "../support/codec_libraries.ts";
import { rowsHere } from "../support/smoke.ts";
import { SENT, SimulcastScene, SIZES } from "../support/simulcast_scene.ts";

let server: SoraServer;

before(async () => {
  server = await SoraServer.start({ port: 0 });
});

after(() => server.close());

const openh264 = [...openh264Files.values()].at(-1);
const codecs: readonly [SoraVideoCodecType, encoder: string, options?: SoraOptions][] = [
  ["VP8", "libvpx"],
  ["VP9", "SimulcastEncoderAdapter (libvpx, libvpx, libvpx)"],
  ["AV1", "SimulcastEncoderAdapter (libaom, libaom, libaom)"],
  [
    "H264",
    "SimulcastEncoderAdapter (OpenH264, OpenH264, OpenH264)",
    openh264 === undefined ? {} : { openh264 },
  ],
  ["H265", "SimulcastEncoderAdapter (TestH265, TestH265, TestH265)", { library: h265Library }],
];

for (
  const [videoCodecType, encoder, options = {}] of rowsHere(
    "bun",
    codecs,
    ([one]) => one !== "H265",
  )
) {
  test(`test_simulcast ${videoCodecType}: three layers, and every switch between them and none`, async () => {
    await using sora = new Sora(options);
    await using scene = new SimulcastScene(server.url, { videoCodecType }, SENT, sora);
    const answers: string[] = [];
    scene.sender.connection.onSignalingMessage = (_type, direction, text) => {
      if (direction === "SENT" && text.includes('"answer"')) answers.push(text);
    };
    await scene.connect();
    await scene.receives(SIZES.r0);
    const wanted: (keyof typeof SIZES)[] = ["r2", "r1", "r0", "r1", "r2", "r0"];
    for (const rid of wanted) {
      await scene.request(rid);
      await scene.receives(SIZES[rid]);
    }
    await scene.request("none");
    const frames = scene.frames;
    await scene.request("r2");
    await scene.receives(SIZES.r2);
    assert.ok(scene.frames > frames);
    await scene.assertFlawless();
    // A lower layer may come in between, where the machine is too busy for what is requested.
    const switches = scene.switches.map(({ request_rid, current_rid }) =>
      `${request_rid} ${current_rid}`
    );
    let at = 0;
    for (const rid of [...wanted, "none", "r2"]) {
      at = switches.indexOf(`${rid} ${rid}`, at) + 1;
      assert.ok(at > 0, `${rid} in ${switches}`);
    }

    assert.match(answers[0]!, /a=simulcast:send r0;r1;r2\\r\\n/);
    for (const rid of ["r0", "r1", "r2"] as const) {
      const { frameWidth, frameHeight, bytesSent, scalabilityMode, encoderImplementation } =
        await scene.outbound(rid);
      assert.equal(`${frameWidth}x${frameHeight}`, SIZES[rid]);
      assert.ok(Number(bytesSent) > 10_000, `${bytesSent} bytes of ${rid}`);
      // The others have no scalability modes to report.
      if (/^(VP.|AV1)$/.test(videoCodecType)) assert.equal(scalabilityMode, "L1T1");
      assert.equal(encoderImplementation, encoder);
    }
  });
}

test("simulcast with 5 % loss each way: every layer that is requested comes, and goes on", async () => {
  const loss = 0.05;
  await using lossy = await SoraServer.start({
    port: 0,
    faults: { dropReceived: loss, dropSent: loss, seed: 11 },
  });
  await using scene = new SimulcastScene(lossy.url, { videoCodecType: "VP8" });
  await scene.connect();
  for (const rid of ["r2", "r0", "r1", "r2", "r1", "r0"] as const) {
    await scene.request(rid);
    await scene.receives(SIZES[rid]);
  }
  scene.assertOrder();
  const { faultyPackets, retransmittedPackets } = lossy.stats();
  assert.ok(
    faultyPackets > 20 && retransmittedPackets > 0,
    `${faultyPackets}, ${retransmittedPackets}`,
  );
});

test("simulcast: a layer that frames are too small for gives way to the next one, and comes back with them", async () => {
  const receiving = { simulcastRequestRid: "r2" } as const;
  await using scene = new SimulcastScene(
    server.url,
    { videoCodecType: "VP8" },
    SENT,
    undefined,
    receiving,
  );
  await scene.connect();
  await scene.receives(SIZES.r2);
  const before = scene.switches.length;
  // Of frames of this size there are two layers, which have a quarter and half of each side.
  scene.sender.show({ width: 640, height: 360, turn: 0 });
  await scene.receives("320x180");
  scene.sender.show(SENT);
  await scene.receives(SIZES.r2);
  const changes = scene.switches.slice(before).map(({ trigger, request_rid, current_rid }) =>
    [trigger, request_rid, current_rid].join()
  );
  assert.ok(changes.includes("sender,r2,r1"), `${changes}`);
  assert.ok(changes.at(-1)?.endsWith("r2,r2"), `${changes}`);
  scene.assertOrder();
});

const SECRET = "secret of a test";
const temporal = ["VP8", "VP9", "AV1"] as const;
for (const videoCodecType of rowsHere("bun", temporal, (one) => one === "VP8")) {
  test(`simulcast of three temporal layers each, ${videoCodecType}: switches without an error`, async () => {
    await using guarded = await SoraServer.start({ port: 0, secret: SECRET });
    const simulcast_encodings = ["r0", "r1", "r2"].map((rid, index) => ({
      rid,
      active: true,
      scaleResolutionDownBy: 2 ** (2 - index),
      scalabilityMode: "L1T3",
    }));
    const sending = { metadata: { access_token: accessToken({ simulcast_encodings }, SECRET) } };
    const receiving = { metadata: { access_token: accessToken({}, SECRET) } };
    await using scene = new SimulcastScene(
      guarded.url,
      { videoCodecType, ...sending },
      SENT,
      undefined,
      receiving,
    );
    await scene.connect();
    for (const rid of ["r0", "r2", "r1", "r0"] as const) {
      await scene.request(rid);
      await scene.receives(SIZES[rid]);
    }
    await scene.assertFlawless();
    assert.equal((await scene.outbound("r2")).scalabilityMode, "L1T3");
  });
}
