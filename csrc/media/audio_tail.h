// The silence that an audio source sends when the caller pushes nothing more. Without it receivers conceal 100 to 250 ms with
// made-up audio, because they cannot know that nothing follows.
#ifndef SORA_MEDIA_AUDIO_TAIL_H
#define SORA_MEDIA_AUDIO_TAIL_H

#include <algorithm>
#include <chrono>
#include <utility>

namespace sora {

// Not thread-safe. Times are of a monotonic clock.
class AudioTail {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  // A little longer than libwebrtc's receivers would conceal.
  static constexpr Milliseconds kLength{400};
  // Audio may be this late: receivers buffer about as much.
  static constexpr Milliseconds kPatience{30};
  // And this late if it was before, because receivers buffer more then. Anything later counts as a pause.
  static constexpr Milliseconds kMostPatience{100};

  // Audio is sent at `now`.
  void OnAudio(Clock::time_point now, Milliseconds length) {
    if (begun_ && now > end_ && now - end_ < kMostPatience) latest_ = std::max(latest_, now - end_);
    Forget(now);
    due_ = (begun_ ? std::max(due_, now) : now) + length;
    end_ = due_;
    left_ = kLength;
    begun_ = true;
  }

  // Whether to send silence of this length at `now`; if so, it counts as sent.
  bool Next(Clock::time_point now, Milliseconds length) {
    if (left_ <= Milliseconds::zero() || now < due_ + patience()) return false;
    left_ -= length;
    due_ += length;
    return true;
  }

  // Silence that remains to be sent unless audio comes.
  Milliseconds left() const { return std::max(left_, Milliseconds::zero()); }

 private:
  static constexpr std::chrono::seconds kWindow{5};

  Clock::duration patience() const {
    const auto latest = std::max(latest_, latest_before_);
    if (latest == Clock::duration::zero()) return kPatience;
    return std::clamp<Clock::duration>(latest + Milliseconds(10), kPatience, kMostPatience);
  }

  // Audio that comes all at once after a delay seems to be ahead of time from then on. Receivers play it faster to catch up;
  // here, the least that it was ahead within a window is subtracted.
  void Forget(Clock::time_point now) {
    if (begun_) least_ahead_ = std::min(least_ahead_, std::max(due_ - now, Clock::duration::zero()));
    if (begun_ && now - window_ < kWindow) return;
    if (begun_) due_ -= least_ahead_;
    window_ = now;
    least_ahead_ = Clock::duration::max();
    latest_before_ = std::exchange(latest_, Clock::duration::zero());
  }

  bool begun_ = false;
  Clock::time_point due_;     // when all that was sent has been played
  Clock::time_point end_;     // when all audio that was sent has been played
  Clock::time_point window_;  // when the window began
  Milliseconds left_{0};
  Clock::duration least_ahead_ = Clock::duration::max();
  // The maximum lateness of audio in this window and in the one before.
  Clock::duration latest_{0}, latest_before_{0};
};

}  // namespace sora

#endif
