import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

test("docs/suites.md names tests that there are", () => {
  const rows = read("docs/suites.md").split("\n").filter((line) => /^\|.*`tests\//.test(line));
  assert.ok(rows.length > 25, `${rows.length} rows`);
  for (const row of rows) {
    const [path, name] = row.split("|").slice(-3, -1).map((cell) => /^ `(.*)` +$/.exec(cell)?.[1]);
    assert.ok(path !== undefined && name !== undefined, row);
    assert.ok(read(path).includes(name), `${path} has no test with ${name}`);
  }
});
