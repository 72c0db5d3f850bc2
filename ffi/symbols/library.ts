/**
 * The library itself: version, errors, realms, log.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `result.h`, `realm.h` and `log.h`, by name. */
export const librarySymbols = {
  // result.h
  sora_abi_version: {
    prototype: "uint32_t sora_abi_version(void)",
    parameters: [],
    result: "u32",
  },
  sora_version: {
    prototype: "int32_t sora_version(uint8_t *buffer, uint32_t size)",
    parameters: ["buffer", "u32"],
    result: "i32",
  },
  sora_last_error: {
    prototype: "int32_t sora_last_error(uint8_t *buffer, uint32_t size)",
    parameters: ["buffer", "u32"],
    result: "i32",
  },
  sora_live_objects: {
    prototype: "uint32_t sora_live_objects(void)",
    parameters: [],
    result: "u32",
  },

  // realm.h
  sora_realm_enter: {
    prototype: "int32_t sora_realm_enter(uint32_t key)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_realm_leave: {
    prototype: "int32_t sora_realm_leave(uint32_t key)",
    parameters: ["u32"],
    result: "i32",
  },

  // log.h
  sora_log_enable: {
    prototype: "int32_t sora_log_enable(uint32_t queue, uint32_t severity)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_log_write: {
    prototype: "int32_t sora_log_write(uint32_t severity, const uint8_t *text, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
