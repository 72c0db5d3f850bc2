/* Voice activity detection by libwebrtc's recurrent neural network. Steady tones are sorted out beside it. */
#ifndef SORA_FFI_VAD_H
#define SORA_FFI_VAD_H

#include "result.h"

/* Makes a detector. It has a memory of what it heard: one for each stream of sound. */
SORA_EXPORT int32_t sora_vad_create(uint32_t* out_vad);

/* Analyses frames of any number (resampled and remixed to 24 kHz mono) and writes the probability of voice, 0 to 1, in the
 * last 10 ms that are complete; what does not fill 10 ms waits for the next call. Returns the number of 10 ms analysed; with
 * 0, probability keeps the value of the call before (0 at first). Limits as in sora_audio_source_push. */
SORA_EXPORT int32_t sora_vad_analyze(uint32_t vad, const int16_t* samples, uint32_t frames, uint32_t sample_rate,
                                     uint32_t channels, double* out_probability);

/* Closes a detector. */
SORA_EXPORT int32_t sora_vad_close(uint32_t vad);

#endif
