/**
 * The statistics that become metrics: which property of which type, under which name and in which unit.
 *
 * @module
 */

import type { SoraStats } from "../mod.ts";

/** How a metric changes: a counter only grows, an upDown is a sum that may shrink, a gauge is a value of the moment. */
export type MetricShape = "counter" | "upDown" | "gauge";

/** A metric and what it is taken from. */
export interface Statistic {
  readonly name: string;
  readonly description: string;
  /** By UCUM. */
  readonly unit: string;
  readonly shape: MetricShape;
  /** Types of statistics, and their property. */
  readonly from: readonly (readonly [type: SoraStats["type"], property: string])[];
}

const counter = (
  name: string,
  unit: string,
  description: string,
  ...from: Statistic["from"]
): Statistic => ({ name, unit, description, shape: "counter", from });
const gauge = (
  name: string,
  unit: string,
  description: string,
  ...from: Statistic["from"]
): Statistic => ({ name, unit, description, shape: "gauge", from });

/** The metrics, by W3C webrtc-stats. */
export const STATISTICS: readonly Statistic[] = [
  counter(
    "sora.rtp.io",
    "By",
    "RTP payload sent and received",
    ["outbound-rtp", "bytesSent"],
    ["inbound-rtp", "bytesReceived"],
  ),
  counter(
    "sora.rtp.packets",
    "{packet}",
    "RTP packets sent and received",
    ["outbound-rtp", "packetsSent"],
    ["inbound-rtp", "packetsReceived"],
  ),
  {
    name: "sora.rtp.packets.lost",
    unit: "{packet}",
    description: "RTP packets lost (RFC 3550), which duplicates make fewer",
    shape: "upDown",
    from: [["inbound-rtp", "packetsLost"], ["remote-inbound-rtp", "packetsLost"]],
  },
  counter(
    "sora.rtp.packets.retransmitted",
    "{packet}",
    "RTP packets sent again",
    ["outbound-rtp", "retransmittedPacketsSent"],
    ["inbound-rtp", "retransmittedPacketsReceived"],
  ),
  gauge(
    "sora.rtp.jitter",
    "s",
    "Interarrival jitter (RFC 3550)",
    ["inbound-rtp", "jitter"],
    ["remote-inbound-rtp", "jitter"],
  ),
  gauge(
    "sora.rtp.round_trip_time",
    "s",
    "Round trip time by RTCP",
    ["remote-inbound-rtp", "roundTripTime"],
  ),
  counter(
    "sora.rtp.nacks",
    "{request}",
    "Requests to send packets again (RFC 4585)",
    ["outbound-rtp", "nackCount"],
    ["inbound-rtp", "nackCount"],
  ),
  counter(
    "sora.video.key_frame_requests",
    "{request}",
    "Picture loss indications (RFC 4585)",
    ["outbound-rtp", "pliCount"],
    ["inbound-rtp", "pliCount"],
  ),
  counter(
    "sora.video.frames",
    "{frame}",
    "Frames of video encoded and decoded",
    ["outbound-rtp", "framesEncoded"],
    ["inbound-rtp", "framesDecoded"],
  ),
  counter(
    "sora.video.frames.dropped",
    "{frame}",
    "Frames dropped before or after decoding",
    ["inbound-rtp", "framesDropped"],
  ),
  gauge(
    "sora.video.frame_rate",
    "{frame}/s",
    "Frames in the last second",
    ["outbound-rtp", "framesPerSecond"],
    ["inbound-rtp", "framesPerSecond"],
  ),
  gauge(
    "sora.video.height",
    "{pixel}",
    "Height of the last frame",
    ["outbound-rtp", "frameHeight"],
    ["inbound-rtp", "frameHeight"],
  ),
  counter(
    "sora.video.codec.time",
    "s",
    "Time spent encoding and decoding",
    ["outbound-rtp", "totalEncodeTime"],
    ["inbound-rtp", "totalDecodeTime"],
  ),
  counter("sora.video.freezes", "{freeze}", "Freezes of video", ["inbound-rtp", "freezeCount"]),
  counter(
    "sora.video.freeze.time",
    "s",
    "Duration of freezes",
    ["inbound-rtp", "totalFreezesDuration"],
  ),
  gauge(
    "sora.video.target_bit_rate",
    "bit/s",
    "Bit rate that the encoder aims at",
    ["outbound-rtp", "targetBitrate"],
  ),
  gauge("sora.audio.level", "1", "Level of audio, 0 to 1", ["inbound-rtp", "audioLevel"]),
  counter(
    "sora.audio.concealed_samples",
    "{sample}",
    "Samples synthesized for packets that did not come in time",
    ["inbound-rtp", "concealedSamples"],
  ),
  gauge(
    "sora.path.round_trip_time",
    "s",
    "Round trip time of the path in use",
    ["candidate-pair", "currentRoundTripTime"],
  ),
  gauge(
    "sora.path.available_bit_rate",
    "bit/s",
    "Estimate of what can be sent",
    ["candidate-pair", "availableOutgoingBitrate"],
  ),
  counter(
    "sora.data_channel.messages",
    "{message}",
    "Messages sent and received on data channels",
    ["data-channel", "messagesSent"],
    ["data-channel", "messagesReceived"],
  ),
  counter(
    "sora.data_channel.io",
    "By",
    "Bytes sent and received on data channels",
    ["data-channel", "bytesSent"],
    ["data-channel", "bytesReceived"],
  ),
];

/** A value of a metric. */
export interface Measured {
  readonly statistic: Statistic;
  readonly value: number;
  readonly attributes: Readonly<Record<string, string | number>>;
}

/** The direction of a property: what is received of it is named so, or belongs to a received stream. */
function directionOf(
  type: SoraStats["type"],
  property: string,
): "transmit" | "receive" | undefined {
  if (type === "inbound-rtp" || property.endsWith("Received")) return "receive";
  if (type === "candidate-pair") return undefined;
  return "transmit";
}

/** What tells one stream from another. */
function identityOf(one: SoraStats): Record<string, string | number> {
  const { kind, rid, ssrc, label } = one as {
    readonly kind?: string;
    readonly rid?: string;
    readonly ssrc?: number;
    readonly label?: string;
  };
  return {
    ...(kind === undefined ? {} : { "sora.media.kind": kind }),
    ...(rid === undefined ? {} : { "sora.simulcast.rid": rid }),
    ...(ssrc === undefined ? {} : { "sora.rtp.ssrc": ssrc }),
    ...(label === undefined ? {} : { "sora.data_channel.label": label }),
  };
}

/** The values in a report of statistics. Pairs of candidates that are not in use are left out. */
export function measure(stats: readonly SoraStats[]): Measured[] {
  return stats.flatMap((one) => {
    if (one.type === "candidate-pair" && one.nominated !== true) return [];
    const identity = identityOf(one);
    return STATISTICS.flatMap((statistic) =>
      statistic.from.flatMap(([type, property]): Measured[] => {
        const value = (one as unknown as Readonly<Record<string, unknown>>)[property];
        if (one.type !== type || typeof value !== "number") return [];
        const direction = directionOf(type, property);
        return [{
          statistic,
          value,
          attributes: {
            ...identity,
            ...(direction === undefined ? {} : { "network.io.direction": direction }),
          },
        }];
      })
    );
  });
}
