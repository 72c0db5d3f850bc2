// A dummy audio device: it requests a block of playout from libwebrtc every 10 ms, because received audio only reaches its sinks
// when it is played. While no sink listens, it requests several blocks at a time: libwebrtc's buffers and statistics need them, but
// nobody waits for each. Nothing is recorded; audio to send comes from sources.
#ifndef SORA_RUNTIME_AUDIO_DEVICE_H
#define SORA_RUNTIME_AUDIO_DEVICE_H

#include <condition_variable>
#include <mutex>
#include <thread>

#include "api/make_ref_counted.h"
#include "modules/audio_device/include/audio_device_default.h"

namespace sora {

class AudioDevice : public webrtc::webrtc_impl::AudioDeviceModuleDefault<webrtc::AudioDeviceModule> {
 public:
  // raise: whether its thread comes before those of other programs.
  static rtc::scoped_refptr<AudioDevice> Create(bool raise) { return rtc::make_ref_counted<AudioDevice>(raise); }
  explicit AudioDevice(bool raise) : raise_(raise) {}
  ~AudioDevice() override;

  int32_t RegisterAudioCallback(webrtc::AudioTransport* transport) override;
  int32_t Terminate() override { return StopPlayout(); }
  int32_t InitPlayout() override { return 0; }
  bool PlayoutIsInitialized() const override { return true; }
  int32_t StartPlayout() override;
  int32_t StopPlayout() override;
  bool Playing() const override;

  // A sink begins to listen, or has ended.
  void AddListener();
  void RemoveListener();

 private:
  void Play();
  void PlayBlock();

  const bool raise_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool playing_ = false;
  unsigned listeners_ = 0;
  std::thread thread_;
  std::mutex transport_mutex_;  // held while the transport is called
  webrtc::AudioTransport* transport_ = nullptr;
};

}  // namespace sora

#endif
