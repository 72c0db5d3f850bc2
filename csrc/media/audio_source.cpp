#include "media/audio_source.h"

#include <algorithm>
#include <cmath>

#include "rtc_base/helpers.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {

int16_t ToInt16(int16_t sample) { return sample; }
int16_t ToInt16(float sample) {
  // A NaN becomes silence.
  if (!(sample == sample)) return 0;
  return static_cast<int16_t>(std::lrintf(std::clamp(sample * 32768.0f, -32768.0f, 32767.0f)));
}

}  // namespace

template <typename Sample>
void AudioTrackSource::Push(const Sample* samples, size_t frames, int sample_rate, size_t channels, int64_t timestamp_us) {
  std::lock_guard lock(mutex_);
  if (sample_rate != input_rate_ || channels != input_channels_) {
    pending_.clear();
    input_rate_ = sample_rate;
    input_channels_ = channels;
    pending_.reserve(SliceFrames(sample_rate, SliceMs(sample_rate)) * channels);
  }
  const int slice_ms = SliceMs(sample_rate);
  const size_t slice = SliceFrames(sample_rate, slice_ms) * channels;
  const int64_t now_us = rtc::TimeMicros();
  int64_t time_us = timestamp_us < 0 ? now_us : aligner_.TranslateTimestamp(timestamp_us, now_us);
  time_us -= static_cast<int64_t>(pending_.size() / channels) * 1'000'000 / sample_rate;
  size_t left = frames * channels;
  while (left > 0) {
    const size_t count = std::min(left, slice - pending_.size());
    for (size_t i = 0; i < count; ++i) pending_.push_back(ToInt16(samples[i]));
    samples += count;
    left -= count;
    if (pending_.size() < slice) break;
    Deliver(pending_.data(), time_us / 1000);
    pending_.clear();
    time_us += slice_ms * 1000;
  }
}

template void AudioTrackSource::Push(const int16_t*, size_t, int, size_t, int64_t);
template void AudioTrackSource::Push(const float*, size_t, int, size_t, int64_t);

void AudioTrackSource::Deliver(const int16_t* samples, int64_t time_ms) {
  const int slice_ms = SliceMs(input_rate_);
  const int16_t* converted = converter_.Convert(samples, slice_ms, input_rate_, input_channels_, sample_rate_, channels_);
  const size_t frames = SliceFrames(sample_rate_, 10);
  std::lock_guard lock(sinks_mutex_);
  for (int ms = 0; ms < slice_ms; ms += 10, converted += frames * channels_)
    for (auto* sink : sinks_) sink->OnData(converted, 16, sample_rate_, channels_, frames, time_ms + ms);
}

const cricket::AudioOptions AudioTrackSource::options() const {
  cricket::AudioOptions options;  // what comes in is meant to go out as it is
  options.echo_cancellation = false;
  options.auto_gain_control = false;
  options.noise_suppression = false;
  options.highpass_filter = false;
  return options;
}

void AudioTrackSource::AddSink(webrtc::AudioTrackSinkInterface* sink) {
  std::lock_guard lock(sinks_mutex_);
  sinks_.push_back(sink);
}

void AudioTrackSource::RemoveSink(webrtc::AudioTrackSinkInterface* sink) {
  std::lock_guard lock(sinks_mutex_);
  sinks_.erase(std::remove(sinks_.begin(), sinks_.end(), sink), sinks_.end());
}

AudioSource::AudioSource(std::shared_ptr<Engine> engine, uint32_t sample_rate, uint32_t channels)
    : engine_(std::move(engine)), source_(rtc::make_ref_counted<AudioTrackSource>(sample_rate, channels)) {
  track_ = engine_->factory().CreateAudioTrack(rtc::CreateRandomUuid(), source_.get());
  if (!track_) throw Error(SORA_ERROR_INTERNAL, "libwebrtc made no audio track");
}

void AudioSource::Close(std::shared_ptr<AudioSource> source) {
  const auto engine = source->engine_;
  Engine::Post(engine, [source = std::move(source)] {});
}

}  // namespace sora
