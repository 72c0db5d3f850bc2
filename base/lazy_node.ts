/**
 * Modules of Node's interface that are loaded when they are first needed: each takes a runtime some milliseconds, and most programs
 * need none of them.
 *
 * @module
 */

import type * as Crypto from "node:crypto";
import type * as Fs from "node:fs";
import type * as Module from "node:module";
import type * as Net from "node:net";
import process from "node:process";
import type * as Tls from "node:tls";
import type * as Zlib from "node:zlib";

/** `node:crypto`. */
export function nodeCrypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}

/** `node:fs`. */
export function nodeFs(): typeof Fs {
  return process.getBuiltinModule("node:fs");
}

/** `node:module`. */
export function nodeModule(): Pick<typeof Module, "createRequire"> {
  return process.getBuiltinModule("node:module");
}

/** `node:net`. */
export function nodeNet(): typeof Net {
  return process.getBuiltinModule("node:net");
}

/** `node:tls`. */
export function nodeTls(): typeof Tls {
  return process.getBuiltinModule("node:tls");
}

/** `node:zlib`. */
export function nodeZlib(): typeof Zlib {
  return process.getBuiltinModule("node:zlib");
}
