import { median } from "../demo/statistics.ts";
import { Child } from "../tests/support/child.ts";
import { startPublisher } from "./clients.ts";
import { type Benchmark, doubling, type Measurement } from "./measurement.ts";

/** What grows. */
export type GrowthKind = "receivers" | "connections" | "sizes" | "members";

/** What a process of a size costs. */
export interface GrowthFigures {
  /** Processor time: milliseconds a frame, or percent of a core where there are no frames. */
  readonly cpu: number;
  /** Resident memory, without that of the process before. */
  readonly megabytes: number;
}

/** One size. */
interface Point {
  /** The argument of the program. */
  readonly argument: string;
  /** Its name. */
  readonly name: string;
  /** How many units it has. */
  readonly units: number;
}

/** How a kind grows. */
interface Kind {
  readonly points: readonly Point[];
  readonly cpuUnit: "ms" | "% of a core";
  /** What a unit is. */
  readonly unit: string;
  /** How often it is measured, for medians: what takes little processor time varies more. */
  readonly rounds?: number;
}

/** A doubling may cost so much. */
const DOUBLING = 2.1;
const LIMIT_MS = 180_000;
/** Of frames that 64 receivers can decode. */
const SMALL = { width: 320, height: 180 } as const;

const counted = (counts: readonly number[], name: string, units = (count: number) => count) =>
  counts.map((count) => ({
    argument: String(count),
    name: `${name}: ${count}`,
    units: units(count),
  }));

const KINDS: Readonly<Record<GrowthKind, Kind>> = {
  receivers: {
    points: counted([1, 2, 4, 8, 16, 32, 64], "receivers of one sender of 320x180 in a process"),
    cpuUnit: "ms",
    unit: "receiver",
  },
  connections: {
    points: counted([1, 2, 4, 8, 16, 32, 64, 128, 200], "idle connections in a process"),
    cpuUnit: "% of a core",
    unit: "connection",
    rounds: 3,
  },
  sizes: {
    points: [[640, 360], [1280, 720], [1920, 1080], [3840, 2160]].map(([width, height]) => ({
      argument: `${width}x${height}`,
      name: `sending ${width}x${height}`,
      units: width! * height! / 1e6,
    })),
    cpuUnit: "ms",
    unit: "million pixels",
  },
  members: {
    // Each sends to all others.
    points: counted(
      [1, 2, 4, 8, 16, 20],
      "members in a process that all send 160x90",
      (count) => count * count,
    ),
    cpuUnit: "ms",
    unit: "stream",
  },
};

async function measureOnce(
  url: string,
  kind: GrowthKind,
  argument: string,
  round: number,
): Promise<GrowthFigures> {
  const channel = `growth ${kind} ${argument} ${round}`;
  await using _publisher = kind === "receivers"
    ? await startPublisher(url, channel, SMALL)
    : undefined;
  const program = new URL("growth_program.ts", import.meta.url);
  await using child = new Child(program, [url, kind, argument, channel]);
  const figures = JSON.parse(await child.line("", LIMIT_MS)) as GrowthFigures;
  await child.ended(LIMIT_MS);
  return figures;
}

async function measure(url: string, kind: GrowthKind, argument: string): Promise<GrowthFigures> {
  const figures: GrowthFigures[] = [];
  for (let round = 0; round < (KINDS[kind].rounds ?? 1); round++) {
    figures.push(await measureOnce(url, kind, argument, round));
  }
  return {
    cpu: median(figures.map(({ cpu }) => cpu)),
    megabytes: median(figures.map(({ megabytes }) => megabytes)),
  };
}

/** How costs grow with the number of receivers, connections, pixels and members. Some minutes: it runs only when it is named. */
export const growth: Benchmark = {
  name: "growth",
  onlyByName: true,
  async *run({ url }) {
    for (const [kind, { points, cpuUnit, unit }] of Object.entries(KINDS) as [GrowthKind, Kind][]) {
      let before: { readonly point: Point; readonly figures: GrowthFigures } | undefined;
      for (const point of points) {
        const figures = await measure(url, kind, point.argument);
        for (const what of ["cpu", "megabytes"] as const) {
          const each = (one: { point: Point; figures: GrowthFigures }) =>
            one.figures[what] / one.point.units;
          const value = figures[what] / point.units;
          const measured: Measurement = {
            name: `${what === "cpu" ? "CPU" : "memory"} of each ${unit}: ${point.name}`,
            value,
            unit: what === "cpu" ? cpuUnit : "MB",
            limit: before === undefined ? value : each(before),
            limitIs: before === undefined
              ? "itself, the first"
              : `that of ${before.point.name}; the ratio: of all together, for each doubling`,
          };
          yield before === undefined ? measured : {
            ...measured,
            ratio: doubling(
              [before.figures[what], before.point.units],
              [figures[what], point.units],
            ),
            reach: { ratio: DOUBLING },
          };
        }
        before = { point, figures };
      }
    }
  },
};
