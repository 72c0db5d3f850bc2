import { availableParallelism } from "node:os";
import type { Ended, Process } from "../../support/child.ts";
import { pause } from "../../support/eventually.ts";
import { EXIT_STATES } from "../../support/exit_states.ts";
import { endText, lastOf, start, together } from "../process.ts";
import { Random } from "../random.ts";
import type { Row, RowContext } from "../row.ts";
import { StressServer } from "../server.ts";

const ROUNDS = 20;
const LIMIT_MS = 2_000;
/** While one waits, another has the core. */
const AT_A_TIME = 2 * availableParallelism();
/** A process that has not ended by then has hung. */
const HUNG_MS = 20_000;
const AGAIN_MS = 20;
const DISCONNECT = "Sora_20151104.DisconnectChannel";

const STATES = Object.keys(EXIT_STATES);

const main = "../../support/exit_program.ts";
const worker = "../../support/exit_worker_program.ts";

/** A way to end. */
interface Way {
  readonly program: string;
  /** The program's first argument. */
  readonly how: string;
  readonly signal?: NodeJS.Signals;
  readonly end: Pick<Ended, "code" | "signal">;
  /** Whether the server ends the connections, because nobody else does. */
  readonly byServer?: true;
  /** What it writes to its standard error. */
  readonly says?: RegExp;
}

const code = (value: number) => ({ code: value, signal: null });

const WAYS: Readonly<Record<string, Way>> = {
  "no close": { program: main, how: "leave", end: code(0), byServer: true },
  close: { program: main, how: "close", end: code(0) },
  throw: { program: main, how: "throw", end: code(1), says: /on purpose/ },
  reject: { program: main, how: "reject", end: code(1), says: /on purpose/ },
  exit: { program: main, how: "exit", end: code(7) },
  SIGINT: {
    program: main,
    how: "wait",
    signal: "SIGINT",
    end: { code: null, signal: "SIGINT" },
  },
  SIGTERM: {
    program: main,
    how: "wait",
    signal: "SIGTERM",
    end: { code: null, signal: "SIGTERM" },
  },
  "Worker terminated": { program: worker, how: "terminate", end: code(0) },
  // A runtime may report the error, though the program handles it.
  "Worker throws": { program: worker, how: "throw", end: code(0), says: /on purpose|^$/ },
};

/** What there is to do. */
const MOST = ROUNDS * Object.keys(WAYS).length * STATES.length;

/** Has the server end the connections of a channel until the process has ended; gives when it did so last. */
async function disconnectAll(
  server: StressServer,
  channelId: string,
  child: Process,
): Promise<number> {
  let last = performance.now();
  while (child.pid !== undefined) {
    if (await server.call(DISCONNECT, { channel_id: channelId }) === 200) last = performance.now();
    // The next may not be connected yet.
    await pause(AGAIN_MS);
  }
  return last;
}

/** Ends a process in one way; gives what is wrong, and how long it took. */
async function end(
  context: RowContext,
  server: StressServer,
  way: Way,
  args: readonly string[],
): Promise<{ wrong: string | undefined; ms: number }> {
  const { how, signal, byServer, says = /^$/ } = way;
  const [channelId = ""] = args;
  await using child = start(context, context.command(way.program, how, server.url, ...args));
  await child.line("ready");
  let asked = performance.now();
  if (signal !== undefined) child.kill(signal);
  const last = byServer ? disconnectAll(server, channelId, child) : Promise.resolve(asked);
  const ended = await child.ended(HUNG_MS);
  asked = await last;
  const right = ended.code === way.end.code && ended.signal === way.end.signal;
  const wrong = !right
    ? `${endText(ended)} instead of ${endText(way.end)}: ${lastOf(child)}`
    : says.test(child.errors)
    ? undefined
    : `it wrote to its standard error: ${lastOf(child)}`;
  return { wrong, ms: ended.at - asked };
}

/** One end of a process. */
interface Exit {
  readonly name: string;
  readonly way: Way;
  /** The arguments of its program after the URL: a channel, the state, a seed. */
  readonly args: readonly string[];
}

/** All ways in all states at least once, in another order each time, until the time is over. */
function* exitsUntil(deadline: number, random: Random, signal: AbortSignal): Generator<Exit> {
  const pairs = Object.entries(WAYS).flatMap(([name, way]) =>
    STATES.map((state) => ({ name, way, state }))
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, way, state } of random.shuffled(pairs)) {
      if (signal.aborted || (round > 0 && performance.now() > deadline)) return;
      const args = [`${name} ${state} ${round}`, state, String(random.below(2 ** 31))];
      yield { name: `${name}, ${state}`, way, args };
    }
  }
}

/** Processes end in all ways in all states. */
export const exits: Row = {
  name: "exits",
  what: `processes end in ${Object.keys(WAYS).length} ways in ${STATES.length} states`,
  asked: `${MOST} ends: no signal, the right codes, ≤ 2 s`,
  on: "each",
  weight: 5,
  async run(context) {
    const { seed, minutes, signal } = context;
    await using server = await StressServer.start(context);
    const began = performance.now();
    const all = exitsUntil(began + minutes * 60_000, new Random(seed, "exits"), signal);
    let [done, wrongs, longestMs] = [0, 0, 0];
    const measured = () =>
      `${done} of ${MOST} ends, ${wrongs} wrong, the longest ${(longestMs / 1_000).toFixed(2)} s`;
    await together(AT_A_TIME, all, async ({ name, way, args }) => {
      const { wrong, ms } = await end(context, server, way, args)
        .catch(({ message }: Error) => ({ wrong: message, ms: 0 }));
      longestMs = Math.max(longestMs, ms);
      const what = wrong ?? (ms > LIMIT_MS ? `it took ${ms.toFixed()} ms` : undefined);
      done++;
      if (what !== undefined) {
        wrongs++;
        context.found({ what: `${name}: ${what}` });
      }
      const passed = (performance.now() - began) / (minutes * 60_000);
      context.progress(Math.max(done / MOST, passed), measured());
    });
    if (!server.runs) context.found({ what: `the server ended: ${server.errors}` });
    return { measured: measured(), figures: { ends: done, wrong: wrongs, longestMs } };
  },
};
