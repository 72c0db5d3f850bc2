#include "media/audio_sink.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/audio_mixer.h"

namespace sora {

uint32_t AudioSink::Create(std::shared_ptr<Track> track, uint32_t sample_rate, uint32_t channels, uint32_t capacity_ms) {
  return std::make_shared<AudioSink>(std::move(track), sample_rate, channels, capacity_ms)->Attach(kKind);
}

void AudioSink::AddTo(webrtc::MediaStreamTrackInterface& track) {
  static_cast<webrtc::AudioTrackInterface&>(track).AddSink(this);
  listens_ = true;
  device_->AddListener();
}

void AudioSink::RemoveFrom(webrtc::MediaStreamTrackInterface& track) {
  static_cast<webrtc::AudioTrackInterface&>(track).RemoveSink(this);
  if (std::exchange(listens_, false)) device_->RemoveListener();
}

void AudioSink::OnData(const void* data, int bits_per_sample, int sample_rate, size_t channels, size_t frames,
                       absl::optional<int64_t>) {
  if (bits_per_sample != 16 || channels == 0 || frames != static_cast<size_t>(sample_rate / 100)) return;
  const int to_rate = sample_rate_ ? static_cast<int>(sample_rate_) : sample_rate;
  const size_t to_channels = channels_ ? channels_ : channels;
  const int16_t* samples =
      converter_.Convert(static_cast<const int16_t*>(data), 10, sample_rate, channels, to_rate, to_channels);
  const size_t count = static_cast<size_t>(to_rate / 100) * to_channels;
  std::unique_lock lock(mutex_);
  Block block;
  if (blocks_.size() >= capacity_) {
    dropped_ += static_cast<double>(blocks_.front().Frames());
    block.samples = std::move(blocks_.front().samples);
    blocks_.pop_front();
  } else if (!spare_.empty()) {
    block.samples = std::move(spare_.back());
    spare_.pop_back();
  }
  block.sample_rate = to_rate;
  block.channels = to_channels;
  block.capture_time_ms = AudioMixer::PulledCaptureTimeMs();
  if (track_ && !track_->enabled()) {
    block.samples.assign(count, 0);
  } else {
    block.samples.assign(samples, samples + count);
  }
  blocks_.push_back(std::move(block));
  Announce(std::move(lock));
}

uint32_t AudioSink::Read(int16_t* samples, uint32_t capacity, uint32_t min_frames, uint32_t max_frames, double* info) {
  std::lock_guard lock(mutex_);
  const int rate = blocks_.empty() ? 0 : blocks_.front().sample_rate;
  const size_t channels = blocks_.empty() ? 0 : blocks_.front().channels;
  size_t available = 0;
  bool ends = false;  // another format follows, so no more of this one will
  for (const Block& block : blocks_) {
    ends = block.sample_rate != rate || block.channels != channels;
    if (ends) break;
    available += block.Frames();
  }
  info[SORA_AUDIO_INFO_SAMPLE_RATE] = rate;
  info[SORA_AUDIO_INFO_CHANNELS] = static_cast<double>(channels);
  info[SORA_AUDIO_INFO_DROPPED] = dropped_;
  info[SORA_AUDIO_INFO_CAPTURE_TIME_MS] = blocks_.empty() ? -1 : blocks_.front().CaptureTimeMs();
  info[SORA_AUDIO_INFO_AVAILABLE] = static_cast<double>(available);
  info[SORA_AUDIO_INFO_ENDS] = ends;
  // What comes before a change of format is handed out even if it is less than requested.
  const size_t least = ends ? std::min<size_t>(min_frames, available) : std::max(min_frames, 1u);
  const size_t wanted = channels ? std::min<size_t>({available, max_frames, capacity / channels}) : 0;
  if (available < least) announced_ = false;
  if (wanted < least) return 0;
  size_t left = wanted;
  while (left > 0) {
    Block& block = blocks_.front();
    const size_t count = std::min(left, block.Frames());
    std::memcpy(samples, block.samples.data() + block.read * channels, count * channels * sizeof(int16_t));
    samples += count * channels;
    block.read += count;
    left -= count;
    if (block.Frames() == 0) {
      if (spare_.size() < 8) spare_.push_back(std::move(block.samples));
      blocks_.pop_front();
    }
  }
  info[SORA_AUDIO_INFO_AVAILABLE] = static_cast<double>(available - wanted);
  return static_cast<uint32_t>(wanted);
}

}  // namespace sora
