/** The `@example` of every exported class and function: that there is one, that it runs, prints what it says, and ends. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  announced,
  type Documented,
  documented,
  isAsAnnounced,
  runCommand,
} from "../support/doc_examples.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = `${root}out/doc-examples-${basename(process.execPath)}`;
const { exports } = JSON.parse(await readFile(`${root}package.json`, "utf8")) as {
  exports: Record<string, string>;
};
const modules = Object.values(exports).map((path) => path.slice("./".length));

const symbols: Documented[] = (await Promise.all(modules.map(documented))).flat();
const file = ({ module, name }: Documented) =>
  `${folder}/${module.replace(/\/?mod\.ts$/, "") || "sora"}_${name}.ts`;
await mkdir(folder, { recursive: true });
for (const symbol of symbols) {
  if (symbol.program) await writeFile(file(symbol), `${symbol.program}\nexport {};\n`);
}

interface Ended {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function execute([command, ...args]: readonly string[]): Promise<Ended> {
  return new Promise((resolve) =>
    execFile(
      command!,
      args,
      { cwd: root, timeout: 60_000, killSignal: "SIGKILL" },
      (error, stdout, stderr) =>
        resolve({ code: error ? error.code ?? error.signal ?? 1 : 0, stdout, stderr }),
    )
  );
}

test("every exported class and function has an example", () => {
  assert.ok(symbols.length >= 40, `${symbols.length} symbols`);
  const without = symbols.filter(({ program }) => program === undefined);
  assert.deepEqual(without.map(({ module, name }) => `${module}: ${name}`), []);
});

const runs = new Map<Documented, Promise<Ended>>();

/** Runs a program, and the next one beside it: most of the time, a program waits. */
function run(symbol: Documented): Promise<Ended> {
  const at = symbols.indexOf(symbol);
  for (const next of symbols.slice(at, at + 2)) {
    if (next.program && !runs.has(next)) runs.set(next, execute(runCommand(file(next))));
  }
  return runs.get(symbol)!;
}

for (const symbol of symbols) {
  // Those of devices need a sound server: see devices_page_test.ts.
  if (symbol.program === undefined || symbol.module === "devices/mod.ts") continue;
  test(`the example of ${symbol.name} runs, and prints what it says`, async () => {
    const { code, stdout, stderr } = await run(symbol);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(stderr, "");
    const lines = stdout.split("\n").slice(0, -1);
    const expected = announced(symbol.program!);
    for (const [at, line] of expected.entries()) {
      assert.ok(isAsAnnounced(lines[at] ?? "", line), `${lines[at]} instead of ${line}`);
    }
  });
}
