// When a source of audio that gets nothing more sends silence. Without it receivers make up 100 to 250 ms of sound, because they
// cannot know that what they wait for does not come.
#ifndef SORA_MEDIA_AUDIO_TAIL_H
#define SORA_MEDIA_AUDIO_TAIL_H

#include <algorithm>
#include <chrono>
#include <utility>

namespace sora {

// Not thread-safe. Times are of a clock that runs evenly.
class AudioTail {
 public:
  using Clock = std::chrono::steady_clock;
  using Milliseconds = std::chrono::milliseconds;

  // As long as libwebrtc's receivers would make something up, and a little more.
  static constexpr Milliseconds kLength{400};
  // Audio may be this late: receivers have about as much in stock.
  static constexpr Milliseconds kPatience{30};
  // And this late when it was before, as receivers have more in stock then. What is later was not late, but a pause.
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

  // Whether to send silence of that length at `now`; if so, it counts as sent.
  bool Next(Clock::time_point now, Milliseconds length) {
    if (left_ <= Milliseconds::zero() || now < due_ + patience()) return false;
    left_ -= length;
    due_ += length;
    return true;
  }

  // Silence that is to be sent still, unless audio comes.
  Milliseconds left() const { return std::max(left_, Milliseconds::zero()); }

 private:
  static constexpr std::chrono::seconds kWindow{5};

  Clock::duration patience() const {
    const auto latest = std::max(latest_, latest_before_);
    if (latest == Clock::duration::zero()) return kPatience;
    return std::clamp<Clock::duration>(latest + Milliseconds(10), kPatience, kMostPatience);
  }

  // Audio that comes all at once after a delay seems to be ahead of its time from then on. Receivers play it faster to be on time
  // again; here, what it was ahead at least, for a while, is taken off.
  void Forget(Clock::time_point now) {
    if (begun_) least_ahead_ = std::min(least_ahead_, std::max(due_ - now, Clock::duration::zero()));
    if (begun_ && now - window_ < kWindow) return;
    if (begun_) due_ -= least_ahead_;
    window_ = now;
    least_ahead_ = Clock::duration::max();
    latest_before_ = std::exchange(latest_, Clock::duration::zero());
  }

  bool begun_ = false;
  Clock::time_point due_;     // all that was sent is heard
  Clock::time_point end_;     // all audio that was sent is heard
  Clock::time_point window_;  // begin of a window
  Milliseconds left_{0};
  Clock::duration least_ahead_ = Clock::duration::max();
  // How late audio was at most, in this window and the one before.
  Clock::duration latest_{0}, latest_before_{0};
};

}  // namespace sora

#endif
