/**
 * The one table of the native functions. Each entry carries its C prototype as `csrc/include/` states it; a test compares the
 * table with the headers and with the exports of the library, so the two sides cannot drift apart.
 *
 * @module
 */

/**
 * How an argument crosses. `buffer`: a typed array, `DataView` or null, its `byteOffset` respected and its bytes shared for the
 * duration of the call. `callback`: the address of a function without arguments, or null.
 */
export type NativeParameter = "u32" | "i32" | "f64" | "buffer" | "callback";

/** One native function. */
export interface NativeSymbol {
  /** The C prototype, without `SORA_EXPORT`. */
  readonly prototype: string;
  /** How each argument crosses. */
  readonly parameters: readonly NativeParameter[];
  /** How the result crosses. */
  readonly result: "u32" | "i32";
  /** It may block: never called on the JavaScript thread. */
  readonly nonblocking?: true;
}

/** Every function of the native library, by name. */
export const symbols = {
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

  // queue.h
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
  sora_peer_get_sender_parameters: {
    prototype:
      "int32_t sora_peer_get_sender_parameters(uint32_t peer, const uint8_t *mid, uint32_t mid_size, uint32_t request)",
    parameters: ["u32", "buffer", "u32", "u32"],
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

  // audio.h
  sora_audio_source_create: {
    prototype:
      "int32_t sora_audio_source_create(uint32_t factory, uint32_t sample_rate, uint32_t channels, uint32_t *out_source)",
    parameters: ["u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_audio_source_push: {
    prototype:
      "int32_t sora_audio_source_push(uint32_t source, const int16_t *samples, uint32_t frames, uint32_t sample_rate, uint32_t channels, double timestamp_us, double capture_time_ms)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "f64", "f64"],
    result: "i32",
  },
  sora_audio_source_push_f32: {
    prototype:
      "int32_t sora_audio_source_push_f32(uint32_t source, const float *samples, uint32_t frames, uint32_t sample_rate, uint32_t channels, double timestamp_us, double capture_time_ms)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "f64", "f64"],
    result: "i32",
  },
  sora_audio_source_close: {
    prototype: "int32_t sora_audio_source_close(uint32_t source)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_audio_sink_create: {
    prototype:
      "int32_t sora_audio_sink_create(uint32_t track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms, uint32_t *out_sink)",
    parameters: ["u32", "u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_audio_sink_read: {
    prototype:
      "int32_t sora_audio_sink_read(uint32_t sink, int16_t *samples, uint32_t capacity, uint32_t min_frames, uint32_t max_frames, double *info)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_audio_sink_close: {
    prototype: "int32_t sora_audio_sink_close(uint32_t sink)",
    parameters: ["u32"],
    result: "i32",
  },

  // video.h
  sora_video_frame_size: {
    prototype:
      "int32_t sora_video_frame_size(uint32_t format, uint32_t width, uint32_t height, uint32_t stride)",
    parameters: ["u32", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_video_source_create: {
    prototype: "int32_t sora_video_source_create(uint32_t factory, uint32_t *out_source)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_video_source_push: {
    prototype:
      "int32_t sora_video_source_push(uint32_t source, const uint8_t *data, uint32_t size, uint32_t width, uint32_t height, uint32_t stride, uint32_t format, uint32_t rotation, double timestamp_us)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "u32", "u32", "u32", "f64"],
    result: "i32",
  },
  sora_video_source_push_frame: {
    prototype: "int32_t sora_video_source_push_frame(uint32_t source, uint32_t frame)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_video_source_close: {
    prototype: "int32_t sora_video_source_close(uint32_t source)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_video_sink_create: {
    prototype:
      "int32_t sora_video_sink_create(uint32_t track, uint32_t capacity, uint32_t *out_sink)",
    parameters: ["u32", "u32", "buffer"],
    result: "i32",
  },
  sora_video_sink_take: {
    prototype: "int32_t sora_video_sink_take(uint32_t sink, double *info)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_video_sink_dropped: {
    prototype: "int32_t sora_video_sink_dropped(uint32_t sink)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_video_sink_close: {
    prototype: "int32_t sora_video_sink_close(uint32_t sink)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_video_frame_copy: {
    prototype:
      "int32_t sora_video_frame_copy(uint32_t frame, uint32_t format, uint8_t *buffer, uint32_t size, uint32_t stride, uint32_t upright)",
    parameters: ["u32", "u32", "buffer", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_video_frame_transfer: {
    prototype: "int32_t sora_video_frame_transfer(uint32_t frame, double *info)",
    parameters: ["u32", "buffer"],
    result: "i32",
  },
  sora_video_frame_release: {
    prototype: "int32_t sora_video_frame_release(uint32_t frame)",
    parameters: ["u32"],
    result: "i32",
  },

  // codecs.h
  sora_codec_capabilities: {
    prototype:
      "int32_t sora_codec_capabilities(const uint8_t* options, uint32_t options_size, uint8_t* buffer, uint32_t size)",
    parameters: ["buffer", "u32", "buffer", "u32"],
    result: "i32",
  },

  // vad.h
  sora_vad_create: {
    prototype: "int32_t sora_vad_create(uint32_t *out_vad)",
    parameters: ["buffer"],
    result: "i32",
  },
  sora_vad_analyze: {
    prototype:
      "int32_t sora_vad_analyze(uint32_t vad, const int16_t *samples, uint32_t frames, uint32_t sample_rate, uint32_t channels, double *out_probability)",
    parameters: ["u32", "buffer", "u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_vad_close: {
    prototype: "int32_t sora_vad_close(uint32_t vad)",
    parameters: ["u32"],
    result: "i32",
  },

  // transformer.h
  sora_transformer_create: {
    prototype:
      "int32_t sora_transformer_create(uint32_t factory, uint32_t video, uint32_t capacity, uint32_t *out_transformer)",
    parameters: ["u32", "u32", "u32", "buffer"],
    result: "i32",
  },
  sora_peer_set_sender_transformer: {
    prototype:
      "int32_t sora_peer_set_sender_transformer(uint32_t peer, const uint8_t *mid, uint32_t mid_size, uint32_t transformer, uint32_t request)",
    parameters: ["u32", "buffer", "u32", "u32", "u32"],
    result: "i32",
  },
  sora_track_set_transformer: {
    prototype: "int32_t sora_track_set_transformer(uint32_t track, uint32_t transformer)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transformer_take: {
    prototype: "int32_t sora_transformer_take(uint32_t transformer, double *info, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_transformer_enqueue: {
    prototype: "int32_t sora_transformer_enqueue(uint32_t transformer, uint32_t frame)",
    parameters: ["u32", "u32"],
    result: "i32",
  },
  sora_transformer_start_short_circuiting: {
    prototype: "int32_t sora_transformer_start_short_circuiting(uint32_t transformer)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_transformer_close: {
    prototype: "int32_t sora_transformer_close(uint32_t transformer)",
    parameters: ["u32"],
    result: "i32",
  },
  sora_encoded_frame_data: {
    prototype: "int32_t sora_encoded_frame_data(uint32_t frame, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_encoded_frame_set_data: {
    prototype:
      "int32_t sora_encoded_frame_set_data(uint32_t frame, const uint8_t *data, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_encoded_frame_mime_type: {
    prototype:
      "int32_t sora_encoded_frame_mime_type(uint32_t frame, uint8_t *buffer, uint32_t size)",
    parameters: ["u32", "buffer", "u32"],
    result: "i32",
  },
  sora_encoded_frame_release: {
    prototype: "int32_t sora_encoded_frame_release(uint32_t frame)",
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
