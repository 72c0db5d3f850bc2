#include "sora_ffi/audio.h"

#include "api/arguments.h"
#include "media/audio_sink.h"
#include "media/audio_source.h"
#include "media/caller_time.h"
#include "runtime/factory.h"

using namespace sora;

namespace {

template <typename Sample>
int32_t Push(uint32_t source, const Sample* samples, uint32_t frames, uint32_t sample_rate, uint32_t channels,
             double timestamp_us, double capture_time_ms) {
  return Guard([&]() -> int32_t {
    Require(samples || frames == 0, "samples is null");
    RequireRange("frames", frames, 0, 0x7fff'ffff);
    RequireInputRate(sample_rate);
    RequireRange("channels", channels, 1, 8);
    Require(capture_time_ms <= kMaxTimeUs / 1'000, "capture_time_ms must be at most 9007199254740");
    return static_cast<int32_t>(Find<AudioSource>(source)->source().Push(
        samples, frames, static_cast<int>(sample_rate), channels, CallerTime(timestamp_us), capture_time_ms));
  });
}

}  // namespace

SORA_EXPORT int32_t sora_audio_source_create(uint32_t factory, uint32_t sample_rate, uint32_t channels,
                                             uint32_t* out_source) {
  return Guard([&] {
    Require(out_source, "out_source is null");
    if (sample_rate < 8'000 || sample_rate > 48'000 || sample_rate % 100 != 0)
      Refuse("sample_rate", "from 8000 to 48000 Hz and a multiple of 100", sample_rate);
    RequireRange("channels", channels, 1, 2);
    const auto owner = Find<Factory>(factory);
    const uint32_t handle = Open(AudioSource::kKind, std::make_shared<AudioSource>(owner->runtime(), sample_rate, channels));
    owner->Adopt(handle);
    *out_source = handle;
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_audio_source_push(uint32_t source, const int16_t* samples, uint32_t frames, uint32_t sample_rate,
                                           uint32_t channels, double timestamp_us, double capture_time_ms) {
  return Push(source, samples, frames, sample_rate, channels, timestamp_us, capture_time_ms);
}

SORA_EXPORT int32_t sora_audio_source_push_f32(uint32_t source, const float* samples, uint32_t frames, uint32_t sample_rate,
                                               uint32_t channels, double timestamp_us, double capture_time_ms) {
  return Push(source, samples, frames, sample_rate, channels, timestamp_us, capture_time_ms);
}

SORA_EXPORT int32_t sora_audio_source_close(uint32_t source) {
  return Guard([&] {
    AudioSource::Close(Take<AudioSource>(source));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_audio_sink_create(uint32_t track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms,
                                           uint32_t* out_sink) {
  return Guard([&] {
    Require(out_sink, "out_sink is null");
    if (sample_rate != 0 && (sample_rate < 8'000 || sample_rate > 192'000 || sample_rate % 100 != 0))
      Refuse("sample_rate", "0, or from 8000 to 192000 Hz and a multiple of 100", sample_rate);
    RequireRange("channels", channels, 0, 2);
    RequireRange("capacity_ms", capacity_ms, 20, 60'000);
    auto found = Find<Track>(track);
    Require(!found->video(), "track must be an audio track, and it is video");
    *out_sink = AudioSink::Create(std::move(found), sample_rate, channels, capacity_ms);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_audio_sink_read(uint32_t sink, int16_t* samples, uint32_t capacity, uint32_t min_frames,
                                         uint32_t max_frames, double* info) {
  return Guard([&]() -> int32_t {
    Require(info, "info is null");
    Require(samples || capacity == 0, "samples is null");
    Require(min_frames <= max_frames, "min_frames must not be more than max_frames");
    const auto found = Find<AudioSink>(sink);
    const uint32_t frames = found->Read(samples, capacity, std::max(min_frames, 1u), max_frames, info);
    if (capacity == 0) return SORA_OK;
    if (frames == 0) return Fail(SORA_ERROR_WOULD_BLOCK, "fewer than min_frames are buffered");
    return static_cast<int32_t>(frames);
  });
}

SORA_EXPORT int32_t sora_audio_sink_close(uint32_t sink) {
  return Guard([&] {
    Take<AudioSink>(sink)->Detach(/*ended=*/false);
    return SORA_OK;
  });
}
