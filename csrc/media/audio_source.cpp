#include "media/audio_source.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>

#include "media/caller_time.h"
#include "os/thread.h"
#include "rtc_base/helpers.h"
#include "rtc_base/time_utils.h"

namespace sora {
namespace {

// While audio comes, the thread polls the queue this often: waking it costs the caller more than the rest of a push.
constexpr auto kPeriod = std::chrono::milliseconds(4);
// After this long without audio it sleeps until it is woken.
constexpr auto kIdle = std::chrono::milliseconds(500);
constexpr auto kNothing = std::chrono::milliseconds::zero();

std::chrono::milliseconds Length(const AudioSlice& slice) { return std::chrono::milliseconds(SliceMs(slice.sample_rate)); }

}  // namespace

AudioTrackSource::~AudioTrackSource() { Stop(); }

template <typename Sample>
size_t AudioTrackSource::Push(const Sample* samples, size_t frames, int sample_rate, size_t channels, int64_t timestamp_us,
                              double capture_time_ms) {
  bool wake;
  size_t dropped;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) throw Error(SORA_ERROR_CLOSED, "the audio source is closed");
    const int64_t now_us = rtc::TimeMicros();
    const int64_t time_us = capture_time_ms >= 0 ? ClockTimeUs(capture_time_ms)
                            : timestamp_us < 0   ? now_us
                                                 : aligner_.TranslateTimestamp(timestamp_us, now_us);
    StartThread();
    dropped = queue_.Push(samples, frames, sample_rate, channels, time_us);
    wake = asleep_;
  }
  if (wake) wake_.notify_one();
  return dropped;
}

template size_t AudioTrackSource::Push(const int16_t*, size_t, int, size_t, int64_t, double);
template size_t AudioTrackSource::Push(const float*, size_t, int, size_t, int64_t, double);

void AudioTrackSource::StartThread() {
  if (thread_.joinable()) return;
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error& error) {
    throw Error(SORA_ERROR_LIMIT, std::string("cannot start a thread to send audio: ") + error.what());
  }
}

void AudioTrackSource::Stop() {
  std::thread thread;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    thread = std::move(thread_);
  }
  wake_.notify_one();
  if (thread.joinable()) thread.join();
}

void AudioTrackSource::Run() {
  NameThread("sora-source");
  if (raise_) RaiseThread(ThreadRole::kAudio);
  AudioSlice slice;
  auto last = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  while (true) {
    while (queue_.Fill(slice)) {
      lock.unlock();
      last = std::chrono::steady_clock::now();
      tail_.OnAudio(last, Length(slice));
      Deliver(slice);
      lock.lock();
    }
    if (stopped_) break;
    const auto now = std::chrono::steady_clock::now();
    if (tail_.Next(now, Length(slice))) {
      lock.unlock();
      DeliverSilence(slice);
      lock.lock();
    } else if (tail_.left() > kNothing || now - last < kIdle) {
      wake_.wait_for(lock, kPeriod, [this] { return stopped_; });
    } else {
      asleep_ = true;
      wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
      asleep_ = false;
      last = std::chrono::steady_clock::now();
    }
  }
  lock.unlock();
  // At once, without waiting until each block is due.
  while (tail_.Next(AudioTail::Clock::time_point::max(), Length(slice))) DeliverSilence(slice);
}

void AudioTrackSource::DeliverSilence(AudioSlice& slice) {
  if (slice.samples.empty()) slice.time_us = end_us_;
  slice.samples.resize(SliceFrames(slice.sample_rate, SliceMs(slice.sample_rate)) * slice.channels);
  Deliver(slice);
}

void AudioTrackSource::Deliver(AudioSlice& slice) {
  const int slice_ms = SliceMs(slice.sample_rate);
  const int16_t* converted =
      converter_.Convert(slice.samples.data(), slice_ms, slice.sample_rate, slice.channels, sample_rate_, channels_);
  const size_t frames = SliceFrames(sample_rate_, 10);
  std::lock_guard lock(sinks_mutex_);
  for (int ms = 0; ms < slice_ms; ms += 10, converted += frames * channels_) {
    // libwebrtc takes no times before its clock began.
    absl::optional<int64_t> time_ms;
    if (slice.time_us >= 0) time_ms = slice.time_us / 1000 + ms;
    for (auto* sink : sinks_) sink->OnData(converted, 16, sample_rate_, channels_, frames, time_ms);
  }
  end_us_ = slice.time_us < 0 ? slice.time_us : slice.time_us + slice_ms * 1'000;
  slice.samples.clear();
}

const cricket::AudioOptions AudioTrackSource::options() const {
  cricket::AudioOptions options;  // audio is sent unmodified
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

AudioSource::AudioSource(std::shared_ptr<Runtime> runtime, uint32_t sample_rate, uint32_t channels)
    : runtime_(std::move(runtime)),
      source_(rtc::make_ref_counted<AudioTrackSource>(sample_rate, channels, runtime_->raises_threads())) {
  track_ = runtime_->factory().CreateAudioTrack(rtc::CreateRandomUuid(), source_.get());
  if (!track_) throw Error(SORA_ERROR_INTERNAL, "libwebrtc made no audio track");
}

void AudioSource::Close(std::shared_ptr<AudioSource> source) {
  const auto runtime = source->runtime_;
  Runtime::Post(runtime, [source = std::move(source)] { source->source_->Stop(); });
}

}  // namespace sora
