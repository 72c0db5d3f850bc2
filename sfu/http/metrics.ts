/** The metrics of a server, in the text format of Prometheus. */
import process from "node:process";
import { Exposition, type MetricKind } from "../../base/prometheus.ts";
import { version } from "../../base/version.ts";
import type { SoraServerConnection } from "../connections.ts";
import type { SoraServerStats } from "../stats.ts";

/** The media type of the text format. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

type Metric = readonly [name: string, kind: MetricKind, help: string];

/** The metric of each number in the statistics. Drops are one metric of several kinds. */
const METRICS: {
  readonly [K in Exclude<keyof SoraServerStats, "connections" | "refusals" | keyof typeof DROPS>]:
    Metric;
} = {
  channels: ["channels", "gauge", "Channels with at least one connection"],
  pendingConnections: ["pending_connections", "gauge", "Connections that are not established yet"],
  acceptedSockets: ["accepted_sockets_total", "counter", "WebSockets accepted"],
  refusedSockets: ["refused_sockets_total", "counter", "TCP connections cut for want of room"],
  receivedPackets: ["received_packets_total", "counter", "Datagrams of clients"],
  receivedBytes: ["received_bytes_total", "counter", "Bytes in datagrams of clients"],
  sentPackets: ["sent_packets_total", "counter", "Packets of media to clients"],
  sentBytes: ["sent_bytes_total", "counter", "Bytes in packets of media to clients"],
  keyFrameRequests: ["key_frame_requests_total", "counter", "Key frames requested of publishers"],
  lostPackets: ["lost_packets_total", "counter", "Packets of publishers that never arrived"],
  retransmittedPackets: ["retransmitted_packets_total", "counter", "Packets sent again on request"],
  droppedMessages: [
    "dropped_messages_total",
    "counter",
    "Data channel messages dropped for slow receivers",
  ],
  waitingMessageBytes: ["waiting_message_bytes", "gauge", "Bytes of messages for slow receivers"],
  heldBackConnections: [
    "held_back_connections",
    "gauge",
    "Connections whose messages are not read because a receiver is slow",
  ],
};

/** Packets that were given up, by why. */
const DROPS = {
  droppedPackets: "transport",
  unknownPackets: "unknown_stream",
  limitedPackets: "bit_rate",
  faultyPackets: "fault",
} as const;

const ROLES = ["sendrecv", "sendonly", "recvonly"] as const;

/** The text. */
export function metricsText(
  stats: SoraServerStats,
  connections: readonly SoraServerConnection[],
): string {
  const text = new Exposition();
  const add = ([name, kind, help]: Metric, value: number, labels: Record<string, string> = {}) =>
    text.add(`sora_server_${name}`, kind, value, Object.entries(labels), help);
  add(["info", "gauge", "The version of the server"], 1, { version });
  for (const role of ROLES) {
    const count = connections.filter((connection) => connection.role === role).length;
    add(["connections", "gauge", "Established connections"], count, { role });
  }
  for (const [key, metric] of Object.entries(METRICS)) {
    add(metric, stats[key as keyof typeof METRICS]);
  }
  for (const [key, kind] of Object.entries(DROPS)) {
    const value = stats[key as keyof typeof DROPS];
    add(["dropped_packets_total", "counter", "Packets given up"], value, { kind });
  }
  for (const [reason, count] of Object.entries(stats.refusals)) {
    add(["refusals_total", "counter", "Connections ended with 4490"], count, { reason });
  }
  for (const [name, kind, value, help] of processMetrics()) text.add(name, kind, value, [], help);
  return text.toString();
}

/** Metrics of the process under the names that Prometheus' own clients use. */
function processMetrics(): [string, MetricKind, number, string][] {
  const { user, system } = process.cpuUsage();
  const started = (performance.timeOrigin + performance.now()) / 1000 - process.uptime();
  return [
    [
      "process_cpu_seconds_total",
      "counter",
      (user + system) / 1e6,
      "User and system CPU time in seconds",
    ],
    [
      "process_resident_memory_bytes",
      "gauge",
      process.memoryUsage().rss,
      "Resident memory in bytes",
    ],
    ["process_start_time_seconds", "gauge", started, "Start of the process since the Unix epoch"],
  ];
}
