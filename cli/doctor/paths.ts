/**
 * The paths of media to a Sora: which pairs of candidates work, and which do not.
 *
 * @module
 */

import type { JsonValue } from "../../base/json.ts";
import type { SoraStats, SoraStatsOf } from "../../mod.ts";
import { candidateText, selectedPair } from "../stats/streams.ts";
import { failed, type Finding, ok } from "./finding.ts";

/** A pair of candidates. */
export interface Path {
  readonly local: string;
  readonly remote: string;
  readonly state: SoraStatsOf<"candidate-pair">["state"];
  readonly selected: boolean;
  readonly roundTripMs: number | undefined;
  /** Whether it goes through a TURN server. */
  readonly relayed: boolean;
}

/** What is known of the paths. */
export interface Paths {
  readonly pairs: readonly Path[];
}

/** Reads the paths from statistics. */
export function pathsOf(stats: readonly SoraStats[]): Paths {
  const byId = new Map(stats.map((one) => [one.id, one]));
  const selected = selectedPair(stats, byId);
  const pairs = stats.flatMap((pair): Path[] => {
    if (pair.type !== "candidate-pair") return [];
    const local = byId.get(pair.localCandidateId);
    const remote = byId.get(pair.remoteCandidateId);
    if (local?.type !== "local-candidate" || remote?.type !== "remote-candidate") return [];
    const { currentRoundTripTime } = pair;
    return [{
      local: candidateText(local),
      remote: candidateText(remote),
      state: pair.state,
      selected: pair === selected,
      roundTripMs: currentRoundTripTime === undefined ? undefined : currentRoundTripTime * 1_000,
      relayed: local.candidateType === "relay",
    }];
  });
  return { pairs };
}

/** Whether nothing more will be learnt: every pair has worked or failed. */
export function isSettled({ pairs }: Paths): boolean {
  return pairs.some(({ selected }) => selected) &&
    pairs.every(({ state }) => state === "succeeded" || state === "failed");
}

/** A path in words. */
export function pathText({ local, remote, roundTripMs }: Path): string {
  const trip = roundTripMs === undefined ? "" : `, round trip ${roundTripMs.toFixed(0)} ms`;
  return `${local} to ${remote}${trip}`;
}

/** The paths in words. */
export function pathsFinding(paths: Paths): Finding {
  const { pairs } = paths;
  const selected = pairs.find((pair) => pair.selected);
  const others = pairs.filter((pair) => !pair.selected);
  const ofState = (wanted: boolean) =>
    others.filter(({ state }) => wanted ? state === "succeeded" : state === "failed");
  const untried = others.filter(({ state }) => state !== "succeeded" && state !== "failed");
  const direct = pairs.some(({ relayed, state }) => !relayed && state === "succeeded");
  const lines = [
    ...(selected === undefined ? [] : [`media takes ${pathText(selected)}`]),
    ...(selected?.relayed === true && !direct
      ? ["nothing works without TURN, which costs time: allow outgoing UDP to the server"]
      : []),
    ...ofState(true).map((pair) => `also works: ${pathText(pair)}`),
    ...ofState(false).map((pair) => `does not work: ${pathText(pair)}`),
    ...(untried.length === 0 ? [] : [`not tried to the end: ${untried.length} more pairs`]),
  ];
  const data = {
    selected: selected === undefined ? null : plain(selected),
    pairs: pairs.map(plain),
  };
  if (selected !== undefined) return ok(lines.join("\n"), data);
  const tried = pairs.length === 0
    ? "the server's addresses for media were not tried"
    : `none of ${pairs.length} pairs of addresses works`;
  const advice = "allow outgoing UDP to the server, or TURN over TCP or TLS where UDP is blocked";
  return failed([`no path for media: ${tried}; ${advice}`, ...lines].join("\n"), data);
}

function plain({ roundTripMs, ...path }: Path): JsonValue {
  return { ...path, roundTripMs: roundTripMs ?? null };
}
