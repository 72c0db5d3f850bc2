/**
 * The report of `sora-ffi doctor`.
 *
 * @module
 */

import type { Findings, Verdict } from "./finding.ts";

const LABELS: Readonly<Record<Verdict, string>> = {
  ok: "ok",
  failed: "FAILED",
  skipped: "skipped",
};

const LABEL_WIDTH = 9;
const NAME_WIDTH = 12;

/** Whether all checks found that all is well. */
export function isWell(findings: Findings): boolean {
  return [...findings.values()].every(({ verdict }) => verdict === "ok");
}

/** The report for people: a paragraph for each check, and a last line that sums up. */
export function reportText(findings: Findings): string {
  const indent = "\n" + " ".repeat(LABEL_WIDTH + NAME_WIDTH);
  const lines = [...findings].map(([name, { verdict, text }]) =>
    LABELS[verdict].padEnd(LABEL_WIDTH) + name.padEnd(NAME_WIDTH) + text.replaceAll("\n", indent)
  );
  const bad = [...findings].filter(([, { verdict }]) => verdict === "failed").map(([name]) => name);
  const sum = isWell(findings) ? "All is well." : `Not all is well: ${bad.join(", ")}.`;
  return `${lines.join("\n")}\n\n${sum}\n`;
}

/** The report for programs: one line of JSON. */
export function reportJson(findings: Findings): string {
  const checks = Object.fromEntries(
    [...findings].map(([name, { verdict, text, data }]) => [name, { verdict, text, ...data }]),
  );
  return `${JSON.stringify({ ok: isWell(findings), checks })}\n`;
}
