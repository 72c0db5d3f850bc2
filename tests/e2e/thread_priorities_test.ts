/** The priorities of the library's threads, with the rights for them and without: what they are is read from the system. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Child } from "../support/child.ts";

const program = new URL("../support/threads_program.ts", import.meta.url);
const doctor = new URL("../../cli/mod.ts", import.meta.url);

/** Of sched(7). */
const OTHER = 0;
const ROUND_ROBIN = 2;
const BATCH = 3;

interface Thread {
  readonly main: boolean;
  readonly name: string;
  readonly policy: number;
  readonly nice: number;
  readonly realTime: number;
}

/** Names of threads as the system keeps them, by what they do. */
const ROLES = {
  audio: ["sora-audio", "sora-source", "AudioEncoder"],
  network: ["sora-network"],
  decoder: ["DecodingQueue"],
  encoder: ["EncoderQueue"],
};

type Priority = Pick<Thread, "policy" | "nice" | "realTime">;

const nice = (value: number, policy = OTHER): Priority => ({ policy, nice: value, realTime: 0 });

const AS_THE_PROCESS = { audio: nice(0), network: nice(0), decoder: nice(0), encoder: nice(0) };

/** Takes CAP_SYS_NICE away, and sets both limits. */
const limited = (realTime: number, niceLimit: number) => [
  ...["prlimit", `--rtprio=${realTime}`, `--nice=${niceLimit}`],
  ...["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice", "--ambient-caps=-all"],
];

const CAP_SYS_NICE = 23n;
const CAP_SYS_RESOURCE = 24n;
const effective = BigInt(
  `0x${/^CapEff:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))![1]}`,
);
const skip = (effective >> CAP_SYS_NICE & 1n) === 0n &&
  "this process may not raise threads, so that the others would show nothing";

/** The limit for nice -5: it counts from 20 down. */
const NICE_LIMIT = 25;
const mayRaise = (effective >> CAP_SYS_RESOURCE & 1n) === 1n ||
  Number(/^Max nice priority +\d+ +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1]) >=
    NICE_LIMIT;
const skipLimit = skip || !mayRaise && "this process may not raise RLIMIT_NICE (CAP_SYS_RESOURCE)";

/** Runs the program, and compares its threads and its log. */
async function check(
  expected: Readonly<Record<keyof typeof ROLES, Priority>>,
  command: readonly string[],
  ...args: string[]
): Promise<void> {
  await using child = new Child(program, args, ["-A"], {}, [], command);
  const { code } = await child.ended(30_000);
  assert.equal(code, 0, child.errors);
  const { threads, logged } = JSON.parse(child.lines[0]!) as { threads: Thread[]; logged: string };
  for (const [role, names] of Object.entries(ROLES)) {
    const own = threads.filter(({ name }) => names.some((one) => one.startsWith(name)));
    assert.ok(own.length > 0, `${role}: ${child.lines[0]}`);
    for (const { name, policy, nice, realTime } of own) {
      const wanted = expected[role as keyof typeof ROLES];
      assert.deepEqual({ name, policy, nice, realTime }, { name, ...wanted });
    }
  }
  const wordOf = ({ realTime, nice }: Priority) =>
    realTime > 0 ? `real-time ${realTime}` : `nice ${nice}`;
  const words = Object.entries(expected).map(([role, priority]) => [role, wordOf(priority)]);
  if (args.includes("false")) assert.equal(logged, "those of the process");
  else assert.deepEqual(JSON.parse(logged), Object.fromEntries(words));
  // JavaScript's own thread.
  for (const { policy, realTime } of threads.filter(({ main }) => main)) {
    assert.deepEqual({ policy, realTime }, { policy: OTHER, realTime: 0 });
  }
}

test(
  "threads of media have the priorities of their roles where the system allows them",
  { skip },
  () =>
    check({
      audio: { policy: ROUND_ROBIN, nice: -14, realTime: 1 },
      network: nice(-12),
      decoder: nice(-10),
      encoder: nice(-8, BATCH),
    }, []),
);

test(
  "threads of media keep the priority of the process without the right to more",
  { skip },
  () => check(AS_THE_PROCESS, limited(0, 0)),
);

test("threads of media get as much as RLIMIT_NICE allows", { skip: skipLimit }, () =>
  check(
    { audio: nice(-5), network: nice(-5), decoder: nice(-5), encoder: nice(-5, BATCH) },
    limited(0, NICE_LIMIT),
  ));

test("threads of media keep the priority of a process that was put back", { skip }, () => {
  const back = nice(7);
  return check({ audio: back, network: back, decoder: back, encoder: back }, ["nice", "-n", "7"]);
});

test(
  "raiseThreads: false lets threads of media have the priority of the process",
  { skip },
  () => check(AS_THE_PROCESS, [], "false"),
);

test("doctor says which priorities threads get, and what more would take", { skip }, async () => {
  const found = async (command: readonly string[]) => {
    await using child = new Child(doctor, ["doctor"], ["-A"], {}, [], command);
    await child.ended(30_000);
    return JSON.parse(child.lines[0]!).checks.threads;
  };
  const { text, audio, encoder } = await found([]);
  assert.equal(text, "audio real-time 1, network nice -12, decoder nice -10, encoder nice -8");
  assert.deepEqual([audio, encoder], ["real-time 1", "nice -8"]);
  const without = await found(limited(0, 0));
  assert.match(without.text, /^audio nice 0, .*: .*CAP_SYS_NICE, RLIMIT_RTPRIO or RLIMIT_NICE$/);
  assert.equal(without.verdict, "ok");
});
