// Pulls a block of every received stream, so that its sinks get it. Nothing is mixed: the sum is not played.
#ifndef SORA_RUNTIME_AUDIO_MIXER_H
#define SORA_RUNTIME_AUDIO_MIXER_H

#include <mutex>
#include <vector>

#include "api/audio/audio_frame.h"
#include "api/audio/audio_mixer.h"
#include "api/make_ref_counted.h"
#include "runtime/capture_clock.h"

namespace sora {

class AudioMixer : public webrtc::AudioMixer {
 public:
  static rtc::scoped_refptr<webrtc::AudioMixer> Create() { return rtc::make_ref_counted<AudioMixer>(); }

  bool AddSource(Source* source) override {
    std::lock_guard lock(mutex_);
    sources_.push_back({source, CaptureClock()});
    return true;
  }

  void RemoveSource(Source* source) override {
    std::lock_guard lock(mutex_);
    std::erase_if(sources_, [source](const Pulled& pulled) { return pulled.source == source; });
  }

  void Mix(size_t channels, webrtc::AudioFrame* mixed) override {
    std::lock_guard lock(mutex_);
    for (Pulled& pulled : sources_) {
      frame_.packet_infos_ = webrtc::RtpPacketInfos();
      pulling_ = this;
      clock_ = &pulled.clock;
      pulled.source->GetAudioFrameWithInfo(kSampleRate, &frame_);
      pulling_ = nullptr;
      // Even without a sink: the packet may hold more than was played.
      clock_->Update(frame_.packet_infos_);
    }
    mixed->UpdateFrame(0, nullptr, kSampleRate / 100, kSampleRate, webrtc::AudioFrame::kNormalSpeech,
                       webrtc::AudioFrame::kVadUnknown, channels);
  }

  // Within a sink, which libwebrtc calls while a stream is pulled: the capture time of the audio that the sink is given, Unix
  // time in milliseconds, or -1 when unknown. libwebrtc does not pass it to its sinks.
  static double PulledCaptureTimeMs() {
    if (!pulling_) return -1;
    pulling_->clock_->Update(pulling_->frame_.packet_infos_);
    return pulling_->clock_->At(pulling_->frame_.timestamp_);
  }

 private:
  static constexpr int kSampleRate = 48'000;
  struct Pulled {
    Source* source;
    CaptureClock clock;
  };
  static inline thread_local const AudioMixer* pulling_ = nullptr;
  std::mutex mutex_;
  std::vector<Pulled> sources_;
  CaptureClock* clock_ = nullptr;  // of the source being pulled
  webrtc::AudioFrame frame_;
};

}  // namespace sora

#endif
