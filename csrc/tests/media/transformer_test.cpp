// What a transformer reports about the frames taken from it: each number in its place, NaN where it is unknown, and lists within the
// caller's array.
#include "media/transformer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../harness/harness.h"
#include "rtc_base/time_utils.h"
#include "sora_ffi/transformer.h"

using sora::EncodedFrame;
using sora::FrameTransformer;
using Direction = webrtc::TransformableFrameInterface::Direction;

namespace {

template <typename Base>
class Fake : public Base {
 public:
  rtc::ArrayView<const uint8_t> GetData() const override { return data; }
  void SetData(rtc::ArrayView<const uint8_t> other) override { data.assign(other.begin(), other.end()); }
  uint8_t GetPayloadType() const override { return 100; }
  uint32_t GetSsrc() const override { return 0xffff'fffe; }
  uint32_t GetTimestamp() const override { return 0xffff'fffd; }
  void SetRTPTimestamp(uint32_t) override {}
  Direction GetDirection() const override { return direction; }
  std::string GetMimeType() const override { return mime_type; }

  std::vector<uint8_t> data = std::vector<uint8_t>(7);
  Direction direction = Direction::kReceiver;
  std::string mime_type = "video/AV1";
};

class Video : public Fake<webrtc::TransformableVideoFrameInterface> {
 public:
  bool IsKeyFrame() const override { return key; }
  webrtc::VideoFrameMetadata Metadata() const override { return metadata; }
  void SetMetadata(const webrtc::VideoFrameMetadata& other) override { metadata = other; }

  bool key = false;
  webrtc::VideoFrameMetadata metadata;
};

class Audio : public Fake<webrtc::TransformableAudioFrameInterface> {
 public:
  rtc::ArrayView<const uint32_t> GetContributingSources() const override { return sources; }
  const absl::optional<uint16_t> SequenceNumber() const override { return sequence_number; }
  absl::optional<uint64_t> AbsoluteCaptureTimestamp() const override { return capture_time; }
  FrameType Type() const override { return type; }

  std::vector<uint32_t> sources;
  absl::optional<uint16_t> sequence_number;
  absl::optional<uint64_t> capture_time;
  FrameType type = FrameType::kAudioFrameSpeech;
};

using Transformer = rtc::scoped_refptr<FrameTransformer>;

Transformer Make(bool video) { return rtc::make_ref_counted<FrameTransformer>(std::shared_ptr<sora::Runtime>(), video, 8); }

constexpr double kUntouched = -77;

// The description of a frame, in an array with room for this many more numbers.
std::vector<double> Told(const Transformer& transformer, std::unique_ptr<webrtc::TransformableFrameInterface> frame,
                         size_t listed = 8) {
  transformer->Transform(std::move(frame));
  // After the end is one more, which must not be touched.
  std::vector<double> info(SORA_TRANSFORMER_INFO_COUNT + listed + 1, kUntouched);
  REQUIRE(transformer->Take({info.data(), info.size() - 1}));
  REQUIRE_EQ(info.back(), kUntouched);
  const auto handle = static_cast<uint32_t>(info[SORA_TRANSFORMER_INFO_FRAME]);
  REQUIRE_EQ(sora::Take<EncodedFrame>(handle)->Data(nullptr, 0), 7u);
  return info;
}

void RequireUnknown(const std::vector<double>& info, const std::vector<int>& places) {
  for (const int place : places)
    if (!std::isnan(info[static_cast<size_t>(place)]))
      test::Fail(__FILE__, __LINE__, "place " + std::to_string(place) + " is not NaN");
}

const std::vector<int> kAudioPlaces{SORA_TRANSFORMER_INFO_AUDIO_TYPE, SORA_TRANSFORMER_INFO_SEQUENCE_NUMBER,
                                    SORA_TRANSFORMER_INFO_CAPTURE_TIME_MS, SORA_TRANSFORMER_INFO_RECEIVE_TIME_MS,
                                    SORA_TRANSFORMER_INFO_AUDIO_LEVEL};

void RequireCommon(const std::vector<double>& info, int direction) {
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_SIZE], 7);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_DROPPED], 0);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_DIRECTION], direction);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_PAYLOAD_TYPE], 100);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_SSRC], 4'294'967'294.0);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_RTP_TIMESTAMP], 4'294'967'293.0);
}

std::unique_ptr<Video> Layered() {
  auto frame = std::make_unique<Video>();
  frame->metadata.SetFrameId(1'000'000'000'007);
  const int64_t dependencies[] = {1'000'000'000'006, 1'000'000'000'003, 1};
  frame->metadata.SetFrameDependencies(dependencies);
  frame->metadata.SetCsrcs({0xffff'ffff, 5});
  frame->metadata.SetWidth(640);
  frame->metadata.SetHeight(360);
  frame->metadata.SetSpatialIndex(1);
  frame->metadata.SetTemporalIndex(2);
  return frame;
}

TEST(transformer_tells_all_of_video) {
  const auto transformer = Make(true);
  const auto info = Told(transformer, Layered());
  RequireCommon(info, SORA_FRAME_DIRECTION_RECEIVER);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_KEY_FRAME], 0);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_FRAME_ID], 1'000'000'000'007);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_WIDTH], 640);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_HEIGHT], 360);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_SPATIAL_INDEX], 1);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_TEMPORAL_INDEX], 2);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_DEPENDENCIES], 3);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES], 2);
  const std::vector<double> lists(info.begin() + SORA_TRANSFORMER_INFO_COUNT, info.end());
  REQUIRE(lists == std::vector<double>({1'000'000'000'006, 1'000'000'000'003, 1, 4'294'967'295, 5, kUntouched, kUntouched,
                                        kUntouched, kUntouched}));
  RequireUnknown(info, kAudioPlaces);
}

TEST(transformer_tells_of_video_without_a_number_only_what_is_known) {
  const auto transformer = Make(true);
  auto frame = std::make_unique<Video>();
  frame->key = true;
  frame->direction = Direction::kSender;
  const auto info = Told(transformer, std::move(frame), 0);
  RequireCommon(info, SORA_FRAME_DIRECTION_SENDER);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_KEY_FRAME], 1);
  RequireUnknown(info, {SORA_TRANSFORMER_INFO_FRAME_ID});
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_WIDTH], 0);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_DEPENDENCIES], 0);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES], 0);
}

TEST(transformer_cuts_lists_at_the_end_of_the_array) {
  const auto transformer = Make(true);
  for (size_t room = 0; room <= 5; ++room) {
    const auto info = Told(transformer, Layered(), room);
    REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_DEPENDENCIES], static_cast<double>(std::min<size_t>(room, 3)));
    REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES], static_cast<double>(room < 3 ? 0 : room - 3));
    const double all[] = {1'000'000'000'006, 1'000'000'000'003, 1, 4'294'967'295, 5};
    for (size_t i = 0; i < room; ++i) REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_COUNT + i], all[i]);
  }
}

TEST(transformer_tells_of_received_audio_when_it_came_and_not_when_it_was_captured) {
  const auto transformer = Make(false);
  auto frame = std::make_unique<Audio>();
  frame->sequence_number = 65'535;
  frame->capture_time = 5;
  frame->sources = {9, 8};
  const int64_t before = rtc::TimeUTCMillis();
  const auto info = Told(transformer, std::move(frame));
  RequireCommon(info, SORA_FRAME_DIRECTION_RECEIVER);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_AUDIO_TYPE], SORA_AUDIO_FRAME_TYPE_SPEECH);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_SEQUENCE_NUMBER], 65'535);
  const double came = info[SORA_TRANSFORMER_INFO_RECEIVE_TIME_MS];
  REQUIRE(came >= static_cast<double>(before) && came <= static_cast<double>(rtc::TimeUTCMillis()));
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_CONTRIBUTING_SOURCES], 2);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_COUNT], 9);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_COUNT + 1], 8);
  RequireUnknown(info, {SORA_TRANSFORMER_INFO_CAPTURE_TIME_MS, SORA_TRANSFORMER_INFO_KEY_FRAME,
                        SORA_TRANSFORMER_INFO_FRAME_ID, SORA_TRANSFORMER_INFO_WIDTH, SORA_TRANSFORMER_INFO_HEIGHT,
                        SORA_TRANSFORMER_INFO_SPATIAL_INDEX, SORA_TRANSFORMER_INFO_TEMPORAL_INDEX});
}

TEST(transformer_tells_of_sent_audio_when_it_was_captured_and_not_when_it_came) {
  const auto transformer = Make(false);
  auto frame = std::make_unique<Audio>();
  frame->direction = Direction::kSender;
  frame->type = webrtc::TransformableAudioFrameInterface::FrameType::kAudioFrameCN;
  // A second ago, on libwebrtc's own clock.
  frame->capture_time = static_cast<uint64_t>(rtc::TimeMillis() - 1'000);
  const int64_t before = rtc::TimeUTCMillis();
  const auto info = Told(transformer, std::move(frame));
  RequireCommon(info, SORA_FRAME_DIRECTION_SENDER);
  REQUIRE_EQ(info[SORA_TRANSFORMER_INFO_AUDIO_TYPE], SORA_AUDIO_FRAME_TYPE_CN);
  const double captured = info[SORA_TRANSFORMER_INFO_CAPTURE_TIME_MS];
  // On the right clock and in the right unit; the two clocks are read one after the other.
  REQUIRE(std::abs(captured - static_cast<double>(before - 1'000)) < 60'000);
  RequireUnknown(info, {SORA_TRANSFORMER_INFO_SEQUENCE_NUMBER, SORA_TRANSFORMER_INFO_RECEIVE_TIME_MS});
}

TEST(transformer_numbers_the_mime_type_anew_when_it_changes) {
  const auto transformer = Make(true);
  std::vector<double> numbers;
  for (const char* type : {"video/AV1", "video/AV1", "video/VP8", "video/AV1", "video/AV1"}) {
    auto frame = std::make_unique<Video>();
    frame->mime_type = type;
    transformer->Transform(std::move(frame));
  }
  for (const char* type : {"video/AV1", "video/AV1", "video/VP8", "video/AV1", "video/AV1"}) {
    double info[SORA_TRANSFORMER_INFO_COUNT];
    REQUIRE(transformer->Take(info));
    numbers.push_back(info[SORA_TRANSFORMER_INFO_MIME_TYPE]);
    const auto frame = sora::Take<EncodedFrame>(static_cast<uint32_t>(info[SORA_TRANSFORMER_INFO_FRAME]));
    REQUIRE_EQ(frame->MimeType(), std::string(type));
  }
  REQUIRE(numbers == std::vector<double>({1, 1, 2, 3, 3}));
}

}  // namespace
