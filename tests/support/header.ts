/**
 * Reads the C headers of the native library, for comparing TypeScript with them.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

const include = new URL("../../csrc/include/", import.meta.url);

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, " ").replaceAll(/\/\/.*/g, " ");
}

/** All headers as one text, without comments. */
export function headerText(): string {
  const inner = readdirSync(new URL("sora_ffi/", include)).sort()
    .map((name) => new URL(`sora_ffi/${name}`, include));
  return [new URL("sora_ffi.h", include), ...inner]
    .map((url) => withoutComments(readFileSync(url, "utf8"))).join("\n");
}

/** A prototype with its white space made uniform. */
export function normalized(prototype: string): string {
  return prototype.replaceAll(/\s+/g, " ").replaceAll(/ ?([(),*]) ?/g, "$1").trim();
}

/** Every exported prototype by the function's name, normalized. */
export function headerPrototypes(): Map<string, string> {
  const found = headerText().matchAll(/SORA_EXPORT\s+(\w+\s+(\w+)\s*\([^;]*\))\s*;/g);
  return new Map(
    Array.from(found, ([, prototype = "", name = ""]) => [name, normalized(prototype)]),
  );
}

/** The members of an enum, without the prefix. */
export function headerEnum(name: string, prefix: string): Record<string, number> {
  const body = new RegExp(`enum ${name}\\s*\\{([^}]*)\\}`).exec(headerText())?.[1] ?? "";
  const members = body.matchAll(/(\w+)\s*=\s*(-?\d+)/g);
  return Object.fromEntries(
    Array.from(members, ([, key = "", value]) => [key.replace(prefix, ""), Number(value)]),
  );
}

/** The number that a macro stands for. */
export function headerMacro(name: string): number {
  return Number(new RegExp(`#define ${name}\\s+(\\d+)`).exec(headerText())?.[1]);
}
