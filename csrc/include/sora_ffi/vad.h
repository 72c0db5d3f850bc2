/* Voice activity detection by libwebrtc's recurrent neural network, with steady tones excluded. */
#ifndef SORA_FFI_VAD_H
#define SORA_FFI_VAD_H

#include "result.h"

/* Makes a detector. It remembers earlier audio: use one for each audio stream. */
SORA_EXPORT int32_t sora_vad_create(uint32_t* out_vad);

/* Analyses any number of frames (resampled and remixed to 24 kHz mono) and writes the probability of voice, 0 to 1, in the
 * last complete block; an incomplete block at the end waits for the next call. Returns the number of blocks analysed; if it
 * is 0, the probability is that of the call before (0 at first). Limits as in sora_audio_source_push. */
SORA_EXPORT int32_t sora_vad_analyze(uint32_t vad, const int16_t* samples, uint32_t frames, uint32_t sample_rate,
                                     uint32_t channels, double* out_probability);

/* Closes a detector. */
SORA_EXPORT int32_t sora_vad_close(uint32_t vad);

#endif
