/**
 * Limits of client and server as the code has them, which docs/limits.md shows: constants out of the sources, those that are private
 * and those of C++ included.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);

/** The folders whose constants are looked at. */
const ROOMS = ["base", "sdk", "signaling", "ffi", "sfu", "files", "devices", "csrc"];
/** Tests, and the browser's side of the server's page. */
const OUTSIDE = ["csrc/tests", "csrc/fuzz", "csrc/bench", "csrc/os/macos", "sfu/page/web"];

/** A constant by its file and name. */
const CONSTANT =
  /^\s*(?:export )?(?:static )?const(?:expr)? [^;=({]*?\b(\w+)(?:: \w+)?\s*(?:=|(?=\{))\s*([^;]+?)(?:,\s*(?=k\w+ =)|;)/gm;
/** The names of constants that limit something. */
const NAMED =
  /^(?:MAX_|MOST|LONGEST_|CAPACITY|(?:[A-Z]+_)*(?:TIMEOUT|LIMIT|LINGER|GRACE)(?:_MS|_S)?$|DEFAULT_(?:BUFFER|QUEUE|TIMEOUT|RPC|DEPTH|CAPACITY)|k(?:Max|Most|Longest|Limit)(?![a-z]))/;

/** The value of an expression of numbers; undefined where it is none. */
function value(expression: string): number | undefined {
  const plain = expression.replace(/^\{(.*)\}$/, "$1").replaceAll(/size_t\{(\d+)\}/g, "$1")
    .replaceAll(/(?<=\d)['_](?=\d)/g, "").replaceAll(/\b(\d+)u\b/g, "$1")
    .replace(/^webrtc::TimeDelta::Seconds\((\d+)\)$/, "$1 * 1000");
  if (!/^[\d\sx.a-fA-F*+()<-]+$/.test(plain)) return undefined;
  const number: unknown = Function(`return (${plain});`)();
  return typeof number === "number" ? number : undefined;
}

function* sources(folder: string): Generator<string> {
  if (OUTSIDE.includes(folder)) return;
  for (const entry of readdirSync(new URL(folder, root), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(ts|h|cpp)$/.test(entry.name)) yield path;
  }
}

/**
 * Reads every constant with a number, of `FILE NAME`: milliseconds where its name ends with a unit of time.
 */
function readConstants(): Map<string, number> {
  const found = new Map<string, number>();
  for (const path of ROOMS.flatMap((room) => [...sources(room)])) {
    const text = readFileSync(new URL(path, root), "utf8").replaceAll(/\s*\/\/ .*$/gm, "");
    for (const [, name = "", expression = ""] of text.matchAll(CONSTANT)) {
      const number = value(expression);
      if (number === undefined) continue;
      found.set(`${path} ${name}`, /(?:Us|_US)$/.test(name) ? number / 1_000 : number);
    }
  }
  return found;
}

/** Every constant with a number. */
export const constants: ReadonlyMap<string, number> = readConstants();

/** Those whose names say that they limit something. */
export const limits: readonly string[] = [...constants.keys()].filter((key) =>
  NAMED.test(key.split(" ")[1]!)
);

const UNITS: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 * 1024,
  ms: 1,
  s: 1_000,
};

/** The numbers of a cell, in bytes and milliseconds where they have such a unit: 1,048,576 of "1 MiB". */
export function numbers(cell: string): number[] {
  return [...cell.matchAll(/(\d[\d,.]*\d|\d)(?: (KiB|MiB|ms|s)\b)?/g)].map((
    [, digits = "", unit],
  ) => Number(digits.replaceAll(",", "")) * (unit === undefined ? 1 : UNITS[unit]!));
}

/** A row of a table of limits. */
export interface LimitRow {
  readonly what: string;
  readonly limit: string;
  /** Names in the cell of options, without their quotes. */
  readonly options: readonly string[];
}

/** The rows of a page's tables. */
export function limitRows(path: string): LimitRow[] {
  const text = readFileSync(new URL(path, root), "utf8");
  return [...text.matchAll(/(?:^\|.*\n)+/gm)].flatMap(([table]) =>
    table.trimEnd().split("\n").slice(2).map((row) => {
      const [what = "", limit = "", option = ""] = row.split("|").slice(1).map((cell) =>
        cell.trim()
      );
      return {
        what,
        limit,
        options: [...option.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
      };
    })
  );
}
