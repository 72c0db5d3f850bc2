/**
 * OpenTelemetry for `sora-ffi`: spans of connecting, reconnecting and remote procedure calls, and metrics of the statistics, through
 * the package `@opentelemetry/api`, which this module alone imports.
 *
 * ```ts ignore
 * import { Sora } from "sora-ffi";
 * import { openTelemetry } from "sora-ffi/opentelemetry";
 *
 * await using sora = new Sora({ telemetry: openTelemetry() });
 * ```
 *
 * @module
 */

import { type Meter, metrics, trace, type Tracer } from "@opentelemetry/api";
import { checkBoolean, checkObject, optional } from "../base/checks.ts";
import { version } from "../base/version.ts";
import type { SoraTelemetry } from "../mod.ts";
import { ConnectionSpans } from "./connection.ts";
import { Metrics } from "./metrics.ts";

/** The name of the tracer and of the meter. */
const SCOPE = "sora-ffi";

/** Options of {@link openTelemetry}. */
export interface OpenTelemetryOptions {
  /** Makes the tracer: a `TracerProvider`. Default: the provider that is registered with the API when a connection is made. */
  readonly tracerProvider?:
    | { getTracer(name: string, version?: string): unknown }
    | undefined;
  /** Makes the meter: a `MeterProvider`. Default: the provider that is registered with the API when the first connection is made. */
  readonly meterProvider?:
    | { getMeter(name: string, version?: string): unknown }
    | undefined;
  /** Whether the statistics of connections are metrics: each collection asks each connection once. Default: true. */
  readonly statistics?: boolean | undefined;
  /** Attributes of all spans and metrics. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** Something that has a method. */
function checkProvider(method: string) {
  return (value: unknown, path: string) => {
    const provider = value as { readonly [name: string]: unknown } | null;
    if (typeof provider === "object" && typeof provider?.[method] === "function") return provider;
    throw new TypeError(`${path} must be an object with ${method}()`);
  };
}

function checkOptions(options: unknown): void {
  const from = checkObject(options, "options", [
    "tracerProvider",
    "meterProvider",
    "statistics",
    "attributes",
  ]);
  optional(from, "tracerProvider", "options", checkProvider("getTracer"));
  optional(from, "meterProvider", "options", checkProvider("getMeter"));
  optional(from, "statistics", "options", checkBoolean);
  optional(from, "attributes", "options", (value, path) => checkObject(value, path, undefined));
}

/**
 * Telemetry for the option `telemetry` of `Sora`, which reports to OpenTelemetry. Without a provider that is registered with
 * `@opentelemetry/api`, by an SDK or by Deno (`OTEL_DENO=true`), nothing is recorded.
 *
 * @example
 * ```ts
 * import { Sora } from "sora-ffi";
 * import { openTelemetry } from "sora-ffi/opentelemetry";
 * import { SoraServer } from "sora-ffi/sfu";
 *
 * await using server = await SoraServer.start({ port: 0 });
 * await using sora = new Sora({ telemetry: openTelemetry({ attributes: { "app.room": "lobby" } }) });
 * const options = { signalingUrls: [server.url], channelId: "lobby", role: "recvonly" } as const;
 * await using connection = sora.createConnection(options);
 * await connection.connect(); // a span sora.connect with a child for each phase
 * ```
 *
 * @throws {TypeError} If an option is wrong.
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): SoraTelemetry {
  checkOptions(options);
  const { tracerProvider, meterProvider, statistics = true } = options;
  const attributes = { ...options.attributes };
  let shared: Metrics | undefined;
  return {
    observe(connection, info) {
      const tracer = (tracerProvider ?? trace).getTracer(SCOPE, version) as Tracer;
      const meter = () => (meterProvider ?? metrics).getMeter(SCOPE, version) as Meter;
      shared ??= new Metrics(meter(), statistics);
      return new ConnectionSpans(connection, info, tracer, shared, attributes);
    },
  };
}
