/**
 * The files of the page, read from the checkout. In a package another module has this one's place, with the files inside: what a
 * bundler or JSR made of it has no folder to read from.
 */
import { readFileSync } from "node:fs";

/** The official SDK for browsers, which the page's scripts import as `sora.js`. */
const CLIENT = new URL("../../node_modules/sora-js-sdk/dist/sora.js", import.meta.url);
const FOLDER = new URL("./web/", import.meta.url);

/**
 * The text of a file.
 *
 * @throws The error of the system, or of Deno when it may not be read.
 */
export function readPageFile(name: string): string {
  return readFileSync(name === "sora.js" ? CLIENT : new URL(name, FOLDER), "utf8");
}
