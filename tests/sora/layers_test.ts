/** Simulcast and spotlight through Sora. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { eventually } from "../support/eventually.ts";
import { MediaClient, nextFrame } from "../support/media_client.ts";
import { SoraTarget } from "../support/sora_target.ts";

const frame = { width: 960, height: 540, turn: 0 } as const;
const LIMIT_MS = 30_000;
const sora = await SoraTarget.open();

after(() => sora[Symbol.asyncDispose]());

for (const videoCodecType of ["VP8", "VP9", "AV1"] as const) {
  test(`simulcast ${videoCodecType}: three layers are sent, and a receiver gets the one that it asks for`, async () => {
    const room = { ...sora.room(), simulcast: true, audio: false } as const;
    const sending = { ...room, role: "sendonly", videoCodecType, videoBitRate: 3_000 } as const;
    await using sender = new MediaClient(sending, { frame });
    let answer = "";
    sender.connection.onSignalingMessage = (_type, direction, text) => {
      if (direction === "SENT" && JSON.parse(text).type === "answer") answer = text;
    };
    await sender.connect();
    assert.match(answer, /a=simulcast:send r0;r1;r2/);
    const layers = async () =>
      (await sender.connection.getStats()).flatMap((one) =>
        one.type === "outbound-rtp" && one.kind === "video" && (one.framesEncoded ?? 0) > 0
          ? [one.rid]
          : []
      );
    await eventually("three layers", async () => (await layers()).length === 3, LIMIT_MS);
    assert.deepEqual((await layers()).toSorted(), ["r0", "r1", "r2"]);

    for (const [simulcastRid, width] of [["r0", frame.width / 4], ["r2", frame.width]] as const) {
      await using receiver = new MediaClient({ ...room, role: "recvonly", simulcastRid });
      await receiver.connect();
      const { video } = await receiver.from(sender, 1);
      const wide = await nextFrame(video, (one) => one.width === width);
      wide.close();
    }
  });
}

test("the access token's simulcast_encodings are what the offer has and the sender does", {
  skip: sora.withoutClaims ?? false,
}, async () => {
  const room = {
    ...sora.room({
      simulcast: true,
      simulcast_encodings: [
        { rid: "r0", active: true, scaleResolutionDownBy: 4, maxBitrate: 150_000 },
        { rid: "r1", active: true, scaleResolutionDownBy: 2, maxBitrate: 500_000 },
        { rid: "r2", active: false },
      ],
    }),
    simulcast: true,
    audio: false,
  } as const;
  await using sender = new MediaClient({ ...room, role: "sendonly", videoCodecType: "VP8" }, {
    frame,
  });
  const active: unknown[] = [];
  sender.connection.onSetOffer = ({ encodings }) => {
    active.push(...(encodings ?? []).map((one) => [one.rid, one.active ?? true]));
  };
  await sender.connect();
  assert.deepEqual(active, [["r0", true], ["r1", true], ["r2", false]]);
  await eventually("two layers", async () => {
    const stats = await sender.connection.getStats();
    const sent = stats.flatMap((one) =>
      one.type === "outbound-rtp" && one.kind === "video" && (one.framesEncoded ?? 0) > 0
        ? [one.rid]
        : []
    );
    assert.ok(!sent.includes("r2"), "r2 is inactive");
    return sent.length === 2;
  }, LIMIT_MS);
});

test("spotlight: who speaks is focused, and the others are notified", async () => {
  const room = {
    ...sora.room(),
    role: "sendrecv",
    simulcast: true,
    spotlight: true,
    spotlightNumber: 1,
    videoCodecType: "VP8",
  } as const;
  await using speaker = new MediaClient(room, { frame, toneHz: 440 });
  await using listener = new MediaClient(room, { frame });
  const focused: unknown[] = [];
  const own = listener.connection.onNotify;
  listener.connection.onNotify = (message, text) => {
    own?.(message, text);
    if (message.event_type === "spotlight.focused") {
      focused.push((message as { connection_id?: unknown }).connection_id);
    }
  };
  await listener.connect();
  await speaker.connect();
  await eventually(
    "the focus",
    () => focused.includes(speaker.connection.connectionId),
    LIMIT_MS,
  );
});
