/**
 * The event queue.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `queue.h`, by name. */
export const queueSymbols = {
  sora_queue_create: {
    prototype: "int32_t sora_queue_create(uint32_t max_message_bytes, uint32_t *out_queue)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_queue_wait: {
    prototype: "int32_t sora_queue_wait(uint32_t queue, uint32_t timeout_ms)",
    parameters: ["u32", "u32"],
    result: "i32",
    nonblocking: true,
  },
  sora_queue_interrupt: {
    prototype: "int32_t sora_queue_interrupt(uint32_t queue)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_queue_set_wakeup: {
    prototype: "int32_t sora_queue_set_wakeup(uint32_t queue, void (*wakeup)(void))",
    parameters: ["u32", "callback"],
    result: "i32",
  },
  sora_queue_drain: {
    prototype: "int32_t sora_queue_drain(uint32_t queue, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_queue_next_size: {
    prototype: "int32_t sora_queue_next_size(uint32_t queue)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_queue_close: {
    prototype: "int32_t sora_queue_close(uint32_t queue)",
    parameters: ["u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
