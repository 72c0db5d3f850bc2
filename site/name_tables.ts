/**
 * Tables and lists of names for the pages for users of the official SDKs. Run it to write them into the pages:
 * `deno run -A site/name_tables.ts`.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Language } from "./contents.ts";
import { type Note, NOTES, ONLY_JS } from "./name_notes.ts";
import { type Here, NAMES, type Names } from "./names.ts";

/** The SDKs. */
export type Sdk = "python" | "js";

/** The pages and their SDKs. */
export const PAGES: Readonly<Record<string, Sdk>> = {
  "from-python-sdk": "python",
  "from-sora-js-sdk": "js",
};

const HEADS: Readonly<Record<Language, readonly [here: string, note: string]>> = {
  en: ["here", "note"],
  ja: ["このライブラリ", "備考"],
};

const isOption = (here: Here) => here.startsWith("options.") || here.startsWith("SoraOptions.");

/** A name as the SDK's convention has it: `on_ws_close` for `onWsClose`. */
function derived(here: Here, sdk: Sdk): string {
  const own = here.replace(/^.*\./, "");
  if (sdk === "js" || /^[A-Z]/.test(own)) return own;
  return own.replaceAll("WebSocket", "Websocket").replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

/** The SDK's names. */
export function namesIn(sdk: Sdk, [, python, js]: Names): readonly string[] {
  const names = sdk === "python" ? python : js;
  return names === undefined || names === null ? [] : typeof names === "string" ? [names] : names;
}

/** Whether the convention does not give the SDK's name. */
function differs(sdk: Sdk, entry: Names): boolean {
  const [here] = entry;
  return namesIn(sdk, entry).some((name) => name.replace(/\(\)$/, "") !== derived(here, sdk));
}

const code = (name: string) => `\`${name}\``;

/** A name with its class, for readers. */
function shown(here: Here): string {
  return code(here.replace(/^(?:options|SoraOptions|SoraConnection)\./, ""));
}

function rowsOf(sdk: Sdk, part: "options" | "names"): [string, string, Note | undefined][] {
  const all: readonly Names[] = NAMES;
  const rows = all
    .filter((entry) => isOption(entry[0]) === (part === "options"))
    // JavaScript's notes are about names alone; Python's also about other types behind the same name.
    .filter((entry) =>
      namesIn(sdk, entry).length > 0 &&
      (differs(sdk, entry) || (sdk === "python" && NOTES[entry[0]] !== undefined))
    )
    .map((entry): [string, string, Note | undefined] => {
      const [here] = entry;
      const [, owner] = /^(?!options|SoraOptions|SoraConnection)(\w+)\./.exec(here) ?? [];
      const prefix = sdk === "python" && owner !== undefined ? `${owner}.` : "";
      const names = namesIn(sdk, entry).map((name) => code(prefix + name));
      return [names.join(", "), shown(here), NOTES[here]];
    });
  if (sdk === "python") return rows;
  const isEvent = (name: string) =>
    /[^A-Za-z]/.test(name) || name === "debug" || name === "helpers";
  return [
    ...rows,
    ...Object.entries(ONLY_JS).filter(([name]) => isEvent(name) === (part === "names"))
      .map(([name, note]): [string, string, Note] => [code(name), "–", note]),
  ];
}

/** The part of a page: a table of the names that differ, or a list of those that the SDK does not have. */
export function namesPart(
  sdk: Sdk,
  part: "options" | "names" | "new",
  language: Language,
): string {
  if (part === "new") {
    const all: readonly Names[] = NAMES;
    const entries = all.filter((entry) =>
      namesIn(sdk, entry).length === 0 &&
      (isOption(entry[0]) || entry[0].startsWith("SoraConnection."))
    );
    const comma = language === "en" ? ", " : "、";
    return entries.map(([here]) => shown(here)).join(comma) + (language === "en" ? "." : "。");
  }
  const [here, note] = HEADS[language];
  const rows = rowsOf(sdk, part).map((
    [there, here, note],
  ) => [there, here, note?.[language] ?? ""]);
  const head = [sdk === "python" ? "Python" : "`sora-js-sdk`", here, note];
  return [head, ["---", "---", "---"], ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

const MARKED = /(<!-- names: (\w+) -->)[^]*?(<!-- \/names -->)/g;

/** The text of a page with its parts as the list has them. */
export function withNames(text: string, sdk: Sdk, language: Language): string {
  return text.replaceAll(MARKED, (_, begin: string, part: string, end: string) => {
    if (part !== "options" && part !== "names" && part !== "new") {
      throw new Error(`There is no part "${part}" of names`);
    }
    return `${begin}\n\n${namesPart(sdk, part, language)}\n\n${end}`;
  });
}

if (import.meta.main) {
  for (const [name, sdk] of Object.entries(PAGES)) {
    for (const language of ["en", "ja"] as const) {
      const folder = language === "en" ? "docs" : "docs/ja";
      const file = fileURLToPath(new URL(`../${folder}/${name}.md`, import.meta.url));
      writeFileSync(file, withNames(readFileSync(file, "utf8"), sdk, language));
    }
  }
}
