/** The pages that users read: both languages say the same, links lead somewhere, and none is too long. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { anchor, japanesePath, pagePaths, readPage, withoutComments } from "../support/pages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const exists = (path: string) => existsSync(join(root, path));

/** For contributors, who read English. */
const englishOnly = new Set(["docs/suites.md", "docs/videotoolbox.md"]);

const japanese = pagePaths.map(japanesePath).filter(exists);
const pages = [...pagePaths, ...japanese].map(readPage);
const translated = pagePaths.filter((path) => exists(japanesePath(path)));

test("every page is in English and in Japanese", () => {
  const missing = pagePaths.filter((path) => !exists(japanesePath(path)));
  assert.deepEqual(new Set(missing), englishOnly);
});

test("a page has the same headings in both languages", () => {
  for (const path of translated) {
    const [english, other] = [path, japanesePath(path)].map((one) =>
      readPage(one).headings.map(({ level }) => level)
    );
    assert.deepEqual(other, english, japanesePath(path));
  }
});

test("a page has tables and lists of the same size in both languages", () => {
  for (const path of translated) {
    const [english, other] = [path, japanesePath(path)].map((one) => {
      const { tables, lists } = readPage(one);
      return { tables, lists };
    });
    assert.deepEqual(other, english, japanesePath(path));
  }
});

test("a page has the same code in both languages, but for comments", () => {
  for (const path of translated) {
    const [english, other] = [path, japanesePath(path)].map((one) =>
      readPage(one).blocks.map((block) => ({
        language: block.language,
        code: withoutComments(block),
        file: block.file,
      }))
    );
    assert.deepEqual(other, english, japanesePath(path));
  }
});

test("the Japanese pages are Japanese", () => {
  for (const path of japanese) {
    for (const { text } of readPage(path).headings.slice(1)) {
      // Names of code are the same in every language.
      if (!/^[`\w .@/-]+$/.test(text)) assert.match(text, /[ぁ-んァ-ヶ一-龠]/, `${path}: ${text}`);
    }
  }
});

test("relative links lead to files and headings that exist", () => {
  for (const { path, links } of pages) {
    for (const link of links) {
      if (/^\w+:/.test(link)) continue;
      const [file = "", name] = link.split("#");
      const target = file === "" ? path : normalize(join(dirname(path), file));
      assert.ok(exists(target), `${path}: ${link} leads to no file`);
      if (name === undefined || !target.endsWith(".md")) continue;
      const names = readPage(target).headings.map(({ text }) => anchor(text));
      assert.ok(names.includes(decodeURIComponent(name)), `${path}: ${link} leads to no heading`);
    }
  }
});

test("a Japanese page leads to Japanese pages where there are any", () => {
  for (const { path, links } of pages.filter(({ path }) => japanese.includes(path))) {
    for (const link of links) {
      const target = normalize(join(dirname(path), link.replace(/#.*/, "")));
      // To the page in English itself, for those who prefer that.
      if (!pagePaths.includes(target) || japanesePath(target) === path) continue;
      assert.ok(!exists(japanesePath(target)), `${path}: ${link} is there in Japanese`);
    }
  }
});

test("a page has two screens at most, and the README 900 words", () => {
  for (const path of pagePaths) {
    const { words } = readPage(path);
    const limit = path === "README.md" ? 900 : 650;
    assert.ok(words <= limit, `${path} has ${words} words of ${limit}`);
  }
});
