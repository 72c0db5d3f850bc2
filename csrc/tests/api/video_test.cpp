// Sizes of frames, and sources: without receivers, and with an encoder.
#include <vector>

#include "../harness/guarded.h"
#include "support.h"

namespace {

struct Size4 {
  uint32_t format, width, height, stride;
  int32_t expected;
};

}  // namespace

TEST(video_frame_size_of_every_format) {
  const Size4 sizes[] = {
      {SORA_VIDEO_FORMAT_BGR, 4, 2, 0, 24},
      {SORA_VIDEO_FORMAT_RGB, 3, 3, 0, 27},
      {SORA_VIDEO_FORMAT_RGB, 3, 3, 16, 41},  // 2 x 16 + 9
      {SORA_VIDEO_FORMAT_BGRA, 1, 1, 0, 4},
      {SORA_VIDEO_FORMAT_RGBA, 5, 3, 32, 84},  // 2 x 32 + 20
      {SORA_VIDEO_FORMAT_I420, 4, 4, 0, 24},
      {SORA_VIDEO_FORMAT_I420, 1, 1, 0, 3},   // 1 + 1 + 1
      {SORA_VIDEO_FORMAT_I420, 3, 3, 0, 17},  // 9 + 2 x (2 x 2)
      {SORA_VIDEO_FORMAT_I420, 4, 3, 7, 35},  // 21 + 4 x 2 + 4 + 2
      {SORA_VIDEO_FORMAT_NV12, 4, 4, 0, 24},
      {SORA_VIDEO_FORMAT_NV12, 1, 1, 0, 3},   // 1 + 2
      {SORA_VIDEO_FORMAT_NV12, 3, 3, 0, 17},  // 9 + 4 x 2
      {SORA_VIDEO_FORMAT_NV12, 4, 3, 7, 33},  // 21 + 8 + 4
      {SORA_VIDEO_FORMAT_BGR, 1280, 720, 0, 2'764'800},
      {SORA_VIDEO_FORMAT_I420, 1280, 720, 0, 1'382'400},
      {SORA_VIDEO_FORMAT_BGRA, 16'384, 16'384, 0, 1'073'741'824},
  };
  for (const auto& [format, width, height, stride, expected] : sizes)
    REQUIRE_RESULT(sora_video_frame_size(format, width, height, stride), expected);
}

TEST(video_frame_size_refuses_what_cannot_be) {
  const Size4 wrong[] = {
      {0, 4, 4, 0, 0},
      {7, 4, 4, 0, 0},
      {0xffff'ffff, 4, 4, 0, 0},
      {SORA_VIDEO_FORMAT_BGR, 0, 4, 0, 0},
      {SORA_VIDEO_FORMAT_BGR, 4, 0, 0, 0},
      {SORA_VIDEO_FORMAT_I420, 16'385, 4, 0, 0},
      {SORA_VIDEO_FORMAT_I420, 4, 16'385, 0, 0},
      {SORA_VIDEO_FORMAT_RGBA, 0x4000'0001, 4, 0, 0},  // x 4 is 4 in 32 bits
      {SORA_VIDEO_FORMAT_BGR, 4, 4, 11, 0},
      {SORA_VIDEO_FORMAT_NV12, 4, 4, 3, 0},
      {SORA_VIDEO_FORMAT_NV12, 4, 4, 131'073, 0},
      {SORA_VIDEO_FORMAT_NV12, 4, 4, 0xffff'ffff, 0},
      {SORA_VIDEO_FORMAT_I420, 16'384, 16'384, 131'072, 0},  // 3 GiB
  };
  for (const auto& [format, width, height, stride, ignored] : wrong) {
    REQUIRE_RESULT(sora_video_frame_size(format, width, height, stride), SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE(!LastError().empty());
  }
  REQUIRE_RESULT(sora_video_frame_size(SORA_VIDEO_FORMAT_BGR, 20'000, 4, 0), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(LastError(), "20000");
}

TEST(video_source_leaves_out_what_nobody_wants) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, nullptr), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  std::vector<uint8_t> frame(64 * 48 * 4, 128);
  const auto push = [&](uint32_t format, uint32_t size, double timestamp_us) {
    return sora_video_source_push(source, frame.data(), size, 64, 48, 0, format, 0, timestamp_us);
  };
  for (uint32_t format = SORA_VIDEO_FORMAT_BGR; format <= SORA_VIDEO_FORMAT_NV12; ++format) {
    const auto size = static_cast<uint32_t>(sora_video_frame_size(format, 64, 48, 0));
    REQUIRE_RESULT(push(format, size, -1), 0);
    REQUIRE_RESULT(push(format, size, 1'000'000), 0);
    REQUIRE_RESULT(push(format, size - 1, -1), SORA_ERROR_BUFFER_TOO_SMALL);
    REQUIRE_HAS(LastError(), std::to_string(size));
    REQUIRE_HAS(LastError(), std::to_string(size - 1));
  }
  REQUIRE_RESULT(push(99, 64 * 48 * 4, -1), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_video_source_push(source, nullptr, 64 * 48 * 4, 64, 48, 0, SORA_VIDEO_FORMAT_RGBA, 0, -1),
                 SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_track_set_enabled(source, 0), SORA_OK);
  REQUIRE_RESULT(sora_video_source_close(source), SORA_OK);
  REQUIRE_RESULT(push(SORA_VIDEO_FORMAT_RGBA, 64 * 48 * 4, -1), SORA_ERROR_CLOSED);
}

TEST(video_timestamps_that_are_no_time_are_refused) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  const std::vector<uint8_t> frame(6);
  for (const double time : {__builtin_inf(), __builtin_nan(""), 1e300, 9.3e18, -__builtin_inf()}) {
    const int32_t result = sora_video_source_push(source, frame.data(), 6, 2, 2, 0, SORA_VIDEO_FORMAT_I420, 0, time);
    REQUIRE_RESULT(result, time < 0 ? 0 : SORA_ERROR_INVALID_ARGUMENT);
  }
}

TEST(video_source_refuses_a_side_of_one_pixel) {
  Session session;
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  const std::vector<uint8_t> frame(64);
  constexpr uint32_t kSizes[][2] = {{1, 1}, {1, 16}, {16, 1}};
  for (const auto& [width, height] : kSizes) {
    REQUIRE_RESULT(sora_video_source_push(source, frame.data(), 64, width, height, 0, SORA_VIDEO_FORMAT_BGR, 0, -1),
                   SORA_ERROR_INVALID_ARGUMENT);
    REQUIRE_HAS(LastError(), std::to_string(width) + " x " + std::to_string(height));
  }
  REQUIRE_RESULT(sora_video_source_push(source, frame.data(), 64, 2, 2, 0, SORA_VIDEO_FORMAT_BGR, 0, -1), 0);
}

TEST(video_source_converts_what_an_encoder_listens_to_and_touches_nothing_else) {
  Session session;
  const uint32_t peer = session.CreatePeer();
  uint32_t source = 0;
  REQUIRE_RESULT(sora_video_source_create(session.factory, &source), SORA_OK);
  session.SetRemoteOffer(peer, SoraOffer(), 1);
  session.AddSender(peer, source, "{\"mid\":\"video\",\"streamId\":\"mine\"}", 2);
  session.Answer(peer, 3);
  constexpr uint32_t kSizes[][2] = {{2, 2}, {3, 3}, {2, 5}, {5, 2}, {64, 48}, {127, 95}, {318, 241}, {4096, 2304}};
  constexpr uint32_t kPixelBytes[] = {0, 3, 3, 4, 4, 1, 1};
  uint32_t rotation = 0;
  for (const auto& [width, height] : kSizes) {
    for (uint32_t format = SORA_VIDEO_FORMAT_BGR; format <= SORA_VIDEO_FORMAT_NV12; ++format) {
      for (const uint32_t gap : {0u, 7u, 32u}) {
        const uint32_t stride = width * kPixelBytes[format] + gap;
        const int32_t size = sora_video_frame_size(format, width, height, stride);
        REQUIRE(size > 0);
        const test::Guarded frame(static_cast<size_t>(size));
        const auto push = [&, width = width, height = height](uint32_t bytes) {
          return sora_video_source_push(source, frame.data(), bytes, width, height, stride, format, rotation, -1);
        };
        // The encoder may hold all buffers for a moment, and it may take a moment to start.
        REQUIRE(Eventually([&] { return push(static_cast<uint32_t>(size)) == 1; }));
        REQUIRE_RESULT(push(static_cast<uint32_t>(size) - 1), SORA_ERROR_BUFFER_TOO_SMALL);
        rotation = (rotation + 90) % 360;
      }
    }
  }
  session.ClosePeer(peer);
  REQUIRE_RESULT(sora_video_source_close(source), SORA_OK);
}

TEST(track_id_is_told_and_cut) {
  Session session;
  uint32_t audio = 0, video = 0;
  REQUIRE_RESULT(sora_audio_source_create(session.factory, 48'000, 2, &audio), SORA_OK);
  REQUIRE_RESULT(sora_video_source_create(session.factory, &video), SORA_OK);
  const auto id = [](uint32_t handle) {
    std::string text(36, '.');  // a UUID
    REQUIRE_RESULT(sora_track_id(handle, nullptr, 0), 36);
    REQUIRE_RESULT(sora_track_id(handle, reinterpret_cast<uint8_t*>(text.data()), 36), 36);
    return text;
  };
  const std::string of_audio = id(audio), of_video = id(video);
  REQUIRE(of_audio != of_video);
  std::string part = "....";
  REQUIRE_RESULT(sora_track_id(video, reinterpret_cast<uint8_t*>(part.data()), 3), 36);
  REQUIRE_EQ(part, of_video.substr(0, 3) + ".");
  REQUIRE_RESULT(sora_track_id(session.factory, nullptr, 0), SORA_ERROR_INVALID_HANDLE);
}
