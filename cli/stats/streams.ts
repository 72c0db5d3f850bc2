/**
 * What flows over a connection, from two reports of its statistics.
 *
 * @module
 */

import type { SoraStats, SoraStatsOf } from "../../mod.ts";

/** A stream of RTP. */
export interface StreamRow {
  readonly direction: "receives" | "sends";
  readonly kind: string;
  /** The simulcast layer. */
  readonly rid: string | undefined;
  readonly codec: string | undefined;
  readonly size: string | undefined;
  readonly fps: number | undefined;
  readonly kbps: number | undefined;
  /** Share of packets that were lost in the interval, 0 to 1. */
  readonly lossShare: number | undefined;
  readonly jitterMs: number | undefined;
  /** The encoder or decoder. */
  readonly engine: string | undefined;
  /** What is wrong: why quality is reduced, or how often the video froze. */
  readonly remark: string | undefined;
}

/** The way through the network. */
export interface PathRow {
  /** `host udp 192.0.2.1:4000`; of a relay the way to it as well. */
  readonly local: string;
  readonly remote: string;
  readonly roundTripMs: number | undefined;
  /** Estimate of what can be sent. */
  readonly availableKbps: number | undefined;
}

/** What the statistics say. */
export interface Overview {
  readonly streams: readonly StreamRow[];
  readonly path: PathRow | undefined;
}

type Rtp = SoraStatsOf<"inbound-rtp"> | SoraStatsOf<"outbound-rtp">;

/** An end of a pair of candidates in words. */
export function candidateText(one: SoraStatsOf<"local-candidate" | "remote-candidate">): string {
  const address = one.address ?? one.ip ?? "";
  const host = address.includes(":") ? `[${address}]` : address;
  const way = one.relayProtocol === undefined ? "" : ` over ${one.relayProtocol}`;
  return `${one.candidateType} ${one.protocol ?? ""} ${host}:${one.port ?? ""}${way}`;
}

/** Compares each report with the one before. */
export class StreamRates {
  #before = new Map<string, Rtp>();

  /** What flowed since the last report. */
  next(stats: readonly SoraStats[]): Overview {
    const byId = new Map(stats.map((one) => [one.id, one]));
    const rtp = stats.filter((one): one is Rtp =>
      one.type === "inbound-rtp" || one.type === "outbound-rtp"
    );
    const streams = rtp.map((one) => this.#row(one, stats, byId));
    this.#before = new Map(rtp.map((one) => [one.id, one]));
    return { streams, path: pathOf(stats, byId) };
  }

  #row(
    one: Rtp,
    stats: readonly SoraStats[],
    byId: ReadonlyMap<string, SoraStats>,
  ): StreamRow {
    const before = this.#before.get(one.id);
    const codec = one.codecId === undefined ? undefined : byId.get(one.codecId);
    const bytes = (of: Rtp) => (of.type === "inbound-rtp" ? of.bytesReceived : of.bytesSent) ?? 0;
    const ms = before === undefined ? 0 : one.timestamp - before.timestamp;
    const common = {
      kind: one.kind,
      codec: codec?.type === "codec" ? codec.mimeType.replace(/^.*\//, "") : undefined,
      size: one.frameWidth === undefined ? undefined : `${one.frameWidth}x${one.frameHeight}`,
      fps: one.kind === "video" ? one.framesPerSecond ?? 0 : undefined,
      kbps: ms > 0 ? Math.max(0, bytes(one) - bytes(before!)) * 8 / ms : undefined,
    };
    if (one.type === "outbound-rtp") {
      const report = stats.find((other) =>
        other.type === "remote-inbound-rtp" && other.localId === one.id
      ) as SoraStatsOf<"remote-inbound-rtp"> | undefined;
      const reason = one.qualityLimitationReason;
      return {
        ...common,
        direction: "sends",
        rid: one.rid,
        lossShare: report?.fractionLost,
        jitterMs: report?.jitter === undefined ? undefined : report.jitter * 1_000,
        engine: one.encoderImplementation,
        remark: reason === undefined || reason === "none" ? undefined : `limited by ${reason}`,
      };
    }
    const last = before?.type === "inbound-rtp" ? before : undefined;
    const lost = Math.max(0, (one.packetsLost ?? 0) - (last?.packetsLost ?? 0));
    const came = Math.max(0, (one.packetsReceived ?? 0) - (last?.packetsReceived ?? 0));
    const freezes = one.freezeCount ?? 0;
    return {
      ...common,
      direction: "receives",
      rid: undefined,
      lossShare: lost + came > 0 ? lost / (lost + came) : undefined,
      jitterMs: one.jitter === undefined ? undefined : one.jitter * 1_000,
      engine: one.decoderImplementation,
      remark: freezes === 0 ? undefined : freezes === 1 ? "1 freeze" : `${freezes} freezes`,
    };
  }
}

/** The pair of candidates in use. */
export function selectedPair(
  stats: readonly SoraStats[],
  byId: ReadonlyMap<string, SoraStats>,
): SoraStatsOf<"candidate-pair"> | undefined {
  for (const one of stats) {
    if (one.type !== "transport" || one.selectedCandidatePairId === undefined) continue;
    const pair = byId.get(one.selectedCandidatePairId);
    if (pair?.type === "candidate-pair") return pair;
  }
  return undefined;
}

function pathOf(
  stats: readonly SoraStats[],
  byId: ReadonlyMap<string, SoraStats>,
): PathRow | undefined {
  const pair = selectedPair(stats, byId);
  const local = pair && byId.get(pair.localCandidateId);
  const remote = pair && byId.get(pair.remoteCandidateId);
  if (local?.type !== "local-candidate" || remote?.type !== "remote-candidate") return undefined;
  const { currentRoundTripTime, availableOutgoingBitrate } = pair!;
  return {
    local: candidateText(local),
    remote: candidateText(remote),
    roundTripMs: currentRoundTripTime === undefined ? undefined : currentRoundTripTime * 1_000,
    availableKbps: availableOutgoingBitrate === undefined
      ? undefined
      : availableOutgoingBitrate / 1_000,
  };
}
