/** How `make test` runs its stages, and what it prints about them. */
import { CanaryScan } from "./canary.ts";
import { type Outcome, OutputTail, runStage, type Stage, type WriteOutput } from "./stage.ts";

/** What came of each stage. */
export type Outcomes = ReadonlyMap<Stage, Outcome>;

/** So many stages may run again: where more fail, the machine is not to blame. */
const mostAgain = 5;

/** Prints what came of a stage. */
export function report(
  { name }: Pick<Stage, "name">,
  { passed, failed, skipped, notes, seconds }: Outcome,
): void {
  const counts = `${passed} passed, ${failed} failed` + (skipped ? `, ${skipped} skipped` : "");
  const verdict = failed ? "FAILED" : "ok    ";
  console.log(`${verdict} ${name}: ${counts} (${seconds.toFixed(1)} s)`);
  for (const note of notes) console.log(`       ${note}`);
}

/** Looks for the tests' secret in everything that any stage prints, in each of its two streams by itself. */
const canaries: CanaryScan[] = [];

/** Hands output on, and looks at it. */
function scanned(write: (chunk: Uint8Array) => void): WriteOutput {
  const scans = { stdout: new CanaryScan(), stderr: new CanaryScan() };
  canaries.push(scans.stdout, scans.stderr);
  return (chunk, stream) => {
    scans[stream].write(chunk);
    write(chunk);
  };
}

/** The check that no stage printed the secret. */
export function canary(): Outcome {
  const found = canaries.reduce((sum, scan) => sum + scan.found, 0);
  const notes = found === 0 ? [] : [`a secret of the tests was printed ${found} times`];
  const failed = found === 0 ? 0 : 1;
  return { passed: 1 - failed, failed, skipped: 0, failures: [], notes, seconds: 0 };
}

/** When the stages that run beside others have ended. */
const ends = new Map<Stage, PromiseWithResolvers<void>>();

/** Runs stages so many at a time, and shows each one's output in one piece. */
export async function runTogether(stages: readonly Stage[], atATime: number): Promise<Outcomes> {
  const outcomes = new Map<Stage, Outcome>();
  const waiting = [...stages];
  for (const stage of stages) ends.set(stage, Promise.withResolvers());
  await Promise.all(Array.from({ length: atATime }, async () => {
    for (let stage = waiting.shift(); stage; stage = waiting.shift()) {
      if (stage.after) await ends.get(stage.after)?.promise;
      const tail = new OutputTail();
      const outcome = await runStage(stage, scanned(tail.write));
      // A check that passes has nothing to say; some print warnings about other people's packages all the same.
      if (stage.tests || outcome.failed) {
        console.log(`--- ${stage.name}`);
        for (const chunk of tail.chunks()) Deno.stdout.writeSync(chunk);
      }
      report(stage, outcome);
      outcomes.set(stage, outcome);
      ends.get(stage)?.resolve();
    }
  }));
  return outcomes;
}

/** Runs stages one after the other, because they measure media, and shows their output as it comes. */
export async function runInTurn(stages: readonly Stage[]): Promise<Outcomes> {
  const outcomes = new Map<Stage, Outcome>();
  for (const stage of stages) {
    console.log(`--- ${stage.name}`);
    const outcome = await runStage(stage, scanned((chunk) => Deno.stdout.writeSync(chunk)));
    report(stage, outcome);
    outcomes.set(stage, outcome);
  }
  return outcomes;
}

/**
 * The stages that run once more what failed, of each stage: tests of media and of time fail on a machine that others kept busy.
 * What crashed, ran past its limit or did not load is none of them, and where many fail none is.
 */
export function toRunAgain(outcomes: Outcomes): ReadonlyMap<Stage, readonly Stage[]> {
  const again = new Map<Stage, readonly Stage[]>();
  for (const [stage, { failures, failed, notes }] of outcomes) {
    if (!stage.again || failures.length === 0 || failures.length < failed || notes.length > 0) {
      continue;
    }
    // A run of several tests that failed is one.
    const stages = new Map(failures.map(stage.again).map((one) => [one.command.join(" "), one]));
    again.set(stage, [...stages.values()]);
  }
  return new Map([...again.values()].flat().length > mostAgain ? [] : again);
}

/** What came of a stage, where what failed of it ran `again`. */
export function mended(outcome: Outcome, again: readonly Outcome[]): Outcome {
  const sum = (count: "failed" | "seconds") => again.reduce((all, one) => all + one[count], 0);
  const failed = sum("failed");
  return {
    ...outcome,
    passed: outcome.passed + outcome.failed - failed,
    failed,
    failures: again.flatMap(({ failures }) => failures),
    notes: again.flatMap(({ notes }) => notes),
    seconds: outcome.seconds + sum("seconds"),
  };
}

/** Runs once more what failed of each stage, one after the other, and tells what came of the stages. */
export async function runAgain(
  outcomes: Outcomes,
  again: ReadonlyMap<Stage, readonly Stage[]>,
): Promise<Outcomes> {
  const results = new Map<Stage, Outcome>();
  for (const [stage, stages] of again) {
    const ended = await runInTurn(stages);
    results.set(stage, mended(outcomes.get(stage)!, [...ended.values()]));
  }
  return results;
}

/** The last lines: each test that failed, each that passed when it ran once more after what is `before`, and how many passed. */
export function summary(outcomes: Outcomes, before: Outcomes): string[] {
  const lines: string[] = [];
  const list = (word: string, stage: Stage, { failures, notes }: Outcome) => {
    for (const line of [...failures, ...notes]) lines.push(`${word} ${stage.name}: ${line}`);
    if (failures.length + notes.length === 0) lines.push(`${word} ${stage.name}`);
  };
  for (const [stage, outcome] of outcomes) {
    if (outcome.failed > 0) list("failed  ", stage, outcome);
    else if (before.has(stage)) list("unsteady", stage, before.get(stage)!);
  }
  const all = [...outcomes.values()];
  const total = (count: "passed" | "failed") => all.reduce((sum, one) => sum + one[count], 0);
  return [...lines, `${total("passed")} passed, ${total("failed")} failed`];
}
