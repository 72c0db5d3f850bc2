/**
 * A program that ends in one of the states of `exit_states.ts`, in the way that its first argument names, which the others follow:
 * the server's URL, a channel, the state (default `media`) and a seed. It prints `ready` when it is there, and then:
 *
 * - `leave` does nothing more and closes nothing, `close` closes everything: the process ends by itself
 * - `wait` waits for a signal
 * - `exit`, `throw` and `reject` end it at once
 *
 * @module
 */

import { writeSync } from "node:fs";
import process from "node:process";
import { EXIT_STATES, type ExitState } from "./exit_states.ts";

const [how = "", url = "", channelId = "", state = "media", seed = "0"] = process.argv.slice(2);

const open = await EXIT_STATES[state as ExitState]({ url, channelId, seed: Number(seed) });
// What is open stays reachable: the collector would release a frame, with a warning.
Object.assign(globalThis, { open });
// Not buffered: the process may be gone right after it.
writeSync(1, "ready\n");

if (how === "exit") process.exit(7);
if (how === "close") await open.close();
if (how === "reject") void Promise.reject(new Error("rejected on purpose"));
if (how === "throw") {
  setTimeout(() => {
    throw new Error("thrown on purpose");
  });
}
if (how === "wait") setInterval(() => {}, 1_000);
