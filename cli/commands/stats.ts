/**
 * `sora-ffi stats`: joins a channel and shows the statistics of the connection.
 *
 * @module
 */

import { Sora, type SoraConnection, SoraError, type SoraRole, type SoraStats } from "../../mod.ts";
import {
  choiceOf,
  type Command,
  ExitCode,
  integerOf,
  numberOf,
  type Option,
  type Output,
  textOf,
  UsageError,
  type Values,
} from "../command.ts";
import { CONNECTION_FLAGS, connectionOptions } from "../connection/flags.ts";
import { Pattern, sendInTime, TONE } from "../pattern.ts";
import { MetricsServer } from "../stats/metrics.ts";
import { StreamRates } from "../stats/streams.ts";
import { statsLines } from "../stats/table.ts";
import { Screen } from "../terminal/screen.ts";

const ROLES = ["recvonly", "sendonly", "sendrecv"] as const;
const SIZE = { width: 640, height: 360 } as const;
const FPS = 30;

const OPTIONS: Readonly<Record<string, Option>> = {
  role: { value: "ROLE", summary: `${ROLES.join(", ")} (default recvonly); a pattern is sent` },
  interval: { value: "SECONDS", summary: "from one report to the next (default 1)" },
  duration: { value: "SECONDS", summary: "when to end (default: with Ctrl-C)" },
  prometheus: { value: "PORT", summary: "serve /metrics on this TCP port; 0 picks a free one" },
  "prometheus-host": { value: "ADDRESS", summary: "address of it (default 127.0.0.1)" },
  reconnect: { summary: "connect again when the connection is lost" },
  simulcast: { summary: "send several sizes of the video, or receive one of them" },
  spotlight: { summary: "focus on members that speak" },
  "no-audio": { summary: "neither send nor receive audio" },
  "no-video": { summary: "neither send nor receive video" },
  ...CONNECTION_FLAGS,
};

/** Sends a pattern and a tone over connections with these sources. */
function sendPattern(sora: Sora, role: SoraRole, values: Values) {
  const sends = role !== "recvonly";
  const videoSource = sends && !values["no-video"] ? sora.createVideoSource() : undefined;
  const audioSource = sends && !values["no-audio"] ? sora.createAudioSource(TONE) : undefined;
  const pattern = new Pattern(SIZE);
  const media = sends
    ? sendInTime({
      video: videoSource && { source: videoSource, fps: FPS },
      audio: audioSource,
      capture: (source, index) => pattern.capture(source, index),
    })
    : undefined;
  return {
    sources: { videoSource, audioSource },
    [Symbol.dispose]: () => media?.[Symbol.dispose](),
  };
}

/** Shows statistics as they come: a table on a terminal, lines of JSON elsewhere. */
class Shown implements Disposable {
  readonly #connection: SoraConnection;
  readonly #channelId: string;
  readonly #metrics: string | undefined;
  readonly #output: Output;
  readonly #screen: Screen | undefined;
  readonly #rates = new StreamRates();
  readonly #began = performance.now();

  constructor(
    connection: SoraConnection,
    channelId: string,
    metrics: string | undefined,
    output: Output,
  ) {
    this.#connection = connection;
    this.#channelId = channelId;
    this.#metrics = metrics;
    this.#output = output;
    this.#screen = output.isTTY === true ? new Screen(output) : undefined;
    const { connectionId, connectedSignalingUrl: url } = connection;
    this.#line("connected", { url, channelId, connectionId, ...(metrics && { metrics }) });
  }

  #line(event: string, rest: Readonly<Record<string, unknown>>): void {
    if (this.#screen !== undefined) return;
    this.#output.write(`${JSON.stringify({ event, time: new Date().toISOString(), ...rest })}\n`);
  }

  show(stats: readonly SoraStats[]): void {
    const { connectionId = "", connectedSignalingUrl: url = "" } = this.#connection;
    this.#line("stats", { connectionId, stats });
    if (this.#screen === undefined) return;
    const state = {
      ...this.#rates.next(stats),
      url,
      channelId: this.#channelId,
      connectionId,
      seconds: (performance.now() - this.#began) / 1_000,
      metrics: this.#metrics,
    };
    this.#screen.draw((columns, rows) => statsLines(state, columns, rows));
  }

  [Symbol.dispose](): void {
    this.#screen?.[Symbol.dispose]();
  }
}

/**
 * Shows a connection's statistics until it ends.
 *
 * @throws {SoraError} It ended although neither the user nor the duration ended it.
 */
async function watch(
  connection: SoraConnection,
  onStats: (stats: readonly SoraStats[]) => void,
  intervalMs: number,
  durationMs: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  let left = false;
  let end = "";
  const leave = () => {
    left = true;
    void connection.disconnect();
  };
  connection.onDisconnect = (code, message) => end = `${code}, ${message}`;
  const timer = durationMs === undefined ? undefined : setTimeout(leave, durationMs);
  signal.addEventListener("abort", leave);
  if (signal.aborted) leave();
  for await (const stats of connection.statsStream({ intervalMs })) onStats(stats);
  clearTimeout(timer);
  signal.removeEventListener("abort", leave);
  if (!left) throw new SoraError("CLOSED", `the connection has ended: ${end}`);
}

/** `sora-ffi stats` */
export const stats: Command = {
  summary: "join a channel and show the statistics of the connection, also for Prometheus",
  options: OPTIONS,
  async run(values, { stdout, signal }) {
    const role = choiceOf(values, "role", ROLES) ?? "recvonly";
    const interval = numberOf(values, "interval", 0.1, 3_600) ?? 1;
    const duration = numberOf(values, "duration", 0.1, 86_400);
    const port = integerOf(values, "prometheus", 0, 65_535);
    const host = textOf(values, "prometheus-host");
    if (host !== undefined && port === undefined) {
      throw new UsageError("--prometheus-host needs --prometheus");
    }
    const flags = connectionOptions(values);
    const { channelId } = flags;
    await using sora = new Sora();
    using sending = sendPattern(sora, role, values);
    const connection = sora.createConnection({
      ...flags,
      ...sending.sources,
      role,
      audio: values["no-audio"] !== true,
      video: values["no-video"] !== true,
      simulcast: values["simulcast"] === true ? true : undefined,
      spotlight: values["spotlight"] === true ? true : undefined,
      reconnect: values["reconnect"] === true ? {} : undefined,
    });
    let latest: readonly SoraStats[] | undefined;
    connection.onReconnecting = () => latest = undefined;
    await using metrics = port === undefined
      ? undefined
      : await MetricsServer.start(host ?? "127.0.0.1", port, () => ({
        stats: latest,
        labels: { channel_id: channelId, connection_id: connection.connectionId ?? "" },
      }));
    await connection.connect({ signal });
    using shown = new Shown(connection, channelId, metrics?.url, stdout);
    const onStats = (stats: readonly SoraStats[]) => {
      latest = stats;
      shown.show(stats);
    };
    await watch(connection, onStats, interval * 1_000, duration && duration * 1_000, signal);
    // Without a duration Ctrl-C is the way to end it.
    return signal.aborted && duration !== undefined ? ExitCode.INTERRUPTED : ExitCode.OK;
  },
};
