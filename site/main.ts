/**
 * Writes the site with the guides and the reference of the API: `deno run -A site/main.ts [FOLDER]`, by default `out/site`.
 *
 * @module
 */

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { writeApi } from "./api.ts";
import type { Language } from "./contents.ts";
import { document, header, type Navigation, navigation } from "./layout.ts";
import { names, type Page, readPage } from "./pages.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const [folder = join(root, "out/site")] = process.argv.slice(2);
const languages: readonly Language[] = ["en", "ja"];

const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
  exports: Record<string, string>;
  repository: { url: string };
};
const repository = `${
  manifest.repository.url.replace(/^git\+/, "").replace(/\.git$/, "")
}/blob/main`;

const contents = names();
const pages = languages.flatMap((language) =>
  ["index", ...contents.flatMap((part) => part.names)]
    .flatMap((name) => readPage(name, language, repository) ?? [])
);
const find = (name: string, language: Language): Page | undefined =>
  pages.find((page) => page.name === name && page.language === language);

/** The navigation of a language; what is there in English alone is linked in English. */
function navigationOf(language: Language): Navigation {
  return contents.map((part) => ({
    title: part.title[language],
    links: part.names.map((name) => {
      const page = find(name, language) ?? find(name, "en")!;
      return { title: page.title, url: page.url, foreign: page.language !== language };
    }),
  }));
}

/** The first page of a language, or else the English one. */
function home(language: Language): string {
  return (find("index", language) ?? find("index", "en")!).url;
}

/** Where a page is in the other language; the first page when it is not there. */
function counterpart(name: string, language: Language): string {
  const other = language === "en" ? "ja" : "en";
  return find(name, other)?.url ?? home(other);
}

const write = async (path: string, content: string) => {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
};

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
for (const page of pages) {
  const { language, name, title, html, url } = page;
  const up = language === "en" ? "" : "../";
  const other = counterpart(name, language);
  const around = navigation(navigationOf(language), up, url);
  const head = name === "index" ? title : `${title} – sora-ffi`;
  await write(
    url,
    document({
      language,
      title: head,
      up,
      home: home(language),
      other,
      navigation: around,
      content: html,
    }),
  );
}

const modules = Object.values(manifest.exports);
const symbols = await writeApi(
  process.execPath,
  root,
  modules,
  join(folder, "api"),
  (up) =>
    header(
      "en",
      up,
      home("en"),
      counterpart("index", "en"),
      navigation(navigationOf("en"), up, ""),
    ),
);
const index = [
  ...pages.flatMap(({ language, title, url, sections }) =>
    sections.map(({ heading, id, text }) => ({
      language,
      title,
      heading,
      text,
      url: `${url}#${id}`,
    }))
  ),
  ...symbols.map(({ name, doc, url }) => ({
    language: "api",
    title: "API",
    heading: name,
    text: doc,
    url,
  })),
];
await write("search_index.js", `globalThis.SEARCH_INDEX = ${JSON.stringify(index)};\n`);
for (const file of ["site.css", "search.js"]) {
  await copyFile(join(root, "site/web", file), join(folder, file));
}
for (const file of await readdir(join(root, "docs"))) {
  if (/\.(?:png|svg)$/.test(file)) await copyFile(join(root, "docs", file), join(folder, file));
}
console.log(
  `${pages.length} pages and ${symbols.length} symbols: ${join(folder, "index.html")}`,
);
