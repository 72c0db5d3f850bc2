/**
 * The text format of Prometheus (exposition format 0.0.4).
 *
 * @module
 */

/** What a metric is named by: letters, digits, `_` and `:`. */
export const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** What a label is named by: letters, digits and `_`. */
export const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** How a metric changes: a counter only grows. */
export type MetricKind = "counter" | "gauge";

const escapeLabel = (value: string) =>
  value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

const escapeHelp = (text: string) => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

function format(labels: Iterable<readonly [string, string]>): string {
  const parts = [...labels].map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function formatNumber(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}

/** Samples, grouped by their metrics. */
export class Exposition {
  readonly #metrics = new Map<string, string[]>();

  /**
   * Adds a sample.
   *
   * @param name Must be a {@link METRIC_NAME}.
   * @param kind That of the metric's first sample holds.
   * @param labels Their names must be {@link LABEL_NAME}s.
   * @param help What the metric is, from its first sample.
   */
  add(
    name: string,
    kind: MetricKind,
    value: number,
    labels: Iterable<readonly [string, string]> = [],
    help?: string,
  ): void {
    let lines = this.#metrics.get(name);
    if (lines === undefined) {
      lines = [`# TYPE ${name} ${kind}`];
      if (help !== undefined) lines.unshift(`# HELP ${name} ${escapeHelp(help)}`);
      this.#metrics.set(name, lines);
    }
    lines.push(`${name}${format(labels)} ${formatNumber(value)}`);
  }

  /** The whole text. */
  toString(): string {
    const lines = [...this.#metrics.values()].flat();
    return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
  }
}
