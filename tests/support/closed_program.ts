/**
 * A program that exchanges media and messages, closes everything and has nothing more to do. Prints the origins of the timers that
 * are left, and the descriptors, threads and native objects. Its arguments: what it has (`client`, `server` or `both`), and the URL
 * of the server if it has none.
 *
 * @module
 */

import process from "node:process";

const [what = "", given = ""] = process.argv.slice(2);

interface Timers {
  setTimeout(callback: () => void, ms?: number): unknown;
  setInterval(callback: () => void, ms?: number): unknown;
  clearTimeout(timer: unknown): void;
  clearInterval(timer: unknown): void;
}

const timers = globalThis as unknown as Timers;
const running = new Map<unknown, string>();

/** Lists the timers that a function starts, until they are cleared or, if they run once, have run. */
function watch(
  start: "setTimeout" | "setInterval",
  clear: "clearTimeout" | "clearInterval",
  once: boolean,
): void {
  const [starts, clears] = [timers[start], timers[clear]];
  timers[start] = (callback: () => void, ms?: number) => {
    const timer = starts(() => {
      if (once) running.delete(timer);
      callback();
    }, ms);
    running.set(timer, String(new Error(`${start}(${callback.name}, ${ms})`).stack));
    return timer;
  };
  timers[clear] = (timer: unknown) => {
    running.delete(timer);
    clears(timer);
  };
}

watch("setTimeout", "clearTimeout", true);
watch("setInterval", "clearInterval", false);

// Not before, because a module may keep the functions that it finds.
const { SoraServer } = await import("../../sfu/mod.ts");
const { exchange } = await import("./exchange.ts");

const { backTo, resources, startSignalThread } = await import("./resources.ts");

async function openAndClose(): Promise<void> {
  const server = what === "client" ? undefined : await SoraServer.start({ port: 0 });
  if (what !== "server") await exchange(server?.url ?? given);
  await server?.close();
}

startSignalThread();

// A runtime keeps some of what it opens the first time.
await openAndClose();
const base = resources();
await openAndClose();
const timersLeft = [...running.values()];
console.log(`timers: ${timersLeft.join("\n")}`);
console.log(`else: ${await backTo(base).then(() => "nothing", String)}`);
