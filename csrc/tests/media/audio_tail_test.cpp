// When silence follows audio.
#include "media/audio_tail.h"

#include "../harness/harness.h"

using sora::AudioTail;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kSlice{10};

// A source that is polled every millisecond.
class Source {
 public:
  // Pieces of this length, at intervals of this length.
  void Stream(int pieces, int length_ms) {
    for (int i = 0; i < pieces; ++i) {
      Push(length_ms);
      Wait(length_ms);
    }
  }

  void Push(int length_ms) {
    for (int ms = 0; ms < length_ms; ms += 10) tail_.OnAudio(now_, kSlice);
  }

  // Milliseconds of silence sent meanwhile.
  int Wait(int ms) {
    int silence = 0;
    for (int i = 0; i < ms; ++i) {
      now_ += milliseconds(1);
      while (tail_.Next(now_, kSlice)) silence += 10;
    }
    return silence;
  }

 private:
  AudioTail tail_;
  AudioTail::Clock::time_point now_ = AudioTail::Clock::time_point() + std::chrono::hours(1);
};

}  // namespace

TEST(audio_tail_is_silence_as_long_as_receivers_would_speak) {
  Source source;
  REQUIRE_EQ(source.Wait(1'000), 0);
  source.Stream(50, 20);
  REQUIRE_EQ(source.Wait(28), 0);
  REQUIRE_EQ(source.Wait(2), 10);
  REQUIRE_EQ(source.Wait(100), 100);
  REQUIRE_EQ(source.Wait(60'000), 290);
  source.Push(10);
  REQUIRE_EQ(source.Wait(60'000), 400);
}

TEST(audio_tail_waits_until_a_long_piece_is_heard) {
  Source source;
  source.Push(1'000);
  REQUIRE_EQ(source.Wait(1'029), 0);
  REQUIRE_EQ(source.Wait(1), 10);
  for (int length_ms : {10, 20, 100, 1'000}) {
    Source other;
    other.Push(length_ms);
    for (int i = 0; i < 20; ++i) {
      REQUIRE_EQ(other.Wait(length_ms), 0);
      other.Push(length_ms);
    }
  }
}

TEST(audio_tail_is_patient_with_who_is_late_now_and_then_and_forgets_it) {
  Source source;
  source.Stream(50, 20);
  REQUIRE(source.Wait(60) > 0);
  for (int i = 0; i < 10; ++i) {
    source.Push(80);
    source.Stream(50, 20);
    REQUIRE_EQ(source.Wait(60), 0);
  }
  // It has been on time for long.
  source.Push(80);
  source.Stream(1'000, 20);
  REQUIRE_EQ(source.Wait(29), 0);
  REQUIRE_EQ(source.Wait(10), 10);
}

TEST(audio_tail_takes_a_pause_for_a_pause) {
  Source source;
  for (int i = 0; i < 10; ++i) {
    source.Push(200);
    REQUIRE_EQ(source.Wait(229), 0);
    REQUIRE_EQ(source.Wait(100), 100);
  }
}
