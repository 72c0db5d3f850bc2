/**
 * The course of a load test: members connect one after the other, stay, and leave.
 *
 * @module
 */

import { sleep } from "../../base/sleep.ts";
import { Sora, type SoraConnectionOptions } from "../../mod.ts";
import { openClip } from "./clip.ts";
import { Member } from "./member.ts";
import { sendInTime, TONE } from "../pattern.ts";
import type { LoadPlan } from "./plan.ts";
import { CpuMeter, type LoadReport, reportOf } from "./report.ts";

/** Members that connect at a time: more would measure their handshakes. */
const MAX_CONNECTING = 50;
/** The most members whose statistics are requested at a time. */
const SAMPLED_AT_ONCE = 16;
const POLL_MS = 20;

/** Receives what is to be shown. */
export type OnReport = (report: LoadReport, state: string) => void;

/** Does `each` for all, a few at a time. */
async function forAll<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  const waiting = all.values();
  const worker = async () => {
    for (const one of waiting) await each(one);
  };
  await Promise.all(Array.from({ length: SAMPLED_AT_ONCE }, worker));
}

/** A load test. */
class LoadTest {
  readonly members: readonly Member[];
  readonly #plan: LoadPlan;
  readonly #signal: AbortSignal;
  readonly #onReport: OnReport;
  readonly #cpu = new CpuMeter();
  readonly #began = performance.now();
  #state = "";

  constructor(plan: LoadPlan, signal: AbortSignal, onReport: OnReport) {
    this.#plan = plan;
    this.#signal = signal;
    this.#onReport = onReport;
    this.members = plan.members.map((member) => new Member(member));
  }

  get #seconds(): number {
    return (performance.now() - this.#began) / 1_000;
  }

  async run(): Promise<LoadReport> {
    const { video, audio } = this.#plan;
    const sends = this.members.some(({ plan }) => plan.role === "sendonly");
    const clip = await openClip(this.#plan);
    const { openh264 } = this.#plan;
    await using sora = new Sora(openh264 === undefined ? {} : { openh264 });
    const videoSource = sends && video ? sora.createVideoSource() : undefined;
    const audioSource = sends && audio ? sora.createAudioSource(TONE) : undefined;
    using _media = sendInTime({
      video: videoSource && { source: videoSource, fps: clip.fps },
      audio: audioSource,
      capture: clip.capture,
    });
    const done = new AbortController();
    const reporting = this.#report(done.signal);
    try {
      await this.#rampUp(sora, {
        ...(videoSource === undefined ? {} : { videoSource }),
        ...(audioSource === undefined ? {} : { audioSource }),
      });
      return await this.#stay();
    } finally {
      done.abort();
      await reporting;
      for (const member of this.members) member.leave();
    }
  }

  async #rampUp(
    sora: Sora,
    sources: Pick<SoraConnectionOptions, "videoSource" | "audioSource">,
  ): Promise<void> {
    const { rampPerSecond, connection } = this.#plan;
    const connecting = new Set<Promise<void>>();
    let due = performance.now();
    for (const [i, member] of this.members.entries()) {
      if (this.#signal.aborted) break;
      this.#state = `connecting ${i + 1} of ${this.members.length}`;
      const { role, channelId } = member.plan;
      const own = { ...connection, role, channelId, ...(role === "sendonly" ? sources : {}) };
      const connected = member.connect(sora.createConnection(own), this.#signal);
      connecting.add(connected);
      void connected.then(() => connecting.delete(connected));
      due = Math.max(due + 1_000 / rampPerSecond, performance.now() - 1_000);
      await sleep(Math.max(0, due - performance.now()), this.#signal);
      while (connecting.size >= MAX_CONNECTING) await Promise.race(connecting);
    }
    await Promise.all(connecting);
  }

  /** All are there, for the duration: what flows in this time is the result. */
  async #stay(): Promise<LoadReport> {
    const { durationMs } = this.#plan;
    this.#state = "running";
    await this.#sample();
    for (const member of this.members) member.measureFromNow();
    const cpu = new CpuMeter();
    const end = performance.now() + durationMs;
    while (performance.now() < end && !this.#signal.aborted) {
      // Without members there is nothing to wait for.
      if (!this.members.some(({ state }) => state === "connected")) break;
      await sleep(Math.min(POLL_MS * 10, Math.max(0, end - performance.now())), this.#signal);
    }
    const percent = cpu.next();
    await this.#sample();
    if (!this.#signal.aborted) this.#findSilence();
    return reportOf("summary", this.members, this.#seconds, percent);
  }

  async #sample(): Promise<void> {
    await forAll(this.members, (member) => member.sample());
  }

  /** A receiver to which nothing came, although somebody sends in its channel, has failed as well. */
  #findSilence(): void {
    const sending = new Set(
      this.members.flatMap(({ state, plan }) =>
        plan.role === "sendonly" && state === "connected" ? [plan.channelId] : []
      ),
    );
    for (const member of this.members) {
      const { state, plan, last } = member;
      if (state !== "connected" || plan.role !== "recvonly") continue;
      if (sending.has(plan.channelId) && last?.receivedPackets === 0) {
        member.fail("connected, but no media was received");
      }
    }
  }

  /** Reports until it is done. */
  async #report(done: AbortSignal): Promise<void> {
    while (!done.aborted) {
      await sleep(this.#plan.intervalMs, done);
      if (done.aborted) return;
      await this.#sample();
      const report = reportOf("progress", this.members, this.#seconds, this.#cpu.next());
      this.#onReport(report, this.#state);
    }
  }
}

/**
 * Runs a load test until its time is over, or the signal is aborted.
 *
 * @param onReport Called at each interval.
 * @returns What came of it; all members have left.
 */
export async function runLoad(
  plan: LoadPlan,
  signal: AbortSignal,
  onReport: OnReport,
): Promise<LoadReport> {
  return await new LoadTest(plan, signal, onReport).run();
}
