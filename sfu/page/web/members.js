/** The table of members, asked of the server once a second. */
import { create, element, say } from "./dom.js";

/**
 * @typedef {{ rid?: string, bytes: number }} Layer
 * @typedef {{
 *   channelId: string,
 *   connectionId: string,
 *   clientId: string,
 *   role: string,
 *   seconds: number,
 *   receivedBytes: number,
 *   sentBytes: number,
 *   path?: { bitRate: number, roundTripMs: number, lossShare: number },
 *   tracks: { kind: string, codec: string, layers: Layer[] }[],
 *   subscriptions: { kind: string, rid?: string }[],
 * }} Connection
 * @typedef {{
 *   stats: { channels: number, connections: number, pendingConnections: number, refusals: Record<string, number> },
 *   connections: Connection[],
 * }} State
 */

const INTERVAL_MS = 1000;

/** What was counted at the time before, by what it is of. */
let before = /** @type {ReadonlyMap<string, number>} */ (new Map());
let beforeAt = 0;

/** @param {number} kbps */
function rateText(kbps) {
  if (kbps < 999.5) return `${Math.round(kbps)} kbit/s`;
  return `${(kbps / 1000).toFixed(1)} Mbit/s`;
}

/** @param {number} seconds */
function durationText(seconds) {
  const whole = Math.floor(seconds);
  const [s, m, h] = [whole % 60, Math.floor(whole / 60) % 60, Math.floor(whole / 3600)];
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** @param {Connection["path"]} path */
function pathText(path) {
  if (path === undefined) return "";
  const loss = Math.round(path.lossShare * 100);
  const length = `${rateText(path.bitRate / 1000)}, ${Math.round(path.roundTripMs)} ms`;
  return loss > 0 ? `${length}, ${loss} % lost` : length;
}

/** @param {Connection["subscriptions"]} subscriptions */
function receivesText(subscriptions) {
  const count = (/** @type {string} */ kind) =>
    subscriptions.filter((one) => one.kind === kind).length;
  const kinds = ["audio", "video"].filter((kind) => count(kind) > 0)
    .map((kind) => `${count(kind)} ${kind}`);
  const rids = subscriptions.flatMap(({ rid }) => rid ?? []).sort();
  return [...kinds, ...(rids.length > 0 ? [`(${rids.join(" ")})`] : [])].join(" ");
}

/**
 * @param {State} state
 * @param {number} nowMs
 */
function show({ stats, connections }, nowMs) {
  const counted = new Map();
  const elapsedMs = nowMs - beforeAt;
  const rate = (/** @type {number} */ bytes, /** @type {unknown[]} */ ...path) => {
    const name = path.join(" ");
    counted.set(name, bytes);
    const then = before.get(name);
    return then === undefined ? 0 : Math.max(0, bytes - then) * 8 / elapsedMs;
  };
  const rows = connections.toSorted((a, b) => a.channelId.localeCompare(b.channelId)).map((one) => {
    const id = one.connectionId;
    const sends = one.tracks.map(({ codec, layers }, index) =>
      `${codec} ${
        layers.map(({ rid, bytes }) =>
          `${rid === undefined ? "" : `${rid} `}${rateText(rate(bytes, id, index, rid))}`
        ).join(" ")
      }`
    );
    const row = create("tr");
    row.append(
      ...[
        one.channelId,
        one.clientId,
        one.role,
        durationText(one.seconds),
        rateText(rate(one.receivedBytes, id, "in")),
        rateText(rate(one.sentBytes, id, "out")),
        pathText(one.path),
        sends.join(", "),
        receivesText(one.subscriptions),
      ].map((text) => create("td", text)),
    );
    return row;
  });
  before = counted;
  beforeAt = nowMs;
  element("tbody", "members").replaceChildren(...rows);
  element("p", "nobody").hidden = rows.length > 0;
  const refused = Object.values(stats.refusals).reduce((sum, count) => sum + count, 0);
  const count = (/** @type {number} */ of, /** @type {string} */ noun) =>
    `${of} ${noun}${of === 1 ? "" : "s"}`;
  say(
    element("p", "summary"),
    [
      count(stats.channels, "channel"),
      count(stats.connections, "member"),
      ...(stats.pendingConnections > 0 ? [`${stats.pendingConnections} joining`] : []),
      ...(refused > 0 ? [`${refused} refused`] : []),
    ].join(", "),
  );
}

/** @param {string} secret */
async function update(secret) {
  const summary = element("p", "summary");
  try {
    const headers = secret === "" ? {} : { authorization: `Bearer ${secret}` };
    const response = await fetch("/members", { headers, signal: AbortSignal.timeout(5000) });
    if (response.ok) show(await response.json(), performance.now());
    else if (response.status === 401) say(summary, "Give the secret to see the members", true);
    else say(summary, `The server answers ${response.status}`, true);
  } catch {
    say(summary, "The server does not answer", true);
  }
}

/**
 * Shows the members as long as the page is open.
 *
 * @param {() => string} secret what was entered, or nothing
 */
export function watchMembers(secret) {
  const next = async () => {
    if (!document.hidden) await update(secret());
    setTimeout(next, INTERVAL_MS);
  };
  next();
}
