/** Prints how long the first `new Sora()` of the process takes: `ms ` and the number. */
import { Sora } from "../mod.ts";

const began = performance.now();
const sora = new Sora();
console.log(`ms ${performance.now() - began}`);
await sora.close();
