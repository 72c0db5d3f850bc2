/**
 * A server's transports: UDP ports and what runs over them.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `transport.h`, by name. */
export const transportSymbols = {
  sora_udp_port_open: {
    prototype:
      "int32_t sora_udp_port_open(uint32_t queue, const uint8_t *host, uint32_t host_size, uint32_t *out_port)",
    parameters: ["u32", "buffer", "u32", "buffer"],
    result: "i32",
  },
  sora_udp_port_fingerprint: {
    prototype: "int32_t sora_udp_port_fingerprint(uint32_t port, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_udp_port_read: {
    prototype: "int32_t sora_udp_port_read(uint32_t port, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_udp_port_send: {
    prototype:
      "int32_t sora_udp_port_send(uint32_t port, const uint8_t *packets, uint32_t packets_size, const uint32_t *commands, uint32_t count)",
    parameters: ["u32", "buffer", "u32", "buffer", "u32"],
    result: "i32",
  },
  sora_udp_port_stats: {
    prototype: "int32_t sora_udp_port_stats(uint32_t port, double *figures, uint32_t count)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_udp_port_close: {
    prototype: "int32_t sora_udp_port_close(uint32_t port)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_transport_create: {
    prototype:
      "int32_t sora_transport_create(uint32_t port, uint32_t low_water_bytes, uint32_t *out_transport, uint32_t *out_udp_port)",
    parameters: ["u32", "u32", "buffer", "buffer"],
    result: "i32",
  },
  sora_transport_credentials: {
    prototype:
      "int32_t sora_transport_credentials(uint32_t transport, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transport_set_remote: {
    prototype:
      "int32_t sora_transport_set_remote(uint32_t transport, const uint8_t *text, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transport_set_video: {
    prototype: "int32_t sora_transport_set_video(uint32_t transport, uint32_t payload_type)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transport_want: {
    prototype: "int32_t sora_transport_want(uint32_t transport, uint32_t bits_per_second)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transport_set_padding: {
    prototype:
      "int32_t sora_transport_set_padding(uint32_t transport, uint32_t ssrc, uint32_t payload_type, uint32_t sequence, uint32_t extension)",
    parameters: ["u32", "u32", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_transport_send_messages: {
    prototype:
      "int32_t sora_transport_send_messages(uint32_t transport, const uint8_t *data, uint32_t size, const uint32_t *commands, uint32_t count)",
    parameters: ["u32", "buffer", "u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transport_reset_streams: {
    prototype:
      "int32_t sora_transport_reset_streams(uint32_t transport, const uint32_t *streams, uint32_t count)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transport_release: {
    prototype: "int32_t sora_transport_release(uint32_t transport, uint32_t bytes)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transport_forget: {
    prototype: "int32_t sora_transport_forget(uint32_t transport, uint32_t ssrc)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transport_ignore: {
    prototype: "int32_t sora_transport_ignore(uint32_t transport, uint32_t kinds)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transport_stats: {
    prototype: "int32_t sora_transport_stats(uint32_t transport, double *figures, uint32_t count)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transport_close: {
    prototype: "int32_t sora_transport_close(uint32_t transport)",
    parameters: ["u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
