#include "sora_ffi/vad.h"

#include "api/arguments.h"
#include "media/vad.h"

using namespace sora;

SORA_EXPORT int32_t sora_vad_create(uint32_t* out_vad) {
  return Guard([&] {
    Require(out_vad, "out_vad is null");
    *out_vad = Open(Vad::kKind, std::make_shared<Vad>());
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_vad_analyze(uint32_t vad, const int16_t* samples, uint32_t frames, uint32_t sample_rate,
                                     uint32_t channels, double* out_probability) {
  return Guard([&] {
    Require(samples || frames == 0, "samples is null");
    Require(out_probability, "out_probability is null");
    RequireInputRate(sample_rate);
    RequireRange("channels", channels, 1, 8);
    return static_cast<int32_t>(
        Find<Vad>(vad)->Analyze(samples, frames, static_cast<int>(sample_rate), channels, out_probability));
  });
}

SORA_EXPORT int32_t sora_vad_close(uint32_t vad) {
  return Guard([&] {
    Take<Vad>(vad);
    return SORA_OK;
  });
}
