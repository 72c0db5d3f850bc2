/* Audio in and out: interleaved samples. A sample is one value of one channel; "frames" count sample frames, which have one
 * sample of each channel; a block is 10 ms. */
#ifndef SORA_FFI_AUDIO_H
#define SORA_FFI_AUDIO_H

#include "result.h"

/* Makes an audio source. Input is resampled and remixed to sample_rate (8,000 to 48,000 Hz, a multiple of 100) and channels
 * (1 or 2), and sent in blocks. */
SORA_EXPORT int32_t sora_audio_source_create(uint32_t factory, uint32_t sample_rate, uint32_t channels,
                                             uint32_t* out_source);

/* Pushes any number of frames; an incomplete block at the end (10 ms, but 20 ms at 22,050 Hz and 40 ms at 11,025 Hz) waits
 * for the next call. The call only copies: a thread of the source's own sends them within 5 ms. At most 2 s of audio wait for
 * it; frames that do not fit are lost, and their number is returned.
 * sample_rate (8,000 to 192,000 Hz, a multiple of 25) and channels (1 to 8) describe the input. The channels are in the order
 * of WAVE (left, right, centre, low frequency, surround); more than two are mixed down by ITU-R BS.775, without the low
 * frequencies.
 * timestamp_us: the capture time of the first frame in microseconds on the caller's clock; below 0: unknown. capture_time_ms:
 * the same as Unix time, which takes precedence and reaches receivers unmodified (RTP extension abs-capture-time); below 0:
 * unknown. Without it receivers get the time of timestamp_us, or of the call.
 * When the next frames are late (by more than 30 ms, or as late as they were before, at most 100 ms), 400 ms of silence are
 * sent, which also complete the last block: receivers would conceal the gap with made-up audio.
 * SORA_ERROR_LIMIT, with nothing taken, when the thread cannot be started. */
SORA_EXPORT int32_t sora_audio_source_push(uint32_t source, const int16_t* samples, uint32_t frames, uint32_t sample_rate,
                                           uint32_t channels, double timestamp_us, double capture_time_ms);

/* The same with samples from -1.0 to 1.0. */
SORA_EXPORT int32_t sora_audio_source_push_f32(uint32_t source, const float* samples, uint32_t frames, uint32_t sample_rate,
                                               uint32_t channels, double timestamp_us, double capture_time_ms);

/* Closes the source once what was pushed is sent; peers that send it continue with silence. */
SORA_EXPORT int32_t sora_audio_source_close(uint32_t source);

/* Makes a sink for the audio of a remote track, in sample_rate (Hz; 0: unmodified) and channels (0: unmodified). It buffers
 * at most capacity_ms (20 to 60,000); older audio is dropped and counted. */
SORA_EXPORT int32_t sora_audio_sink_create(uint32_t track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms,
                                           uint32_t* out_sink);

/* What sora_audio_sink_read writes into info, as f64. */
typedef enum sora_audio_info {
  SORA_AUDIO_INFO_SAMPLE_RATE = 0,     /* Hz; 0 until the first audio */
  SORA_AUDIO_INFO_CHANNELS = 1,        /* 0 until the first audio */
  SORA_AUDIO_INFO_AVAILABLE = 2,       /* frames still buffered */
  SORA_AUDIO_INFO_DROPPED = 3,         /* frames dropped since the sink was made */
  SORA_AUDIO_INFO_CAPTURE_TIME_MS = 4, /* absolute capture time of the first frame read, Unix ms; below 0: unknown */
  SORA_AUDIO_INFO_ENDS = 5,            /* 1 if another format follows, so that no more frames of this one will come */
  SORA_AUDIO_INFO_COUNT = 6
} sora_audio_info;

/* Reads at least min_frames and at most max_frames into samples, which has room for capacity samples (frames x channels);
 * returns the frames read. SORA_ERROR_WOULD_BLOCK if fewer than min_frames (at least 1) are buffered; SORA_EVENT_READABLE
 * then follows with the next block. A read never crosses a change of sample rate or channels: it returns fewer frames before
 * one. samples may be null if capacity is 0: only info is written then. */
SORA_EXPORT int32_t sora_audio_sink_read(uint32_t sink, int16_t* samples, uint32_t capacity, uint32_t min_frames,
                                         uint32_t max_frames, double* info);

/* Detaches the sink from its track and drops the buffered audio. */
SORA_EXPORT int32_t sora_audio_sink_close(uint32_t sink);

#endif
