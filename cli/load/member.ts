/**
 * One member of a load test.
 *
 * @module
 */

import { quoted } from "../../base/text.ts";
import { type SoraConnection, SoraError } from "../../mod.ts";
import { type Rates, ratesBetween, type Totals, totalsOf } from "./figures.ts";
import type { PlannedMember } from "./plan.ts";

/** Longest reason of a failure. */
const MAX_REASON = 160;

/** Where a member stands. */
export type MemberState = "waiting" | "connecting" | "connected" | "failed" | "ended";

/** A member and what came of it. */
export class Member {
  readonly plan: PlannedMember;
  state: MemberState = "waiting";
  /** How long it took to connect. */
  connectMs: number | undefined;
  /** Why it failed. */
  reason: string | undefined;
  /** The rates of the last interval. */
  rates: Rates | undefined;
  last: Totals | undefined;
  #first: Totals | undefined;
  #connection: SoraConnection | undefined;

  constructor(plan: PlannedMember) {
    this.plan = plan;
  }

  /** The rates since {@link measureFromNow}. */
  get overall(): Rates | undefined {
    if (this.#first === undefined || this.last === undefined) return undefined;
    return ratesBetween(this.#first, this.last);
  }

  /** Connects. It never rejects: a failure is the member's. */
  async connect(connection: SoraConnection, signal: AbortSignal): Promise<void> {
    this.state = "connecting";
    this.#connection = connection;
    connection.onDisconnect = (code, message) => {
      if (this.state === "connected") this.fail(`lost: ${code}, ${message}`);
    };
    const began = performance.now();
    try {
      await connection.connect({ signal });
      this.connectMs = performance.now() - began;
      this.state = "connected";
    } catch (error) {
      if (signal.aborted) this.state = "ended";
      else this.fail(reasonOf(error));
    }
  }

  /** It has failed, for a reason in one line. */
  fail(reason: string): void {
    this.state = "failed";
    this.reason = quoted(reason, MAX_REASON);
  }

  /** It will leave by itself: what ends from now on is no failure. */
  leave(): void {
    if (this.state === "connected" || this.state === "connecting") this.state = "ended";
  }

  /** Takes its statistics, if it is connected. */
  async sample(): Promise<void> {
    if (this.state !== "connected" || this.#connection === undefined) return;
    try {
      const totals = totalsOf(await this.#connection.getStats());
      if (this.last !== undefined) this.rates = ratesBetween(this.last, totals) ?? this.rates;
      this.last = totals;
    } catch (error) {
      // It has just ended, which onDisconnect reports.
      if (!(error instanceof SoraError)) throw error;
    }
  }

  /** The overall rates begin here. */
  measureFromNow(): void {
    this.#first = this.last;
  }
}

/** An error in one line: the library's code and what it says. */
function reasonOf(error: unknown): string {
  if (error instanceof SoraError) return `${error.code}, ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
