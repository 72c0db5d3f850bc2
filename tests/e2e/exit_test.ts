import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SoraServer } from "../../sfu/mod.ts";
import type { WorkersTask } from "../stress/programs/workers.ts";
import { Child, type Ended } from "../support/child.ts";

/** A process that has not ended this long after it was asked counts as hung; bench/exits.ts measures how long it takes. */
const END_MS = 20_000;
const ROUNDS = 5;
/** The row `workers` of `make stress` has many more, which end in other states as well. */
const WORKERS: WorkersTask = {
  count: 12,
  atOnce: 4,
  seed: 1,
  goOnMs: 1_500,
  seconds: 60,
  anyMoment: false,
};
const WORKERS_LIMIT_MS = 32_000;

const programs = {
  media: new URL("../support/exit_program.ts", import.meta.url),
  worker: new URL("../support/exit_worker_program.ts", import.meta.url),
  workers: new URL("../stress/programs/workers.ts", import.meta.url),
  alive: new URL("../support/alive_program.ts", import.meta.url),
};
let server: SoraServer;
let channels = 0;

before(async () => {
  server = await SoraServer.start({ port: 0 });
});

after(() => server.close());

function start(program: URL, how: string): Child {
  return new Child(program, [how, server.url, `exit ${++channels}`]);
}

/** Runs a program until media flows, has it end, and gives how and in which time it did. */
async function end(program: URL, how: string, signal?: NodeJS.Signals) {
  await using child = start(program, how);
  await child.line("ready");
  const asked = performance.now();
  if (signal !== undefined) child.kill(signal);
  const { at, ...end } = await child.ended();
  assert.ok(at - asked <= END_MS, `it took ${(at - asked).toFixed()} ms`);
  return { ...end, errors: child.errors, lines: child.lines };
}

const ways: Readonly<
  Record<string, { how: string; signal?: NodeJS.Signals; end: Omit<Ended, "at">; says?: RegExp }>
> = {
  "process.exit()": { how: "exit", end: { code: 7, signal: null } },
  "an uncaught error": {
    how: "throw",
    end: { code: 1, signal: null },
    says: /thrown on purpose/,
  },
  SIGTERM: { how: "wait", signal: "SIGTERM", end: { code: null, signal: "SIGTERM" } },
  SIGINT: { how: "wait", signal: "SIGINT", end: { code: null, signal: "SIGINT" } },
};

for (const [way, { how, signal, end: expected, says }] of Object.entries(ways)) {
  test(`${way} while media flows ends the process at once and as asked`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { errors, lines: _, ...ended } = await end(programs.media, how, signal);
      assert.deepEqual(ended, expected, errors);
      assert.match(errors, says ?? /^$/);
    }
  });
}

test("a Worker is terminated while media flows in it, and the process ends by itself", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { code, signal, errors, lines } = await end(programs.worker, "terminate");
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, errors);
    assert.equal(lines.at(-1), "terminated");
    assert.equal(errors, "");
  }
});

test("Workers that are terminated, throw or exit while media flows leave nothing behind, and the process goes on", async () => {
  await using child = new Child(programs.workers, [server.url, JSON.stringify(WORKERS)]);
  const { code, signal } = await child.ended(WORKERS_LIMIT_MS);
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
  assert.deepEqual(child.lines.slice(-2), [
    `ended ${WORKERS.count}`,
    'left {"objects":0,"threads":0,"descriptors":0}',
  ]);
});

test("process.exit() while media flows in a Worker ends the process at once", async () => {
  for (let round = 0; round < ROUNDS; round++) {
    const { code, signal, errors } = await end(programs.worker, "exit");
    assert.deepEqual({ code, signal }, { code: 7, signal: null }, errors);
    assert.equal(errors, "");
  }
});

test("a program whose connection is closed ends by itself", async () => {
  await using child = start(programs.alive, "closed");
  await child.line("disconnected");
  const closed = performance.now();
  const { code, signal, at } = await child.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
  assert.ok(at - closed <= END_MS, `it took ${(at - closed).toFixed()} ms`);
});

test("a program with an open connection stays alive until it is closed", async () => {
  await using child = start(programs.alive, "open");
  const { code, signal } = await child.ended();
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, child.errors);
  assert.deepEqual(child.lines, ["connected", "disconnected"]);
});
