// Audio sources: what they accept and what they refuse.
#include <pthread.h>

#include <vector>

#include "support.h"

TEST(audio_source_checks_its_format) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, nullptr), SORA_ERROR_INVALID_ARGUMENT);
  const std::pair<uint32_t, uint32_t> wrong[] = {{7'900, 1},       {48'100, 1}, {44'150, 1}, {0, 1},
                                                 {0xffff'ffff, 1}, {48'000, 0}, {48'000, 3}, {48'000, 0xffff'ffff}};
  for (const auto& [rate, channels] : wrong)
    REQUIRE_RESULT(sora_audio_source_create(session.factory, rate, channels, &source), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_EQ(source, 0u);
  for (const uint32_t rate : {8'000u, 16'000u, 32'000u, 44'100u, 48'000u})
    for (const uint32_t channels : {1u, 2u})
      REQUIRE_RESULT(sora_audio_source_create(session.factory, rate, channels, &source), SORA_OK);
}

TEST(audio_source_takes_any_number_of_frames_in_any_format) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 16'000, 1, &source), SORA_OK);
  const std::vector<int16_t> samples(8 * 19'200, 1000);
  std::vector<float> floats(samples.size(), 0.5f);
  floats[0] = __builtin_nanf("");
  floats[1] = __builtin_inff();
  floats[2] = -3e38f;
  for (const uint32_t rate : {8'000u, 11'025u, 11'100u, 22'050u, 44'100u, 48'000u, 96'000u, 192'000u}) {
    for (uint32_t channels = 1; channels <= 8; ++channels) {
      for (const uint32_t frames : {0u, 1u, rate / 100 - 1, rate / 100, rate / 100 * 3 + 7, rate / 10}) {
        // The source's thread may lag: the rest is refused and counted.
        const int32_t dropped = sora_audio_source_push(source, samples.data(), frames, rate, channels, -1, -1);
        REQUIRE(dropped >= 0 && static_cast<uint32_t>(dropped) <= frames);
        const int32_t dropped_f32 = sora_audio_source_push_f32(source, floats.data(), frames, rate, channels, 5e6, -1);
        REQUIRE(dropped_f32 >= 0 && static_cast<uint32_t>(dropped_f32) <= frames);
      }
    }
  }
}

TEST(audio_source_is_behind_by_two_seconds_at_most) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 16'000, 1, &source), SORA_OK);
  // The thread may take some of it between the two calls.
  const std::vector<int16_t> minute(60 * 16'000);
  REQUIRE_EQ(sora_audio_source_push(source, minute.data(), 60 * 16'000, 16'000, 1, -1, -1), 58 * 16'000);
  const std::vector<float> floats(4 * 16'000);
  const int32_t dropped = sora_audio_source_push_f32(source, floats.data(), 4 * 16'000, 16'000, 1, -1, -1);
  REQUIRE(dropped >= 2 * 16'000 && dropped <= 4 * 16'000);
  REQUIRE_RESULT(sora_audio_source_push(source, minute.data(), 0x8000'0000u, 16'000, 1, -1, -1),
                 SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_source_close(source), SORA_OK);
}

TEST(audio_source_takes_nothing_when_its_thread_cannot_be_started) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 16'000, 1, &source), SORA_OK);
  const std::vector<int16_t> samples(2 * 16'000);
  pthread_attr_t usual, impossible;
  REQUIRE_EQ(pthread_getattr_default_np(&usual), 0);
  REQUIRE_EQ(pthread_attr_init(&impossible), 0);
  REQUIRE_EQ(pthread_attr_setstacksize(&impossible, size_t{1} << 50), 0);
  REQUIRE_EQ(pthread_setattr_default_np(&impossible), 0);
  const int32_t refused = sora_audio_source_push(source, samples.data(), 2 * 16'000, 16'000, 1, -1, -1);
  REQUIRE_EQ(pthread_setattr_default_np(&usual), 0);
  REQUIRE_RESULT(refused, SORA_ERROR_LIMIT);
  // All of the two seconds are free again, and now there is a thread.
  REQUIRE_EQ(sora_audio_source_push(source, samples.data(), 2 * 16'000, 16'000, 1, -1, -1), 0);
  REQUIRE_RESULT(sora_audio_source_close(source), SORA_OK);
}

TEST(audio_source_checks_what_is_pushed) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, &source), SORA_OK);
  const int16_t samples[960] = {};
  const std::pair<uint32_t, uint32_t> wrong[] = {{7'900, 1}, {192'100, 1}, {44'110, 1}, {0, 1}, {48'000, 0}, {48'000, 9}};
  for (const auto& [rate, channels] : wrong)
    REQUIRE_RESULT(sora_audio_source_push(source, samples, 10, rate, channels, -1, -1), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_source_push(source, nullptr, 1, 48'000, 2, -1, -1), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_source_push(source, nullptr, 0, 48'000, 2, -1, -1), SORA_OK);
  for (const double time : {__builtin_inf(), __builtin_nan(""), 1e300})
    REQUIRE_RESULT(sora_audio_source_push(source, samples, 10, 48'000, 2, time, -1), SORA_ERROR_INVALID_ARGUMENT);
  for (const double time : {__builtin_inf(), __builtin_nan(""), 1e13})
    REQUIRE_RESULT(sora_audio_source_push(source, samples, 10, 48'000, 2, -1, time), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_source_close(source), SORA_OK);
  REQUIRE_RESULT(sora_audio_source_push(source, samples, 480, 48'000, 2, -1, -1), SORA_ERROR_CLOSED);
}

TEST(audio_sink_checks_its_arguments) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  Event track;
  do {
    track = session.queue.Take(SORA_EVENT_TRACK, peer);
  } while (track.payload.find("\"audio\"") == std::string::npos);
  uint32_t sink = 0;
  const uint32_t wrong[][3] = {{7'900, 1, 100}, {192'100, 1, 100}, {48'050, 1, 100},   {48'000, 3, 100},
                               {48'000, 1, 19}, {48'000, 1, 0},    {48'000, 1, 60'001}};
  for (const auto& [rate, channels, capacity_ms] : wrong)
    REQUIRE_RESULT(sora_audio_sink_create(track.argument, rate, channels, capacity_ms, &sink), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_sink_create(track.argument, 0, 0, 100, nullptr), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_sink_create(track.argument, 0, 0, 100, &sink), SORA_OK);
  double info[SORA_AUDIO_INFO_COUNT] = {9, 9, 9, 9, 9};
  int16_t samples[960] = {};
  REQUIRE_RESULT(sora_audio_sink_read(sink, samples, 960, 1, 480, nullptr), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_sink_read(sink, nullptr, 960, 1, 480, info), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_sink_read(sink, samples, 960, 10, 9, info), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_audio_sink_read(sink, samples, 960, 1, 480, info), SORA_ERROR_WOULD_BLOCK);
  REQUIRE_RESULT(sora_audio_sink_read(sink, nullptr, 0, 0, 0, info), SORA_OK);
  REQUIRE_EQ(info[SORA_AUDIO_INFO_AVAILABLE], 0.0);
  REQUIRE_EQ(info[SORA_AUDIO_INFO_DROPPED], 0.0);
  REQUIRE(info[SORA_AUDIO_INFO_CAPTURE_TIME_MS] < 0);
  REQUIRE_RESULT(sora_audio_sink_close(sink), SORA_OK);
  REQUIRE_RESULT(sora_audio_sink_read(sink, samples, 960, 1, 480, info), SORA_ERROR_CLOSED);
  session.ClosePeer(peer);
}
