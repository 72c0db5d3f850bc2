/**
 * The metrics: durations of calls, counts of connections, and the statistics of those that are present.
 *
 * @module
 */

import type {
  Attributes,
  BatchObservableCallback,
  Counter,
  Histogram,
  Meter,
  Observable,
  UpDownCounter,
} from "@opentelemetry/api";
import type { SoraObservedConnection } from "../mod.ts";
import { measure, type Statistic, STATISTICS } from "./statistics.ts";

/** Longest wait for the statistics of a connection. */
const LIMIT_MS = 2_000;
/** From 5 ms to 30 s, the limit of connecting. */
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

function instrument(meter: Meter, { name, unit, description, shape }: Statistic): Observable {
  const options = { unit, description };
  if (shape === "counter") return meter.createObservableCounter(name, options);
  return shape === "upDown"
    ? meter.createObservableUpDownCounter(name, options)
    : meter.createObservableGauge(name, options);
}

/** The metrics of a meter, which all connections of its `Sora` share. */
export class Metrics {
  readonly connectDuration: Histogram;
  readonly rpcDuration: Histogram;
  readonly connections: UpDownCounter;
  readonly reconnects: Counter;
  readonly #present = new Map<SoraObservedConnection, Attributes>();
  readonly #meter: Meter;
  readonly #statistics: boolean;
  #observables: ReadonlyMap<Statistic, Observable> | undefined;
  #dropped: Observable | undefined;

  /** @param statistics Whether statistics are metrics. */
  constructor(meter: Meter, statistics: boolean) {
    this.#meter = meter;
    this.#statistics = statistics;
    const durations = { unit: "s", advice: { explicitBucketBoundaries: BUCKETS_S } };
    this.connectDuration = meter.createHistogram("sora.connect.duration", {
      ...durations,
      description: "Duration of connect()",
    });
    this.rpcDuration = meter.createHistogram("rpc.client.call.duration", {
      ...durations,
      description: "Duration of remote procedure calls",
    });
    this.connections = meter.createUpDownCounter("sora.connections", {
      unit: "{connection}",
      description: "Connections that are present",
    });
    this.reconnects = meter.createCounter("sora.reconnects", {
      unit: "{attempt}",
      description: "Attempts to make a lost connection again",
    });
  }

  /** A connection is present. @param attributes Those of its statistics. */
  add(connection: SoraObservedConnection, attributes: Attributes): void {
    if (this.#statistics && this.#present.size === 0) this.#listen(true);
    this.#present.set(connection, attributes);
  }

  /** A connection is not present any more. */
  remove(connection: SoraObservedConnection): void {
    if (!this.#present.delete(connection)) return;
    if (this.#statistics && this.#present.size === 0) this.#listen(false);
  }

  /** Nothing is asked without connections, and a `Sora` that is forgotten is not kept by its meter. */
  #listen(on: boolean): void {
    this.#observables ??= new Map(STATISTICS.map((one) => [one, instrument(this.#meter, one)]));
    this.#dropped ??= this.#meter.createObservableCounter("sora.dropped", {
      unit: "{item}",
      description: "What was dropped by limits",
    });
    const all = [...this.#observables.values(), this.#dropped];
    if (on) this.#meter.addBatchObservableCallback(this.#observe, all);
    else this.#meter.removeBatchObservableCallback(this.#observe, all);
  }

  readonly #observe: BatchObservableCallback = async (result) => {
    await Promise.all([...this.#present].map(async ([connection, own]) => {
      for (const [item, value] of Object.entries(connection.counters)) {
        if (typeof value === "number") {
          result.observe(this.#dropped!, value, { ...own, "sora.dropped.item": item });
        }
      }
      const stats = await statsOf(connection);
      for (const { statistic, value, attributes } of measure(stats)) {
        result.observe(this.#observables!.get(statistic)!, value, { ...own, ...attributes });
      }
    }));
  };
}

/** The statistics; none when the connection ends meanwhile or takes too long. */
async function statsOf(connection: SoraObservedConnection) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<[]>((resolve) => {
    timer = setTimeout(() => resolve([]), LIMIT_MS);
  });
  try {
    return await Promise.race([connection.getStats(), late]);
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
