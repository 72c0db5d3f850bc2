/**
 * The pages of the site: the README and `docs/`, in both languages.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type Language, parts } from "./contents.ts";
import { render, type Rendered } from "./markdown.ts";

const root = new URL("../", import.meta.url);

/** A page. */
export interface Page extends Rendered {
  readonly language: Language;
  /** Its name in the site, `index` for the README. */
  readonly name: string;
  /** Its file, from the root of the site. */
  readonly url: string;
}

/** The file of a page in the repository. */
function fileOf(name: string, language: Language): string {
  if (name === "index") return language === "en" ? "README.md" : "README.ja.md";
  return language === "en" ? `docs/${name}.md` : `docs/ja/${name}.md`;
}

/** Where a page is in the site. */
function urlOf(name: string, language: Language): string {
  return language === "en" ? `${name}.html` : `ja/${name}.html`;
}

/** The page of a file of the repository, if it is one. */
function pageOf(file: string): { name: string; language: Language } | undefined {
  if (file === "README.md") return { name: "index", language: "en" };
  if (file === "README.ja.md") return { name: "index", language: "ja" };
  const [, japanese, name] = /^docs\/(ja\/)?([\w-]+)\.md$/.exec(file) ?? [];
  return name === undefined ? undefined : { name, language: japanese ? "ja" : "en" };
}

/** The names of the pages, in the order of the navigation. */
export function names(): { title: Record<Language, string>; names: string[] }[] {
  const there = readdirSync(new URL("docs/", root))
    .flatMap((file) => /^(.*)\.md$/.exec(file)?.[1] ?? []).sort();
  const named = new Set(parts.flatMap((part) => part.names));
  return parts.map(({ title, names }, at) => ({
    title: { ...title },
    names: [
      ...names.filter((name) => there.includes(name)),
      ...(at === parts.length - 1 ? there.filter((name) => !named.has(name)) : []),
    ],
  }));
}

/**
 * Reads a page.
 *
 * @param repository Where files that are no pages can be read, without a slash at the end.
 * @returns Undefined when it is not there in this language.
 */
export function readPage(name: string, language: Language, repository: string): Page | undefined {
  const file = fileOf(name, language);
  if (!existsSync(new URL(file, root))) return undefined;
  const up = language === "en" ? "" : "../";
  const link = (target: string): string => {
    const page = pageOf(target);
    if (page !== undefined && existsSync(new URL(target, root))) {
      return up + urlOf(page.name, page.language);
    }
    // Pictures are copied.
    if (/^docs\/[\w-]+\.(?:png|svg)$/.test(target)) return up + target.slice("docs/".length);
    return `${repository}/${target}`;
  };
  const text = readFileSync(new URL(file, root), "utf8");
  return { ...render(text, file, link), language, name, url: urlOf(name, language) };
}
