/**
 * Statistics in the text format of Prometheus.
 *
 * @module
 */

import {
  checkArray,
  checkNonEmptyString,
  checkObject,
  checkString,
  shown,
  wrongType,
} from "../../base/checks.ts";
import { Exposition, LABEL_NAME, METRIC_NAME } from "../../base/prometheus.ts";
import { kindOfStatistic } from "./kinds.ts";
import type { SoraStats } from "./mod.ts";

/** Options of {@link toPrometheus}. */
export interface SoraPrometheusOptions {
  /** Prefix of the metrics' names. Default: `webrtc_`. */
  readonly prefix?: string | undefined;
  /** Labels of every sample: the connection's name, for instance. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** Properties that identify an object: labels, not samples. */
const identities = ["id", "kind", "mid", "rid", "ssrc", "mimeType", "label", "trackIdentifier"];
/** The label of a nested property. */
const KEY = "key";

function checkOptions(options: unknown): { prefix: string; labels: ReadonlyMap<string, string> } {
  const { prefix = "webrtc_", labels = {} } = checkObject(options, "options", ["prefix", "labels"]);
  if (!METRIC_NAME.test(checkNonEmptyString(prefix, "options.prefix"))) {
    throw wrongType(
      "options.prefix",
      "the beginning of a Prometheus name (letters, digits, _ and :)",
      prefix,
    );
  }
  if (typeof labels !== "object" || labels === null) {
    throw wrongType("options.labels", "an object", labels);
  }
  const checked = new Map<string, string>();
  for (const [name, value] of Object.entries(labels)) {
    if (!LABEL_NAME.test(name)) {
      throw new TypeError(
        `options.labels must have Prometheus names (letters, digits and _), not ${shown(name)}`,
      );
    }
    if (name === KEY || identities.includes(name)) {
      throw new TypeError(
        `options.labels.${name} must not be set, as each sample has that label`,
      );
    }
    checked.set(name, checkString(value, `options.labels.${name}`));
  }
  return { prefix: prefix as string, labels: checked };
}

/**
 * Writes statistics in the text format of Prometheus (exposition format 0.0.4): `webrtc_inbound_rtp_packetsReceived` for the
 * property `packetsReceived` of the type `inbound-rtp`, as W3C webrtc-stats names them, with one sample for each object. Booleans
 * are 0 and 1; nested properties, as of `qualityLimitationDurations`, have the label `key`.
 *
 * @param stats The result of `getStats()`.
 * @throws {TypeError} If an argument is wrong.
 *
 * @example
 * ```ts
 * import { Sora, toPrometheus } from "sora-ffi";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora();
 * await using connection = sora.createConnection({
 *   signalingUrls: [server.url],
 *   channelId: "room",
 *   role: "recvonly",
 * });
 * await connection.connect();
 * const text = toPrometheus(await connection.getStats(), { labels: { channel: "room" } });
 * console.log(text.includes('webrtc_transport_packetsSent{channel="room"')); // true
 * ```
 */
export function toPrometheus(
  stats: readonly SoraStats[],
  options: SoraPrometheusOptions = {},
): string {
  const { prefix, labels } = checkOptions(options);
  const text = new Exposition();
  const add = (type: string, member: string, own: ReadonlyMap<string, string>, value: unknown) => {
    const kind = kindOfStatistic(member);
    if (kind === "none" || (typeof value !== "number" && typeof value !== "boolean")) return;
    const name = `${prefix}${type.replaceAll("-", "_")}_${member}`;
    if (METRIC_NAME.test(name)) text.add(name, kind, Number(value), own);
  };
  for (const object of checkArray(stats, "stats") as readonly SoraStats[]) {
    const members = Object.entries(object);
    const own = new Map(labels);
    for (const name of identities) {
      const value = (object as unknown as Readonly<Record<string, unknown>>)[name];
      if (typeof value === "string" || typeof value === "number") own.set(name, String(value));
    }
    for (const [member, value] of members) {
      if (typeof value !== "object" || value === null || Array.isArray(value)) {
        add(object.type, member, own, value);
        continue;
      }
      for (const [key, part] of Object.entries(value)) {
        add(object.type, member, new Map([...own, [KEY, key]]), part);
      }
    }
  }
  return text.toString();
}
