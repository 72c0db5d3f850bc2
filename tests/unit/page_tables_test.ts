/** The tables of pages against the code that they describe. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { reconnectDelay, reconnectPolicy } from "../../signaling/options/reconnect_policy.ts";
import { SoraSignalingErrorCode } from "../../base/errors.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { firstCells, japanesePath, pagePaths } from "../support/pages.ts";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");
const ofCode = (cells: readonly string[]) =>
  cells.flatMap((cell) => /^`([A-Z_]+)`$/.exec(cell)?.[1] ?? []);

test("troubleshooting names every code of SoraError, in order", () => {
  const [, union = ""] = /type SoraLibraryErrorCode =([^]*?);/.exec(read("base/errors.ts")) ?? [];
  const library = [...union.matchAll(/"([A-Z_]+)"/g)].map(([, code]) => code);
  assert.ok(library.includes("LIBRARY_NOT_FOUND"));
  const codes = [...Object.values(SoraSignalingErrorCode), ...library];
  for (const path of ["docs/troubleshooting.md", japanesePath("docs/troubleshooting.md")]) {
    assert.deepEqual(ofCode(firstCells(path)), codes, path);
  }
});

test("reconnecting names every code of onDisconnect, and the reasons after which it is tried again", () => {
  const policy = reconnectPolicy({});
  const reasons = new Set(
    [...read("signaling/options/reconnect_policy.ts").matchAll(/"([A-Z]+(?:-[A-Z]+)+)"/g)]
      .map(([, reason = ""]) => reason)
      .filter((reason) => {
        const ending = { code: "WEBSOCKET_ONCLOSE", close: { code: 4490, reason } } as const;
        return reconnectDelay(policy, ending, 0, () => 0) !== undefined;
      }),
  );
  assert.ok(reasons.has("TRANSPORT-ERROR"));
  for (const path of ["docs/reconnecting.md", japanesePath("docs/reconnecting.md")]) {
    assert.deepEqual(
      new Set(ofCode(firstCells(path))),
      new Set(Object.values(SoraSignalingErrorCode)),
      path,
    );
    const [, list = ""] = /4490[^\n|]*: (`[A-Z-]+`[^\n]*)$/m.exec(read(path)) ?? [];
    assert.deepEqual(new Set(list.match(/[A-Z]+(?:-[A-Z]+)+/g)), reasons, path);
  }
});

test("the README's checks are tests and targets that there are", () => {
  const tests = readdirSync(new URL("tests/", root), { recursive: true, encoding: "utf8" })
    .map((path) => path.replace(/^.*\//, ""));
  const makefile = read("Makefile");
  for (const path of ["README.md", "README.ja.md"]) {
    const [table = ""] = /^\|[^\n]*`make test`[^]*?\n\n/m.exec(read(path)) ?? [];
    const rows = table.trimEnd().split("\n").slice(2).map((row) => row.split("|")[2]!);
    assert.ok(rows.length >= 9, path);
    for (const row of rows) {
      const checks = [...row.matchAll(/`([^`]+)`/g)].map(([, check]) => check!);
      assert.ok(checks.length > 0, `${path}: ${row}`);
      for (const check of checks) {
        const [, target] = /^make (\w+)/.exec(check) ?? [];
        const name = new RegExp(`^${check.replaceAll("*", "\\w+").replaceAll(".", "\\.")}$`);
        const found = target !== undefined
          ? new RegExp(`^${target}:`, "m").test(makefile)
          : check === "tests/" || tests.some((one) => name.test(one));
        assert.ok(found, `${path}: ${check}`);
      }
    }
  }
});

test("the commands and targets that pages name are there", () => {
  const makefile = read("Makefile");
  let named = 0;
  for (const path of [...pagePaths, ...pagePaths.map(japanesePath)]) {
    // suites.md has no counterpart.
    if (!existsSync(new URL(path, root))) continue;
    const text = read(path);
    for (const [, command = ""] of text.matchAll(/\bsora-ffi(?:\/cli)? +([a-z]+)(?=[\s`])/g)) {
      assert.ok(Object.hasOwn(COMMANDS, command), `${path}: sora-ffi ${command}`);
      named++;
    }
    for (const [, target] of text.matchAll(/(?:`|^)make ([a-z-]+)/gm)) {
      assert.match(makefile, new RegExp(`^${target}:`, "m"), `${path}: make ${target}`);
      named++;
    }
  }
  assert.ok(named > 50, `${named} are named`);
});
