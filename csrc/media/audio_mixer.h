// Pulls 10 ms of every received stream, so that its sinks get them, and mixes nothing: nobody listens to the sum.
#ifndef SORA_MEDIA_AUDIO_MIXER_H
#define SORA_MEDIA_AUDIO_MIXER_H

#include <algorithm>
#include <mutex>
#include <vector>

#include "api/audio/audio_frame.h"
#include "api/audio/audio_mixer.h"
#include "api/make_ref_counted.h"

namespace sora {

class AudioMixer : public webrtc::AudioMixer {
 public:
  static rtc::scoped_refptr<webrtc::AudioMixer> Create() { return rtc::make_ref_counted<AudioMixer>(); }

  bool AddSource(Source* source) override {
    std::lock_guard lock(mutex_);
    sources_.push_back(source);
    return true;
  }

  void RemoveSource(Source* source) override {
    std::lock_guard lock(mutex_);
    sources_.erase(std::remove(sources_.begin(), sources_.end(), source), sources_.end());
  }

  void Mix(size_t channels, webrtc::AudioFrame* mixed) override {
    std::lock_guard lock(mutex_);
    for (Source* source : sources_) source->GetAudioFrameWithInfo(kSampleRate, &frame_);
    mixed->UpdateFrame(0, nullptr, kSampleRate / 100, kSampleRate, webrtc::AudioFrame::kNormalSpeech,
                       webrtc::AudioFrame::kVadUnknown, channels);
  }

 private:
  static constexpr int kSampleRate = 48'000;
  std::mutex mutex_;
  std::vector<Source*> sources_;
  webrtc::AudioFrame frame_;
};

}  // namespace sora

#endif
