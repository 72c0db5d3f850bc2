/**
 * The rows of the table, in both languages of the pages.
 *
 * @module
 */

import type { Format } from "./programs/program.ts";

/** The languages of the pages. */
export type Language = "en" | "ja";

/** The units, in both languages. */
export const UNITS = {
  ms: { en: "ms", ja: "ms" },
  µs: { en: "µs", ja: "µs" },
  MB: { en: "MB", ja: "MB" },
  dB: { en: "dB", ja: "dB" },
  "MB/s": { en: "MB/s", ja: "MB/s" },
  "frames/s": { en: "frames/s", ja: "fps" },
  "messages/s": { en: "messages/s", ja: "通/秒" },
  "% of a core": { en: "% of a core", ja: "1 コアの %" },
} as const satisfies Readonly<Record<string, Readonly<Record<Language, string>>>>;

/** A row of the table. */
export interface Row extends Readonly<Record<Language, string>> {
  /** Its unit. */
  readonly unit: keyof typeof UNITS;
  /** Which is better. */
  readonly better: "less" | "more";
  /** Whether those who connect to themselves are no measure: they save a hop, and their idle connections are for data alone. */
  readonly hop?: true;
  /** The format that is read. */
  readonly reads?: Format;
  /** Whether the README has it. */
  readonly inReadme?: true;
}

const less = { better: "less" } as const;
const more = { better: "more" } as const;
const hop = { better: "less", hop: true } as const;

/** The rows, by key. */
export const ROWS = {
  latency50: { en: "latency p50", ja: "遅延 p50", unit: "ms", ...hop, inReadme: true },
  latency95: { en: "latency p95", ja: "遅延 p95", unit: "ms", ...hop, inReadme: true },
  rate: { en: "frames received", ja: "受信したフレーム", unit: "frames/s", ...more },
  quality: { en: "their PSNR", ja: "その PSNR", unit: "dB", ...more },
  sendCpu: {
    en: "sender's CPU, a frame",
    ja: "送信側の CPU、1 フレーム",
    unit: "ms",
    ...less,
    inReadme: true,
  },
  receiveCpu: {
    en: "receiver's CPU, a frame",
    ja: "受信側の CPU、1 フレーム",
    unit: "ms",
    ...less,
    inReadme: true,
  },
  sendMemory: {
    en: "sender's memory",
    ja: "送信側のメモリー",
    unit: "MB",
    ...less,
    inReadme: true,
  },
  receiveMemory: {
    en: "receiver's memory",
    ja: "受信側のメモリー",
    unit: "MB",
    ...less,
    inReadme: true,
  },
  pushBGR: { en: "push BGR", ja: "BGR を渡す", unit: "µs", ...less },
  pushRGBA: { en: "push RGBA", ja: "RGBA を渡す", unit: "µs", ...less },
  pushI420: { en: "push I420", ja: "I420 を渡す", unit: "µs", ...less },
  pushNV12: { en: "push NV12", ja: "NV12 を渡す", unit: "µs", ...less },
  readBGR: { en: "read BGR", ja: "BGR で読む", unit: "µs", ...less, reads: "BGR" },
  readRGBA: { en: "read RGBA", ja: "RGBA で読む", unit: "µs", ...less, reads: "RGBA" },
  readI420: { en: "read I420", ja: "I420 で読む", unit: "µs", ...less, reads: "I420" },
  megabytes: {
    en: "messages of 256 kB",
    ja: "256 kB のメッセージ",
    unit: "MB/s",
    ...more,
    hop: true,
    inReadme: true,
  },
  messages: {
    en: "messages of 64 B",
    ja: "64 B のメッセージ",
    unit: "messages/s",
    ...more,
    hop: true,
    inReadme: true,
  },
  connect: { en: "connect", ja: "接続", unit: "ms", ...hop, inReadme: true },
  disconnect: { en: "disconnect", ja: "切断", unit: "ms", ...hop },
  start: {
    en: "process start to connected",
    ja: "プロセスの起動から接続まで",
    unit: "ms",
    ...hop,
    inReadme: true,
  },
  connectionMemory: {
    en: "memory of an idle connection",
    ja: "待機中の接続 1 つのメモリー",
    unit: "MB",
    ...hop,
  },
  idleCpu: {
    en: "100 idle connections",
    ja: "待機中の接続 100",
    unit: "% of a core",
    ...hop,
    inReadme: true,
  },
} as const satisfies Readonly<Record<string, Row>>;

/** The key of a row. */
export type RowKey = keyof typeof ROWS;

/** The rows in their order. */
export const rows: readonly (readonly [RowKey, Row])[] = Object.entries(ROWS) as [RowKey, Row][];

/** Figures of one contender in one round. */
export type Figures = Readonly<Partial<Record<RowKey, number>>>;
