/**
 * OpenTelemetry's own SDK, which keeps everything in memory, and a `Sora` that reports to it.
 *
 * @module
 */

import { type Context, type ContextManager, ROOT_CONTEXT } from "@opentelemetry/api";
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { Sora } from "../../mod.ts";
import { openTelemetry, type OpenTelemetryOptions } from "../../opentelemetry/mod.ts";

/** Never: the test collects by itself. */
const NEVER_MS = 1_000_000;

/** A point: of a histogram how many values it has. */
const simple = ({ value, attributes }: DataPoint<number | Histogram>) => ({
  value: typeof value === "number" ? value : value.count,
  attributes,
});

/** OpenTelemetry in memory, and a Sora that reports to it. */
export class Recorded implements AsyncDisposable {
  readonly sora: Sora;
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #reader = new PeriodicExportingMetricReader({
    exporter: this.#metrics,
    exportIntervalMillis: NEVER_MS,
  });
  readonly #tracerProvider = new BasicTracerProvider({
    spanProcessors: [new SimpleSpanProcessor(this.#spans)],
  });
  readonly #meterProvider = new MeterProvider({ readers: [this.#reader] });

  constructor(options: OpenTelemetryOptions = {}) {
    const telemetry = openTelemetry({
      tracerProvider: this.#tracerProvider,
      meterProvider: this.#meterProvider,
      ...options,
    });
    this.sora = new Sora({ telemetry });
  }

  get spans(): readonly ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  /** The spans of a name. */
  named(name: string): readonly ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  /** The points of each metric, as they are now. */
  async metrics() {
    this.#metrics.reset();
    await this.#reader.forceFlush();
    const all = this.#metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap(({ metrics }) => metrics);
    return new Map(all.map(({ descriptor, dataPoints }) =>
      [
        descriptor.name,
        {
          unit: descriptor.unit,
          points: (dataPoints as readonly DataPoint<number | Histogram>[]).map(simple),
        },
      ] as const
    ));
  }

  /** Everything that was recorded, as text. */
  async text(): Promise<string> {
    const spans = this.spans.map(({ name, attributes, events, status }) =>
      JSON.stringify({ name, attributes, events, status })
    );
    return [...spans, JSON.stringify([...await this.metrics()])].join("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sora.close();
    await this.#meterProvider.shutdown();
    await this.#tracerProvider.shutdown();
  }
}

/** A context manager that knows what is synchronous, as the beginning of a call is. */
export class Stack implements ContextManager {
  readonly #stack: Context[] = [];

  active(): Context {
    return this.#stack.at(-1) ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    one: Context,
    call: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    this.#stack.push(one);
    try {
      return call.apply(self, args);
    } finally {
      this.#stack.pop();
    }
  }

  bind<T>(_context: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}
