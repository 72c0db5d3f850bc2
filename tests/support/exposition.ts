/**
 * A strict parser of Prometheus' text format (exposition format 0.0.4), after its specification.
 *
 * @module
 */

/** A metric with its samples by the text of their labels. */
export interface ParsedMetric {
  readonly type: string;
  readonly help: string | undefined;
  readonly samples: ReadonlyMap<string, number>;
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const COMMENT = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`);
const NUMBER = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;

/** @throws {Error} At the first line that the format does not allow. */
export function parseExposition(text: string): Map<string, ParsedMetric> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line must end");
  const metrics = new Map<string, ParsedMetric>();
  let current: { name: string; samples: Map<string, number> } | undefined;
  let help: { name: string; text: string } | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const fail = (why: string): never => {
      throw new Error(`${why}: ${line}`);
    };
    const [, keyword, subject = "", rest = ""] = COMMENT.exec(line) ?? [];
    if (keyword === "HELP") {
      help = { name: subject, text: rest };
    } else if (keyword === "TYPE") {
      if (metrics.has(subject)) fail("a metric must be in one piece");
      if (!["counter", "gauge"].includes(rest)) fail("no such type");
      if (help !== undefined && help.name !== subject) fail("HELP of another metric");
      if (rest === "counter" && subject.endsWith("_total") === false) fail("a counter's name");
      current = { name: subject, samples: new Map() };
      metrics.set(subject, { type: rest, help: help?.text, samples: current.samples });
      help = undefined;
    } else {
      const [, name, labels = "", value = ""] = SAMPLE.exec(line) ?? fail("not a sample");
      if (name !== current?.name) fail("a sample without its TYPE");
      if (!NUMBER.test(value)) fail("not a number");
      if (current!.samples.has(labels)) fail("a sample twice");
      current!.samples.set(labels, Number(value.replace("Inf", "Infinity")));
    }
  }
  for (const [name, { samples }] of metrics) {
    if (samples.size === 0) throw new Error(`${name} has no sample`);
  }
  return metrics;
}
