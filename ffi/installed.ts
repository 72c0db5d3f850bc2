/**
 * The files of npm packages. JSR's package has another module in this one's place (`packages/jsr.ts`): its modules come from a server
 * and have no `node_modules`.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { nodeModule } from "../base/lazy_node.ts";

const folder = (url: string) => new URL(".", url).href;

/**
 * The path of a file of an installed npm package.
 *
 * @param specifier The package's name and the file: `@sora-ffi/linux-x64-gnu/libsora_ffi.so`.
 * @param from The URL of the module that depends on the package.
 * @throws {Error} It is not installed.
 */
export function installedFile(specifier: string, from: string): string {
  if (folder(from) === folder(import.meta.url)) {
    try {
      return fileURLToPath(import.meta.resolve(specifier));
    } catch {
      // Perhaps it is found in the other way, for which Deno loads more.
    }
  }
  return nodeModule().createRequire(from).resolve(specifier);
}
