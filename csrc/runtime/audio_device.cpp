#include "runtime/audio_device.h"

#include <chrono>
#include <system_error>

#include "os/thread.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {
constexpr int kSampleRate = 48'000, kChannels = 2, kFrames = kSampleRate / 100;
constexpr auto kPeriod = std::chrono::milliseconds(10);
constexpr int kUnheardBlocks = 4;  // that are played at a time while nobody listens: two packets of 20 ms
}  // namespace

AudioDevice::~AudioDevice() { StopPlayout(); }

int32_t AudioDevice::RegisterAudioCallback(webrtc::AudioTransport* transport) {
  std::lock_guard lock(transport_mutex_);
  transport_ = transport;
  return 0;
}

int32_t AudioDevice::StartPlayout() {
  std::lock_guard lock(mutex_);
  if (playing_) return 0;
  try {
    thread_ = std::thread([this] { Play(); });  // waits for mutex_
  } catch (const std::system_error& error) {
    RTC_LOG(LS_ERROR) << "Cannot start a thread to play received audio: " << error.what();
    return -1;
  }
  playing_ = true;
  return 0;
}

int32_t AudioDevice::StopPlayout() {
  std::thread thread;
  {
    std::lock_guard lock(mutex_);
    playing_ = false;
    thread = std::move(thread_);
  }
  changed_.notify_all();
  if (thread.joinable()) thread.join();
  return 0;
}

bool AudioDevice::Playing() const {
  std::lock_guard lock(mutex_);
  return playing_;
}

void AudioDevice::AddListener() {
  {
    std::lock_guard lock(mutex_);
    ++listeners_;
  }
  changed_.notify_all();
}

void AudioDevice::RemoveListener() {
  std::lock_guard lock(mutex_);
  --listeners_;
}

void AudioDevice::Play() {
  NameThread("sora-audio");
  if (raise_) RaiseThread(ThreadRole::kAudio);
  auto next = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (playing_) {
    lock.unlock();
    const auto now = std::chrono::steady_clock::now();
    // After a long pause (a suspended machine) continue from now instead of playing everything that was missed.
    if (now - next > std::chrono::seconds(1)) next = now;
    for (; next <= now; next += kPeriod) PlayBlock();
    lock.lock();
    const bool heard = listeners_ > 0;
    changed_.wait_until(lock, heard ? next : next + (kUnheardBlocks - 1) * kPeriod,
                        [&] { return !playing_ || (!heard && listeners_ > 0); });
  }
}

void AudioDevice::PlayBlock() {
  std::lock_guard lock(transport_mutex_);
  if (!transport_) return;
  int16_t samples[kFrames * kChannels];
  size_t frames = 0;
  int64_t elapsed_ms = -1, ntp_ms = -1;
  transport_->NeedMorePlayData(kFrames, sizeof(int16_t) * kChannels, kChannels, kSampleRate, samples, frames, &elapsed_ms,
                               &ntp_ms);
}

}  // namespace sora
