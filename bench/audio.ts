import { Sora } from "../mod.ts";
import { openRealm } from "../ffi/mod.ts";
import { connectSender, WARM_UP_CALLS } from "./clients.ts";
import { type Benchmark, delay, inTurns } from "./measurement.ts";
import { microseconds } from "./microseconds.ts";

const SAMPLES = 300;

/** The cost of `onData` for a block of 10 ms, while it is encoded and sent. */
export const onData: Benchmark = {
  name: "onData",
  async *run({ url }) {
    await using sora = new Sora();
    await using sender = await connectSender(sora, url, "onData");
    const block = Int16Array.from({ length: 480 }, (_, i) => 8_000 * Math.sin(i / 8));
    const values: number[] = [];
    const times: number[] = [];
    const { functions } = openRealm();
    const push = () => sender.audioSource.onData(block);
    const nothing = () => functions.sora_abi_version();
    // As many calls as in the sender's warm-up, so that the calling code is compiled as well.
    for (let call = 0; call < WARM_UP_CALLS; call++) {
      microseconds(push);
      microseconds(nothing);
    }
    for (let sample = 0; sample < SAMPLES; sample++) {
      values.push(microseconds(push));
      await delay(5);
      times.push(microseconds(nothing));
      await delay(5);
    }
    yield {
      name: "onData of 10 ms at 48 kHz while it is sent",
      ...inTurns(values, times),
      unit: "µs",
      limitIs: "an FFI call that does nothing, equally cold, in turns",
      reach: { value: 10 },
    };
  },
};
