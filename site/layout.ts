/**
 * What all pages of the site have around their content: the header with search and languages, and the navigation.
 *
 * @module
 */

import type { Language } from "./contents.ts";

/** A link in the navigation. */
export interface Link {
  readonly title: string;
  /** From the root of the site. */
  readonly url: string;
  /** Whether it leads to a page in the other language, for want of one in this. */
  readonly foreign: boolean;
}

/** The navigation of a language. */
export type Navigation = readonly { readonly title: string; readonly links: readonly Link[] }[];

const WORDS: Readonly<Record<Language, { search: string; other: string; guides: string }>> = {
  en: { search: "Search", other: "日本語", guides: "Guides" },
  ja: { search: "検索", other: "English", guides: "ガイド" },
};

/** Text as HTML. */
export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/**
 * The header.
 *
 * @param up The way to the root of the site: empty, or `../` for each folder.
 * @param home The first page, from the root.
 * @param other Where the page is in the other language, from the root.
 * @param guides The navigation, for pages that have none beside their content.
 */
export function header(
  language: Language,
  up: string,
  home: string,
  other: string,
  guides = "",
): string {
  const words = WORDS[language];
  return `<header class="site-header" data-root="${up}" data-language="${language}">
<a class="site-name" href="${up}${home}">sora-ffi</a>
${guides && `<details class="site-guides"><summary>${words.guides}</summary>${guides}</details>`}
<a href="${up}api/index.html">API</a>
<div class="site-search"><input type="search" placeholder="${words.search}" aria-label="${words.search}"><ol hidden></ol></div>
<a class="site-language" lang="${
    language === "en" ? "ja" : "en"
  }" href="${up}${other}">${words.other}</a>
</header>`;
}

/** The links to what every page loads. */
export function head(up: string): string {
  return `<link rel="stylesheet" href="${up}site.css">
<script defer src="${up}search_index.js"></script>
<script defer src="${up}search.js"></script>`;
}

/** The navigation, in which the present page is marked. */
export function navigation(parts: Navigation, up: string, current: string): string {
  const items = parts.filter(({ links }) => links.length > 0).map(({ title, links }) =>
    `<h2>${escape(title)}</h2><ul>${
      links.map(({ title, url, foreign }) =>
        `<li><a href="${up}${url}"${url === current ? ' aria-current="page"' : ""}${
          foreign ? ' lang="en"' : ""
        }>${escape(title)}</a></li>`
      ).join("")
    }</ul>`
  );
  return `<nav class="site-navigation">${items.join("\n")}</nav>`;
}

/** A whole page. */
export function document(
  { language, title, up, home, other, navigation, content }: {
    readonly language: Language;
    readonly title: string;
    readonly up: string;
    readonly home: string;
    readonly other: string;
    readonly navigation: string;
    readonly content: string;
  },
): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
${head(up)}
</head>
<body>
${header(language, up, home, other)}
<div class="site-body">
${navigation}
<main>
${content}</main>
</div>
</body>
</html>
`;
}
