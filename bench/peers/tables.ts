/**
 * The figures of all rounds, side by side: for the terminal with their spread, and for the pages.
 *
 * @module
 */

import { type Contender, findContenders } from "./contenders.ts";
import { columnsOf, type Results } from "./results.ts";
import { type Language, type Row, type RowKey, rows, UNITS } from "./rows.ts";
import {
  bestPeer,
  digits,
  markdown,
  ratioOf,
  type Rounds,
  showSpread,
  type Spread,
  spreadOf,
  type Verdict,
  verdictOf,
} from "./summary.ts";

/** Whether this SDK is compared with it in a row. */
function isMeasure(row: Row, { ours, through, ready }: Contender): boolean {
  if (ours || (row.hop === true && through === "each other")) return false;
  return row.reads === undefined || !ready.includes(row.reads);
}

/** How this SDK on one runtime stands in a row. */
export interface Standing {
  readonly ratio: Spread;
  readonly verdict: Verdict;
}

/** A row with figures. */
export interface Line {
  readonly key: RowKey;
  readonly row: Row;
  /** By contender. */
  readonly columns: ReadonlyMap<string, Rounds>;
  /** The best peer that this SDK is compared with. */
  readonly best: Contender | undefined;
  /** By runtime. */
  readonly standings: ReadonlyMap<string, Standing>;
}

/** The rows with figures, those without as well. */
export function linesOf(
  { measured }: Pick<Results, "measured">,
  contenders: readonly Contender[],
): Line[] {
  return rows.map(([key, row]) => {
    const columns = columnsOf(measured, key);
    const of = (contender: Contender): Rounds => columns.get(contender.key) ?? [];
    const peers = contenders.filter((one) => isMeasure(row, one));
    const name = bestPeer(row, new Map(peers.map((one) => [one.key, of(one)])));
    const best = peers.find((one) => one.key === name);
    const standings = contenders.filter(({ ours }) => ours).flatMap((one) => {
      const ratio = best === undefined ? undefined : ratioOf(of(one), of(best));
      if (ratio === undefined) return [];
      return [[one.key, { ratio, verdict: verdictOf(row, ratio) }] as const];
    });
    return { key, row, columns, best, standings: new Map(standings) };
  });
}

/** The table for the terminal, with the spread of each figure, and lines about what this SDK is behind in. */
export function report(results: Results, contenders: readonly Contender[]): string {
  const ours = contenders.filter(({ ours }) => ours);
  const lines = linesOf(results, contenders).filter(({ columns }) => columns.size > 0);
  const table = lines.map(({ row, columns, standings }) => [
    `${row.en}, ${row.unit}`,
    ...contenders.map((one) => {
      const spread = spreadOf(columns.get(one.key) ?? []);
      const compared = spread === undefined || one.ours || isMeasure(row, one);
      return compared ? showSpread(spread) : `${showSpread(spread)} *`;
    }),
    ...ours.map(({ key }) => {
      const standing = standings.get(key);
      return standing === undefined ? "–" : `${showSpread(standing.ratio)} ${standing.verdict}`;
    }),
  ]);
  const heads = [
    "what",
    ...contenders.map(({ name }) => name),
    ...ours.map(({ short }) => `${short} ÷ best peer`),
  ];
  const behind = lines.flatMap(({ row, best, standings }) =>
    [...standings].flatMap(([key, { ratio, verdict }]) =>
      verdict === "behind"
        ? [`Behind: ${row.en}: ${key} ${showSpread(ratio)} times that of ${best!.name}`]
        : []
    )
  );
  return [markdown(heads, table), "", circumstances(results, "en"), NOT_COMPARED, ...behind]
    .join("\n");
}

const NOT_COMPARED =
  "Medians (least–most). Not compared (*): who connects to itself saves the way through a server, and " +
  "who converts each frame before it is handed out reads it for nothing.";

/** Under which circumstances it was measured, in a sentence. */
export function circumstances({ cores, measured }: Results, language: Language): string {
  const counts = new Map<string, number>();
  for (const { scene } of measured) counts.set(scene, (counts.get(scene) ?? 0) + 1);
  const least = Math.min(...counts.values());
  const most = Math.max(...counts.values());
  const load = Math.max(...measured.map((one) => one.load)).toFixed(1);
  const rounds = least === most ? String(least) : `${least}–${most}`;
  if (language === "ja") {
    return `${cores} コアでの ${rounds} 回の中央値です。測る前のマシンのロードアベレージは ${load} でした。`;
  }
  const what = rounds === "1" ? "Figures of 1 round" : `Medians of ${rounds} rounds`;
  return `${what} on ${cores} cores, with a load of ${load} before.`;
}

const VERDICTS: Readonly<Record<Verdict, Readonly<Record<Language, string>>>> = {
  ahead: { en: "ahead", ja: "優位" },
  level: { en: "level", ja: "同等" },
  behind: { en: "behind", ja: "劣位" },
};

/** The cell of who cannot do it, or was not measured. */
const NONE = "";

/** A table of a page: its head, and its rows. */
export interface Table {
  readonly heads: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const nameIn = (row: Row, language: Language) =>
  row[language] + { en: ", ", ja: "、" }[language] + UNITS[row.unit][language];
const figure = (rounds: Rounds | undefined) => {
  const spread = spreadOf(rounds ?? []);
  return spread === undefined ? NONE : digits(spread.median);
};

/** The table of `docs/speed.md`: everybody, and how this SDK stands beside the best peer. */
export function wholeTable(
  results: Pick<Results, "measured">,
  language: Language,
  contenders: readonly Contender[] = findContenders(),
): Table {
  const ours = contenders.filter(({ ours }) => ours);
  const beside = { en: "÷ best peer", ja: "÷ 最良の相手" }[language];
  return {
    heads: [
      { en: "what", ja: "内容" }[language],
      ...contenders.map(({ short }) => short),
      ...ours.map(({ short }) => `${short} ${beside}`),
    ],
    rows: linesOf(results, contenders).map(({ row, columns, standings }) => [
      nameIn(row, language),
      ...contenders.map((one) => {
        const text = figure(columns.get(one.key));
        return text === NONE || one.ours || isMeasure(row, one) ? text : `${text}\\*`;
      }),
      ...ours.map(({ key }) => {
        const standing = standings.get(key);
        if (standing === undefined) return NONE;
        return `${digits(standing.ratio.median)} ${VERDICTS[standing.verdict][language]}`;
      }),
    ]),
  };
}

/** The table of the README: some rows, and the best peer alone. */
export function shortTable(
  results: Pick<Results, "measured">,
  language: Language,
  contenders: readonly Contender[] = findContenders(),
): Table {
  const ours = contenders.filter(({ ours }) => ours);
  return {
    heads: [
      { en: "what", ja: "内容" }[language],
      ...ours.map(({ short }) => short),
      { en: "best other", ja: "ほかの最良" }[language],
    ],
    rows: linesOf(results, contenders).filter(({ row }) => row.inReadme).map((
      { row, columns, best },
    ) => [
      nameIn(row, language),
      ...ours.map(({ key }) => figure(columns.get(key))),
      best === undefined ? NONE : `${figure(columns.get(best.key))} ${best.short}`,
    ]),
  };
}
