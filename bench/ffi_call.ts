import { openRealm } from "../ffi/mod.ts";
import { type Benchmark, inTurns } from "./measurement.ts";

const CALLS = 200_000;
const ROUNDS = 25;

/** Nanoseconds per call. The results are used, so that no compiler removes the calls. */
function timeCalls(call: () => number): number {
  let sum = 0;
  const start = performance.now();
  for (let i = 0; i < CALLS; i++) sum += call();
  const took = performance.now() - start;
  if (!(sum > 0)) {
    throw new Error(`The results of ${CALLS} calls must add up to more than 0, not ${sum}`);
  }
  return took * 1e6 / CALLS;
}

/** The cost of an FFI call: a native function that does nothing, through the SDK's own binding. */
export const ffiCall: Benchmark = {
  name: "ffi",
  async *run() {
    const { functions } = openRealm();
    const values: number[] = [];
    const limits: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      values.push(timeCalls(() => functions.sora_abi_version()));
      limits.push(timeCalls(() => performance.now()));
      await Promise.resolve();
    }
    yield {
      name: "FFI call that does nothing",
      ...inTurns(values, limits),
      unit: "ns",
      limitIs: "performance.now(), the runtime's own call into native code",
      reach: { value: 200 },
    };
  },
};
