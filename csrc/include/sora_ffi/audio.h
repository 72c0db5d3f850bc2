/* Audio in and out: interleaved samples. A "frame" is one sample of each channel. */
#ifndef SORA_FFI_AUDIO_H
#define SORA_FFI_AUDIO_H

#include "result.h"

/* Makes an audio source. Input is resampled and remixed to sample_rate (8,000 to 48,000 Hz, a multiple of 100) and channels
 * (1 or 2), and handed on in slices of 10 ms. */
SORA_EXPORT int32_t sora_audio_source_create(uint32_t factory, uint32_t sample_rate, uint32_t channels,
                                             uint32_t* out_source);

/* Pushes frames of any number; what does not fill 10 ms (20 ms at 22,050 Hz, 40 ms at 11,025 Hz) waits for the next call.
 * They are only copied: a thread of the source's sends them within 5 ms. It is behind by at most 2 s of sound; what does not
 * fit is lost, and the number of these frames is returned. sample_rate (8,000 to 192,000 Hz, a multiple of 25) and channels (1
 * to 8) describe the input. timestamp_us: the capture time of the first frame in microseconds on the caller's clock, below 0
 * when unknown. capture_time_ms: the same as Unix time, which goes to the receivers as it is (RTP extension abs-capture-time)
 * and before timestamp_us; below 0 when unknown. Without it they get the time of timestamp_us, or of the call. The channels are
 * in WAVE's order (left, right, centre, low frequency, surround); more than two are mixed down by ITU-R BS.775, without the low
 * frequencies. When no more comes in time (after 30 ms, or as late as it came before, 100 ms at most), 400 ms of silence are sent,
 * which also fill the last 10 ms: receivers would make something up. SORA_ERROR_LIMIT, with nothing taken, when the thread cannot be started. */
SORA_EXPORT int32_t sora_audio_source_push(uint32_t source, const int16_t* samples, uint32_t frames, uint32_t sample_rate,
                                           uint32_t channels, double timestamp_us, double capture_time_ms);

/* The same with samples of -1.0 to 1.0. */
SORA_EXPORT int32_t sora_audio_source_push_f32(uint32_t source, const float* samples, uint32_t frames, uint32_t sample_rate,
                                               uint32_t channels, double timestamp_us, double capture_time_ms);

/* Closes the source, after what was pushed is sent; peers that send it go on with silence. */
SORA_EXPORT int32_t sora_audio_source_close(uint32_t source);

/* Receives the audio of a remote track in sample_rate (Hz, 0: as it comes) and channels (0: as they come), buffering at
 * most capacity_ms (20 to 60,000); the oldest is dropped and counted. */
SORA_EXPORT int32_t sora_audio_sink_create(uint32_t track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms,
                                           uint32_t* out_sink);

/* What sora_audio_sink_read writes into info, as f64. */
typedef enum sora_audio_info {
  SORA_AUDIO_INFO_SAMPLE_RATE = 0,     /* Hz; 0 until the first audio came */
  SORA_AUDIO_INFO_CHANNELS = 1,        /* 0 until the first audio came */
  SORA_AUDIO_INFO_AVAILABLE = 2,       /* frames that are still buffered */
  SORA_AUDIO_INFO_DROPPED = 3,         /* frames dropped since the sink was made */
  SORA_AUDIO_INFO_CAPTURE_TIME_MS = 4, /* absolute capture time of the first frame read, Unix ms; below 0 when unknown */
  SORA_AUDIO_INFO_ENDS = 5,            /* 1 when another format follows behind what is buffered, so that it grows no more */
  SORA_AUDIO_INFO_COUNT = 6
} sora_audio_info;

/* Reads at least min_frames and at most max_frames into samples, which has room for capacity samples (frames x channels);
 * returns the frames read. SORA_ERROR_WOULD_BLOCK when fewer than min_frames (1 at least) are there. A read never crosses a
 * change of sample rate or channels: it gives fewer before one. samples may be null when capacity is 0: then only info is
 * written. When fewer than min_frames are there, SORA_EVENT_READABLE comes with the next. */
SORA_EXPORT int32_t sora_audio_sink_read(uint32_t sink, int16_t* samples, uint32_t capacity, uint32_t min_frames,
                                         uint32_t max_frames, double* info);

/* Leaves the track and drops the audio that waits. */
SORA_EXPORT int32_t sora_audio_sink_close(uint32_t sink);

#endif
