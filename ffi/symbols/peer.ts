/**
 * Peer connections: factory, peer, data channels, tracks.
 *
 * @module
 */

import type { NativeSymbol } from "./symbol.ts";

/** The functions of `factory.h`, `peer.h`, `data_channel.h` and `track.h`, by name. */
export const peerSymbols = {
  // factory.h
  sora_factory_create: {
    prototype:
      "int32_t sora_factory_create(uint32_t queue, const uint8_t *options, uint32_t options_size, uint32_t *out_factory)",
    parameters: ["u32", "buffer", "u32", "buffer"],
    result: "i32",
  },
  sora_factory_check_threads: {
    prototype: "int32_t sora_factory_check_threads(uint32_t factory)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_thread_priorities: {
    prototype: "int32_t sora_thread_priorities(uint8_t *buffer, uint32_t size)",
    parameters: ["buffer", "u32"],
    result: "i32",
  },
  sora_factory_close: {
    prototype: "int32_t sora_factory_close(uint32_t factory)",
    parameters: ["u32"],
    result: "i32",
  },

  // peer.h
  sora_peer_create: {
    prototype:
      "int32_t sora_peer_create(uint32_t factory, const uint8_t *configuration, uint32_t configuration_size, uint32_t *out_peer)",
    parameters: ["u32", "buffer", "u32", "buffer"],
    result: "i32",
  },
  sora_peer_set_remote_offer: {
    prototype:
      "int32_t sora_peer_set_remote_offer(uint32_t peer, const uint8_t *sdp, uint32_t sdp_size, uint32_t request)",
    parameters: ["u32", "buffer", "u32", "u32"],
    result: "i32",
  },
  sora_peer_add_sender: {
    prototype:
      "int32_t sora_peer_add_sender(uint32_t peer, uint32_t source, const uint8_t *options, uint32_t options_size, uint32_t request)",
    parameters: ["u32", "u32", "buffer", "u32", "u32"],
    result: "i32",
  },
  sora_peer_set_encodings: {
    prototype:
      "int32_t sora_peer_set_encodings(uint32_t peer, const uint8_t *encodings, uint32_t encodings_size, uint32_t request)",
    parameters: ["u32", "buffer", "u32", "u32"],
    result: "i32",
  },
  sora_peer_replace_source: {
    prototype:
      "int32_t sora_peer_replace_source(uint32_t peer, uint32_t source, const uint8_t *mid, uint32_t mid_size, uint32_t request)",
    parameters: ["u32", "u32", "buffer", "u32", "u32"],
    result: "i32",
  },
  sora_peer_create_answer: {
    prototype: "int32_t sora_peer_create_answer(uint32_t peer, uint32_t request)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_peer_get_stats: {
    prototype: "int32_t sora_peer_get_stats(uint32_t peer, uint32_t request)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_peer_close: {
    prototype: "int32_t sora_peer_close(uint32_t peer)",
    parameters: ["u32"],
    result: "i32",
  },

  // data_channel.h
  sora_data_channel_send: {
    prototype:
      "int32_t sora_data_channel_send(uint32_t data_channel, const uint8_t *data, uint32_t size, uint32_t binary)",
    parameters: ["u32", "buffer", "u32", "u32"],
    result: "i32",
  },
  sora_data_channel_buffered_amount: {
    prototype: "int32_t sora_data_channel_buffered_amount(uint32_t data_channel)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_data_channel_close: {
    prototype: "int32_t sora_data_channel_close(uint32_t data_channel)",
    parameters: ["u32"],
    result: "i32",
  },

  // track.h
  sora_track_set_enabled: {
    prototype: "int32_t sora_track_set_enabled(uint32_t track_or_source, uint32_t enabled)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_track_id: {
    prototype: "int32_t sora_track_id(uint32_t track_or_source, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_track_release: {
    prototype: "int32_t sora_track_release(uint32_t track)",
    parameters: ["u32"],
    result: "i32",
  },
} as const satisfies Record<string, NativeSymbol>;
