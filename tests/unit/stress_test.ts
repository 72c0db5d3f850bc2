/** The frame of `make stress`: arguments, sharing of time, findings, the table and the file with the results. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../cli/command.ts";
import { stressOptions } from "../stress/options.ts";
import { withFigures } from "../stress/page.ts";
import { chosen, isMeant, listed, replayOf, turnsOf } from "../stress/plan.ts";
import { merged, type Recorded, type Results } from "../stress/results.ts";
import type { Row, RowContext } from "../stress/row.ts";
import { ROWS } from "../stress/rows.ts";
import { Display, table } from "../stress/table.ts";
import { type Outcome, runTurn, type Surroundings } from "../stress/turn.ts";

const idle: Row = {
  name: "idle",
  what: "nothing happens",
  asked: "nothing",
  on: "each",
  weight: 1,
  run: () => Promise.resolve({ measured: "nothing", figures: { nothing: 0 } }),
};

const row = (name: string, more: Partial<Row> = {}): Row => ({ ...idle, name, ...more });

function surroundings(more: Partial<Surroundings> = {}): Surroundings {
  return {
    seed: 7,
    signal: new AbortController().signal,
    command: (runtime, program, args) => [runtime, program, ...args],
    progress: () => {},
    found: () => {},
    ...more,
  };
}

const turn = (run: Row["run"]) =>
  ({ row: row("one", { run }), runtime: "bun", minutes: 2 }) as const;

test("stressOptions has defaults, and names what is wrong", () => {
  const defaults = stressOptions([], () => 5);
  assert.deepEqual(defaults.only, []);
  assert.deepEqual([defaults.minutes, defaults.hours, defaults.seed], [30, undefined, 5]);
  assert.deepEqual(defaults.runtimes, ["deno", "bun"]);
  const given = stressOptions(
    ["--minutes", "60", "--only", "exits", "--only", "soak", "--seed", "9", "--runtime", "bun"],
    () => 5,
  );
  assert.deepEqual([given.minutes, given.seed, given.runtimes], [60, 9, ["bun"]]);
  assert.deepEqual(given.only, ["exits", "soak"]);
  const wrong: readonly (readonly [string[], RegExp])[] = [
    [["--minutes", "0"], /^--minutes must be .*, not 0$/],
    [["--seed", "x"], /^--seed must be an integer, not "x"$/],
    [["--runtime", "node"], /^--runtime must be one of "deno", "bun", "both", not "node"$/],
    [["--unknown"], /--unknown/],
  ];
  for (const [args, message] of wrong) {
    assert.throws(() => stressOptions(args, () => 5), { name: "UsageError", message });
    assert.throws(() => stressOptions(args, () => 5), UsageError);
  }
});

test("isMeant takes the beginning of a name, or words of it", () => {
  for (const only of ["hostile server", "hostile", "host", "server", "Server hostile"]) {
    assert.ok(isMeant("hostile server", only), only);
  }
  for (const only of ["", "serve", "client", "hostile client", "tile"]) {
    assert.ok(!isMeant("hostile server", only), only);
  }
});

test("chosen refuses what means no row", () => {
  const rows = [row("exits"), row("hostile server")];
  assert.deepEqual(chosen(rows, []).map(({ name }) => name), ["exits", "hostile server"]);
  assert.deepEqual(chosen(rows, ["server"]).map(({ name }) => name), ["hostile server"]);
  assert.throws(() => chosen(rows, ["exits", "soak"]), {
    name: "RangeError",
    message: '--only must be one of exits, hostile server, not "soak"',
  });
});

test("turnsOf shares the minutes by weight, and those of a row among the runtimes", () => {
  const rows = [
    row("a", { weight: 3 }),
    row("b", { on: "once" }),
    row("c", { takesHours: true, weight: 2 }),
  ];
  const minutes = (options: Parameters<typeof turnsOf>[1]) =>
    turnsOf(rows, options).map(({ row, runtime, minutes }) => [row.name, runtime, minutes]);
  assert.deepEqual(minutes({ minutes: 60, runtimes: ["deno", "bun"] }), [
    ["a", "deno", 15],
    ["a", "bun", 15],
    ["b", "deno", 10],
    ["c", "deno", 10],
    ["c", "bun", 10],
  ]);
  assert.deepEqual(minutes({ minutes: 60, hours: 8, runtimes: ["bun"] }), [
    ["a", "bun", 30],
    ["b", "bun", 10],
    ["c", "bun", 480],
  ]);
});

test("listed says how long each row takes on each runtime", () => {
  const rows = [row("a", { weight: 3 }), row("b", { on: "once" })];
  assert.deepEqual(listed(turnsOf(rows, { minutes: 60, runtimes: ["deno", "bun"] })), [
    ["a", "2 × 22.5 min", "nothing happens", "nothing"],
    ["b", "15.0 min", "nothing happens", "nothing"],
  ]);
});

test("replayOf is a command whose row gets the same minutes again", () => {
  const [first] = turnsOf([row("hostile server", { weight: 2 }), row("b")], {
    minutes: 30,
    runtimes: ["deno", "bun"],
  });
  const command = replayOf(first!, 17);
  const [, quoted = ""] = /^make stress ARGS='(.*)'$/.exec(command) ?? [];
  const args = [...quoted.matchAll(/"([^"]*)"|(\S+)/g)].map(([, a, b]) => a ?? b!);
  const options = stressOptions(args, () => 0);
  assert.deepEqual([options.seed, options.runtimes], [17, ["deno"]]);
  const [again] = turnsOf(chosen([row("hostile server")], options.only), options);
  assert.ok(Math.abs(again!.minutes / first!.minutes - 1) < 0.05, command);
});

test("runTurn reports what was measured, with every finding and how to see it again", async () => {
  const seen: string[] = [];
  const outcome = await runTurn(
    turn((context: RowContext) => {
      context.progress(2, "more than all");
      context.found({ what: "first" });
      context.found({ what: "second", replay: "look" });
      assert.deepEqual(context.command("p.ts", "x"), ["bun", "p.ts", "x"]);
      return Promise.resolve({ measured: "two", figures: { two: 2 } });
    }),
    surroundings({
      found: ({ what }) => seen.push(what),
      progress: (done, text) => seen.push(`${done} ${text}`),
    }),
  );
  assert.deepEqual(seen, ["1 more than all", "first", "second"]);
  assert.deepEqual([outcome?.measured, outcome?.figures], ["two", { two: 2 }]);
  assert.deepEqual(outcome?.findings, [
    {
      what: "first",
      replay: `make stress ARGS='--only "one" --runtime bun --seed 7 --minutes 2'`,
    },
    { what: "second", replay: "look" },
  ]);
});

test("runTurn takes what a row throws for a finding, and counts those that are too many", async () => {
  const thrown = await runTurn(turn(() => Promise.reject(new Error("broken"))), surroundings());
  assert.equal(thrown?.findings.length, 1);
  assert.match(thrown?.findings[0]?.what ?? "", /^Error: broken/);
  const many = await runTurn(
    turn((context) => {
      for (let i = 0; i < 100; i++) context.found({ what: "x".repeat(10_000) });
      return Promise.resolve({ measured: "", figures: {} });
    }),
    surroundings(),
  );
  assert.equal(many?.findings.length, 21);
  assert.equal(many?.findings.at(-1)?.what, "80 more findings");
  assert.equal(many?.findings[0]?.what.length, 4_000);
});

test("runTurn ends a row that takes too long, also one that does not listen", async () => {
  for (const listens of [true, false]) {
    const outcome = await runTurn(
      turn(({ signal }) =>
        new Promise((resolve) => {
          if (!listens) return;
          signal.addEventListener("abort", () => resolve({ measured: "cut", figures: {} }));
        })
      ),
      surroundings({ limits: { limitMs: 5, graceMs: 5 } }),
    );
    assert.equal(outcome?.measured, listens ? "cut" : undefined);
    assert.deepEqual(outcome?.findings.map(({ what }) => what), [
      "it did not end within 0.0 minutes, and was ended",
    ]);
  }
});

test("runTurn builds before the row runs, and does not run what was not built", async () => {
  const steps: string[] = [];
  const builds = (prepare: NonNullable<Row["prepare"]>) => ({
    row: row("one", {
      prepare,
      run: () => {
        steps.push("run");
        return Promise.resolve({ measured: "all", figures: {} });
      },
    }),
    runtime: "bun",
    minutes: 2,
  } as const);
  const limits = { limits: { buildMs: 5, graceMs: 5 } };
  const good = await runTurn(
    builds(({ progress }) => {
      progress(0, "building");
      return Promise.resolve();
    }),
    surroundings({ progress: (_, text) => steps.push(text) }),
  );
  assert.deepEqual(steps, ["building", "run"]);
  assert.equal(good?.measured, "all");
  assert.ok((good?.builtSeconds ?? -1) >= 0);
  const broken = await runTurn(builds(() => Promise.reject(new Error("broken"))), surroundings());
  assert.match(broken?.findings[0]?.what ?? "", /^Error: broken/);
  const late = await runTurn(builds(() => new Promise(() => {})), surroundings(limits));
  assert.deepEqual(late?.findings.map(({ what }) => what), [
    "building did not end within 0.0 minutes, and was ended",
  ]);
  assert.equal(steps.length, 2);
  assert.deepEqual([broken?.measured, late?.measured], [undefined, undefined]);
});

test("runTurn gives nothing of a row that the user interrupted", async () => {
  const user = new AbortController();
  const outcome = await runTurn(
    turn(({ signal }) => {
      user.abort();
      return Promise.reject(signal.reason);
    }),
    surroundings({ signal: user.signal }),
  );
  assert.equal(outcome, undefined);
});

test("runTurn takes what is thrown in no promise of the row for a finding, while it runs", async () => {
  let throwAside: (error: unknown) => void = () => {};
  let watching = false;
  const outcome = await runTurn(
    turn(() => {
      throwAside(new Error("aside"));
      return Promise.resolve({ skipped: "no reason" });
    }),
    surroundings({
      watch: (onError) => {
        watching = true;
        throwAside = onError;
        return { [Symbol.dispose]: () => watching = false };
      },
    }),
  );
  assert.match(outcome?.findings[0]?.what ?? "", /^Error: aside/);
  assert.equal(outcome?.skipped, "no reason");
  assert.equal(watching, false);
});

const outcome = (name: string, more: Partial<Outcome> = {}): Outcome => ({
  name,
  runtime: "deno",
  asked: "none",
  minutes: 1,
  seconds: 61,
  figures: {},
  findings: [],
  ...more,
});

test("table has a verdict for each row, and below it what was found", () => {
  const text = table([
    outcome("exits", { measured: "90 ends" }),
    outcome("fuzz", { skipped: "no fuzzer here" }),
    outcome("memory", { measured: "0 errors", builtSeconds: 125 }),
    outcome("storm", { measured: "9 joins", findings: [{ what: "gone", replay: "again" }] }),
  ]);
  assert.match(text, /^ok +exits +deno +1:01 +90 ends +none$/m);
  assert.match(text, /^skipped +fuzz +deno +1:01 +no fuzzer here +none$/m);
  assert.match(text, /^ok +memory +deno +1:01, built in 2:05 +0 errors +none$/m);
  assert.match(text, /^FOUND 1 +storm/m);
  assert.match(text, /^storm on deno: gone\n {2}again: again$/m);
});

test("Display writes a bar over all turns on a terminal, and lines now and then elsewhere", () => {
  const turns = turnsOf([row("a", { weight: 3 }), row("b")], { minutes: 4, runtimes: ["deno"] });
  for (const isTTY of [true, false]) {
    let [text, now] = ["", 0];
    const output = { isTTY, columns: 80, write: (part: string) => text += part };
    {
      using display = new Display(output, turns, () => now);
      display.begin(turns[0]!);
      display.progress(0.5, "five");
      now += 31_000;
      display.progress(2 / 3, "six");
      display.end(outcome("a", { measured: "all" }));
      display.begin(turns[1]!);
      display.found({ what: "wrong", replay: "again" });
    }
    assert.match(text, /ok +a on deno: all \(1:01\)/);
    assert.match(text, /FOUND +b on deno: wrong\n +again: again/);
    assert.match(
      text,
      isTTY ? /\[#{10}\.{10}\] 50 % {2}a on deno: six/ : /^ 50 % {2}a on deno: six$/m,
    );
    assert.equal(text.includes("five"), isTTY);
    assert.equal(text.endsWith("\n"), true);
  }
});

test("merged puts new figures in place of old ones of the same row, runtime and machine", () => {
  const machine = { cores: 2, cpu: "x", memoryGiB: 8, kernel: "Linux 6" };
  const recorded = (name: string, runtime: "deno" | "bun", seed: number): Recorded => ({
    ...outcome(name, { runtime }),
    date: "2026-01-01T00:00:00Z",
    commit: "abc",
    seed,
    load: 0.5,
  });
  const before: Results = {
    machine,
    rows: [recorded("b", "deno", 1), recorded("gone", "deno", 1), recorded("a", "bun", 1)],
  };
  const now: Results = { machine, rows: [recorded("a", "deno", 2), recorded("b", "deno", 2)] };
  const order = ["a", "b"];
  const found = (results: Results) =>
    results.rows.map(({ name, runtime, seed }) => `${name} ${runtime} ${seed}`);
  assert.deepEqual(found(merged(before, now, order)), ["a deno 2", "a bun 1", "b deno 2"]);
  assert.deepEqual(found(merged(undefined, now, order)), ["a deno 2", "b deno 2"]);
  const elsewhere = { ...before, machine: { ...machine, cores: 4 } };
  assert.deepEqual(found(merged(elsewhere, now, order)), ["a deno 2", "b deno 2"]);
});

test("withFigures puts the table between the marks of a page, in both languages", () => {
  const results: Results = {
    machine: { cores: 2, cpu: "x", memoryGiB: 8, kernel: "Linux 6" },
    rows: (["deno", "bun"] as const).map((runtime) => ({
      ...outcome("a", { runtime, measured: "1 | 2" }),
      ...runtime === "bun" ? { findings: [{ what: "gone", replay: "again" }] } : {},
      date: "2026-01-02T03:04:05Z",
      commit: "abc",
      seed: 5,
      load: 0.52,
    })),
  };
  const page = "before\n<!-- stress -->\nold\n<!-- /stress -->\nafter\n";
  for (const [language, head] of [["en", "asked"], ["ja", "求める値"]] as const) {
    const text = withFigures(page, results, language);
    assert.match(text, /^before\n<!-- stress -->\n\n[^]*\n\n<!-- \/stress -->\nafter\n$/);
    assert.ok(!text.includes("old") && text.includes(head));
    const cells =
      "| `a` | none | 1 \\| 2 | **FOUND 1**: 1 \\| 2 | 2026-01-02, 1 min, load 0.5, 5 |";
    assert.ok(text.includes(cells), text);
    // Again, with the same result.
    assert.equal(withFigures(text, results, language), text);
  }
  assert.throws(() => withFigures("no place", results, "en"), /docs\/reliability\.md has no/);
});

test("the rows of make stress have names that --only tells apart", () => {
  const names = ROWS.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, what, asked, weight } of ROWS) {
    assert.match(name, /^[a-z]+( [a-z]+)*$/);
    assert.deepEqual(chosen(ROWS, [name]).map((one) => one.name), [name]);
    assert.ok(what !== "" && asked !== "" && weight > 0, name);
  }
});
