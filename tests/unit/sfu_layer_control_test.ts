import assert from "node:assert/strict";
import { test } from "node:test";
import { allocate } from "../../sfu/media/allocation.ts";
import { type Adjustable, LayerControl, type LayerRate } from "../../sfu/media/layer_control.ts";
import { RateMeter } from "../../sfu/media/rate_meter.ts";
import { RepeatBudget } from "../../sfu/media/repeat_budget.ts";
import type { MediaKind } from "../../sfu/sdp/codecs.ts";
import type { Rid } from "../../sfu/sdp/rids.ts";
import { FakeTransport } from "../support/fake_transport.ts";

test("allocate: each video has its smallest level, and the smallest levels are raised first", () => {
  const levels = [100, 300, 900];
  assert.deepEqual(allocate(0, [levels, levels]), [0, 0], "also when nothing fits");
  assert.deepEqual(allocate(399, [levels, levels]), [0, 0]);
  assert.deepEqual(allocate(400, [levels, levels]), [1, 0]);
  assert.deepEqual(allocate(600, [levels, levels]), [1, 1]);
  assert.deepEqual(allocate(1200, [levels, levels]), [2, 1]);
  assert.deepEqual(allocate(1800, [levels, levels]), [2, 2]);
  assert.deepEqual(allocate(1e9, [levels, [50], [10, 20]]), [2, 0, 1]);
  // The second one is too large for what is left, the third one is not.
  assert.deepEqual(allocate(350, [[100, 150], [100, 500], [50, 100]]), [1, 0, 1]);
  // Whose step did not fit has no further one.
  assert.deepEqual(allocate(160, [[100, 200, 150]]), [0]);
  assert.deepEqual(allocate(100, []), []);
});

test("RateMeter: bit/s of the last two seconds, with what the layers below add", () => {
  const meter = new RateMeter();
  assert.equal(meter.bitRate(0), 0);
  const bytes = 956; // and 44
  for (let ms = 1000; ms < 6000; ms += 10) meter.add(bytes, ms);
  assert.ok(Math.abs(meter.bitRate(6000) / 800_000 - 1) < 0.01, `${meter.bitRate(6000)}`);
  assert.ok(Math.abs(meter.bitRate(7000) / 400_000 - 1) < 0.06, `${meter.bitRate(7000)}`);
  assert.equal(meter.bitRate(8000), 0);
  meter.add(bytes, 20_000);
  assert.equal(meter.bitRate(20_100), 0, "too short for a rate");
  assert.equal(meter.bitRate(20_500), 16_000);
});

test("RepeatBudget: a third of what the path carries, half a second of it at once", () => {
  const budget = new RepeatBudget();
  for (let i = 0; i < 10_000; i++) {
    assert.equal(budget.take(1000, 0), true, "the path is not known");
  }
  budget.setPath(480_000); // 20 bytes in a ms
  let taken = 0;
  for (let ms = 10_000; ms < 20_000; ms += 5) {
    if (budget.take(1000, ms)) taken++;
  }
  assert.equal(taken, 10 + 200 - 1, "10 at once, 20 in each second");
  assert.equal(budget.refused, 2000 - taken);
});

/** A subscription that does as it is told. */
class FakeVideo implements Adjustable {
  ceiling: Rid = "r2";
  isThin = false;
  /** The share of the lowest temporal layer; 0: there is none. */
  base = 0;
  readonly limits: string[] = [];
  rates: readonly number[];
  readonly kind: MediaKind;

  constructor(rates: readonly number[], kind: MediaKind = "video") {
    this.rates = rates;
    this.kind = kind;
  }

  choices(): LayerRate[] {
    const rids = ["r0", "r1", "r2"] as const;
    return this.rates.flatMap((bitRate, i) => {
      const rid = this.rates.length === 1 ? undefined : rids[i];
      const whole = { rid, bitRate, isThin: false };
      return this.base === 0
        ? [whole]
        : [{ rid, bitRate: bitRate * this.base, isThin: true }, whole];
    });
  }

  thin(isThin: boolean): void {
    if (isThin !== this.isThin) this.limits.push(isThin ? "thin" : "whole");
    this.isThin = isThin;
  }

  limit(ceiling: Rid, urgent = false): void {
    if (ceiling === this.ceiling) return;
    this.ceiling = ceiling;
    this.limits.push(urgent ? `${ceiling} at once` : ceiling);
  }
}

function scene(...videos: FakeVideo[]) {
  const transport = new FakeTransport();
  const control = new LayerControl(transport);
  let nowMs = 1000;
  return {
    transport,
    carries: (bitsPerSecond: number) => control.onBandwidth(bitsPerSecond, videos, nowMs),
    pass: (ms: number) => {
      for (const end = nowMs + ms; nowMs < end;) control.tick(nowMs += 100, videos);
    },
  };
}

const LAYERS = [150_000, 400_000, 1_200_000];

test("LayerControl: nothing is limited while the path is not known, and what is needed is wanted of it", () => {
  const video = new FakeVideo(LAYERS);
  const { transport, pass } = scene(new FakeVideo([60_000], "audio"), video);
  pass(5000);
  assert.deepEqual(video.limits, []);
  assert.deepEqual(transport.wanted.map(Math.round), [1_449_000], "all and 15 %");
  video.rates = [150_000, 400_000, 1_230_000];
  pass(1000);
  assert.equal(transport.wanted.length, 1, "a small change");
  video.rates = [150_000, 400_000];
  pass(1000);
  assert.deepEqual(transport.wanted.slice(1).map(Math.round), [529_000]);
  video.rates = [700_000];
  pass(1000);
  assert.equal(transport.wanted.at(-1), 0, "there is nothing to choose");
});

test("LayerControl: far too little leads to a smaller layer at once, a little too little after a while", () => {
  const video = new FakeVideo(LAYERS);
  const { carries, pass } = scene(new FakeVideo([60_000], "audio"), video);
  pass(1000);
  carries(600_000);
  assert.deepEqual(video.limits, ["r1 at once"]);
  carries(400_000);
  pass(1000);
  assert.equal(video.limits.length, 1);
  carries(500_000);
  pass(300);
  carries(400_000);
  pass(1000);
  assert.equal(video.limits.length, 1, "it was enough in between");
  pass(400);
  assert.deepEqual(video.limits.slice(1), ["r0"]);
  carries(1000);
  pass(5000);
  assert.equal(video.limits.length, 2, "never less than the smallest");
});

test("LayerControl: a larger layer is chosen once it has fit for a while, longer after a rise that did not last", () => {
  const video = new FakeVideo(LAYERS);
  const { carries, pass } = scene(video);
  pass(1000);
  carries(300_000);
  assert.equal(video.ceiling, "r0");
  const rises = (bitsPerSecond: number, to: Rid, limitMs: number) => {
    carries(bitsPerSecond);
    let waitedMs = 0;
    for (; video.ceiling !== to && waitedMs < 20_000; waitedMs += 100) pass(100);
    assert.ok(waitedMs >= limitMs && waitedMs <= limitMs + 500, `${waitedMs} ms to ${to}`);
  };
  carries(450_000);
  pass(10_000);
  assert.equal(video.ceiling, "r0", "it would just fit");
  rises(2_000_000, "r2", 1000);
  carries(300_000);
  rises(2_000_000, "r2", 2000);
  carries(300_000);
  rises(2_000_000, "r2", 4000);
  carries(300_000);
  rises(2_000_000, "r2", 4000);
  pass(10_000);
  carries(300_000);
  rises(2_000_000, "r2", 1000);
});

test("LayerControl: several videos share, after audio and what has no layers", () => {
  const [a, b] = [new FakeVideo(LAYERS), new FakeVideo(LAYERS)];
  const { carries, pass } = scene(
    a,
    b,
    new FakeVideo([60_000], "audio"),
    new FakeVideo([500_000]),
  );
  pass(1000);
  carries(1_400_000);
  assert.deepEqual([a.ceiling, b.ceiling], ["r1", "r1"]);
  carries(900_000);
  pass(2000);
  assert.deepEqual([a.ceiling, b.ceiling], ["r0", "r0"]);
  carries(1_350_000);
  pass(5000);
  assert.deepEqual([a.ceiling, b.ceiling], ["r1", "r0"]);
  carries(10_000_000);
  pass(5000);
  assert.deepEqual([a.ceiling, b.ceiling], ["r2", "r2"]);
});

test("LayerControl: temporal layers go first, and are the only choice where there is one layer", () => {
  const video = new FakeVideo(LAYERS);
  video.base = 0.6;
  const { carries, pass } = scene(video);
  pass(1000);
  carries(800_000);
  pass(2000);
  assert.deepEqual(video.limits, ["thin"], "r2 with fewer frames");
  carries(420_000);
  pass(2000);
  assert.deepEqual(video.limits.slice(1), ["r1 at once", "whole"]);
  carries(2_000_000);
  pass(6000);
  assert.deepEqual([video.ceiling, video.isThin], ["r2", false]);

  const single = new FakeVideo([1_000_000]);
  single.base = 0.6;
  const alone = scene(single);
  alone.pass(1000);
  assert.equal(Math.round(alone.transport.wanted.at(-1)!), 1_150_000);
  alone.carries(700_000);
  alone.pass(2000);
  assert.deepEqual(single.limits, ["thin"]);
  alone.carries(100_000);
  alone.pass(2000);
  alone.carries(1_200_000);
  alone.pass(6000);
  assert.deepEqual(single.limits, ["thin", "whole"]);
});
