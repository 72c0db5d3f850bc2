/** Packets get lost on both hops; requests for them and retransmissions make up for it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { SoraVideoCodecName } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { drawFrame, type FrameStyle, psnr, readNumber } from "../support/frame.ts";
import { videoRtpOf } from "../support/statistics.ts";
import { loudness } from "../support/tone.ts";

const style: FrameStyle = { width: 640, height: 480, turn: 0 };
const FRAMES = 200;
/** More are looked at, up to this many, until each way to repair a loss has been gone. */
const MAX_FRAMES = 2_000;

for (const videoCodecType of ["VP8", "VP9"] satisfies SoraVideoCodecName[]) {
  test(`3 % of the packets are lost both ways: every frame (${videoCodecType}) arrives`, {
    timeout: 120_000,
  }, async () => {
    await using server = await SoraServer.start({
      port: 0,
      faults: { dropReceived: 0.03, dropSent: 0.03, seed: 20_260 },
    });
    const options = { signalingUrls: [server.url], channelId: "loss" };
    await using sender = new MediaClient({ ...options, role: "sendonly", videoCodecType }, {
      frame: style,
      toneHz: 440,
    });
    await using receiver = new MediaClient({ ...options, role: "recvonly" });
    sender.show(undefined);
    await Promise.all([sender.connect(), receiver.connect()]);
    const { audio, video } = await receiver.from(sender);
    // Once there is audio, the way of the frames is open as well: from then on all must come.
    await eventually("audio", async () => {
      const { ok, data } = await audio.read(960);
      return ok && loudness(data) > 3_000;
    });
    sender.show(style);
    const numbers: number[] = [];
    // Which packet is lost is chance: transport-wide feedback may have repaired all of them so far.
    const repairs = async () => {
      const outbound = await videoRtpOf(sender.connection, "outbound-rtp");
      const inbound = await videoRtpOf(receiver.connection, "inbound-rtp");
      return {
        "sent to the server again": outbound.retransmittedPacketsSent!,
        "asked for by the server": outbound.nackCount!,
        "sent to the receiver again": server.stats().retransmittedPackets,
        "asked for by the receiver": inbound.nackCount!,
      };
    };
    const wanting = async () =>
      numbers.length % FRAMES !== 0 || numbers.length === 0 ||
      Object.values(await repairs()).some((count) => count === 0);
    while (numbers.length < MAX_FRAMES && await wanting()) {
      using frame = await nextFrame(video);
      const pixels = frame.data();
      const number = readNumber(style, pixels);
      assert.ok(psnr(pixels, drawFrame(style, number)) > 20, `frame ${number} is whole`);
      numbers.push(number);
    }
    assert.ok(
      numbers.every((number, at) => at === 0 || number > numbers[at - 1]!),
      `frames come in order: ${numbers}`,
    );
    // What the encoder left out under load was never sent; all that was sent is decoded.
    const sent = async () => (await videoRtpOf(sender.connection, "outbound-rtp")).framesSent!;
    const decoded = async () =>
      (await videoRtpOf(receiver.connection, "inbound-rtp")).framesDecoded;
    await eventually("all frames", async () => {
      sender.show(undefined);
      const all = async () => await decoded() === await sent();
      if (await eventually("the last", all, 1_000).catch(() => false)) return true;
      // The loss of the very last packet shows only when another one follows.
      const before = await sent();
      sender.show(style);
      await eventually("one more", async () => await sent() > before);
      return false;
    }, 30_000);
    for (const [repair, packets] of Object.entries(await repairs())) {
      assert.ok(packets > 0, `no packet was ${repair}`);
    }
    const { faultyPackets, lostPackets } = server.stats();
    assert.ok(faultyPackets > 10, `only ${faultyPackets} packets were lost`);
    assert.equal(lostPackets, 0, "none was given up");
    assert.deepEqual([...sender.errors, ...receiver.errors], []);
  });
}
