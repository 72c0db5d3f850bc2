// Frames that are read where their decoder decoded them, and copied only when it needs the memory and somebody still holds them.
#include "codecs/lent_frame.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

#include "support.h"

namespace {

constexpr int kWidth = 64, kHeight = 32, kChroma = kWidth / 2 * kHeight / 2;
constexpr size_t kBytes = kWidth * kHeight + 2 * kChroma;

// The memory of a decoder that has one frame, all of whose bytes are the number of the frame.
class Memory {
 public:
  sora::LentPlanes Decode(int number) {
    bytes_.assign(kBytes, static_cast<uint8_t>(number));
    const uint8_t* const u = bytes_.data() + kWidth * kHeight;
    return {kWidth, kHeight, bytes_.data(), u, u + kChroma, kWidth, kWidth / 2, kWidth / 2};
  }
  const uint8_t* data() const { return bytes_.data(); }

 private:
  std::vector<uint8_t> bytes_;
};

bool IsAll(const webrtc::I420BufferInterface& planes, int number) {
  const auto all = [&](const uint8_t* from, int size) {
    return std::all_of(from, from + size, [&](uint8_t byte) { return byte == static_cast<uint8_t>(number); });
  };
  return all(planes.DataY(), kWidth * kHeight) && all(planes.DataU(), kChroma) && all(planes.DataV(), kChroma);
}

bool ReadsAll(webrtc::VideoFrameBuffer& buffer, int number) {
  bool all = false;
  sora::LentFrame::Of(buffer)->Read([&](const webrtc::I420BufferInterface& planes) { all = IsAll(planes, number); });
  return all;
}

const uint8_t* Where(webrtc::VideoFrameBuffer& buffer) {
  const uint8_t* at = nullptr;
  sora::LentFrame::Of(buffer)->Read([&](const webrtc::I420BufferInterface& planes) { at = planes.DataY(); });
  return at;
}

// A copy of what a frame shows, without its gaps.
std::vector<uint8_t> Pixels(const webrtc::VideoFrame& frame) {
  std::vector<uint8_t> pixels;
  const auto append = [&](const uint8_t* from, int stride, int width, int height) {
    for (int row = 0; row < height; ++row) pixels.insert(pixels.end(), from + row * stride, from + row * stride + width);
  };
  sora::LentFrame::Of(*frame.video_frame_buffer())->Read([&](const webrtc::I420BufferInterface& i420) {
    append(i420.DataY(), i420.StrideY(), i420.width(), i420.height());
    append(i420.DataU(), i420.StrideU(), i420.ChromaWidth(), i420.ChromaHeight());
    append(i420.DataV(), i420.StrideV(), i420.ChromaWidth(), i420.ChromaHeight());
  });
  return pixels;
}

// Keeps all frames, with what they showed when they came.
class Keeper : public webrtc::DecodedImageCallback {
 public:
  int32_t Decoded(webrtc::VideoFrame& frame) override {
    frames.push_back(frame);
    shown.push_back(Pixels(frame));
    return 0;
  }
  void Decoded(webrtc::VideoFrame& frame, absl::optional<int32_t>, absl::optional<uint8_t>) override { Decoded(frame); }

  std::vector<webrtc::VideoFrame> frames;
  std::vector<std::vector<uint8_t>> shown;
};

}  // namespace

TEST(lent_frame_is_read_where_it_was_decoded_and_used_again_when_nobody_holds_it) {
  Memory memory;
  sora::Lender lender(1);
  const webrtc::VideoFrameBuffer* first = nullptr;
  for (int number = 1; number <= 3; ++number) {
    REQUIRE(lender.TakeBack());
    const auto frame = lender.Lend(memory.Decode(number));
    REQUIRE(Where(*frame) == memory.data());
    REQUIRE(ReadsAll(*frame, number));
    REQUIRE_EQ(frame->width(), kWidth);
    REQUIRE_EQ(frame->height(), kHeight);
    if (!first) first = frame.get();
    REQUIRE(frame.get() == first);
  }
}

TEST(lent_frame_is_copied_for_who_holds_it_before_the_decoder_goes_on) {
  Memory memory;
  sora::Lender lender(2);
  const auto held = lender.Lend(memory.Decode(1));
  REQUIRE(lender.TakeBack());
  const auto next = lender.Lend(memory.Decode(2));
  REQUIRE(next.get() != held.get());
  REQUIRE(Where(*held) != memory.data());
  REQUIRE(ReadsAll(*held, 1));
  REQUIRE(ReadsAll(*next, 2));
}

TEST(lent_frame_as_I420_stays_the_same_after_the_decoder_went_on) {
  Memory memory;
  sora::Lender lender(2);
  auto frame = lender.Lend(memory.Decode(1));
  const auto i420 = frame->ToI420();
  REQUIRE(i420.get() == frame->ToI420().get());
  frame = nullptr;
  REQUIRE(lender.TakeBack());
  frame = lender.Lend(memory.Decode(2));
  REQUIRE(IsAll(*i420, 1));
  REQUIRE(IsAll(*frame->ToI420(), 2));
}

TEST(lender_refuses_to_take_back_beyond_its_copies_and_goes_on_when_one_is_released) {
  Memory memory;
  sora::Lender lender(1);
  auto first = lender.Lend(memory.Decode(1));
  REQUIRE(lender.TakeBack());
  const auto second = lender.Lend(memory.Decode(2));
  REQUIRE(!lender.TakeBack());
  REQUIRE(ReadsAll(*first, 1));
  REQUIRE(ReadsAll(*second, 2));
  first = nullptr;
  REQUIRE(lender.TakeBack());
  memory.Decode(3);
  REQUIRE(ReadsAll(*second, 2));
}

TEST(lent_frame_outlives_its_lender_beyond_its_copies_too) {
  Memory memory;
  rtc::scoped_refptr<webrtc::VideoFrameBuffer> first, second;
  {
    sora::Lender lender(1);
    first = lender.Lend(memory.Decode(1));
    REQUIRE(lender.TakeBack());
    second = lender.Lend(memory.Decode(2));
  }
  memory.Decode(3);
  REQUIRE(ReadsAll(*first, 1));
  REQUIRE(ReadsAll(*second, 2));
}

TEST(lent_frame_shows_one_frame_to_who_reads_while_the_decoder_goes_on) {
  Memory memory;
  sora::Lender lender(8);
  std::mutex mutex;
  std::pair<rtc::scoped_refptr<webrtc::VideoFrameBuffer>, int> newest;
  std::atomic<bool> over{false};
  std::atomic<int> wrong{0}, reads{0};
  const auto read = [&] {
    while (!over) {
      std::unique_lock lock(mutex);
      const auto [frame, number] = newest;
      lock.unlock();
      if (!frame) continue;
      if (!ReadsAll(*frame, number) || !IsAll(*frame->ToI420(), number)) ++wrong;
      ++reads;
    }
  };
  std::thread readers[] = {std::thread(read), std::thread(read)};
  constexpr int kFrames = 3'000;
  for (int number = 0; number < kFrames || reads < kFrames / 10; ++number) {
    if (!lender.TakeBack()) {
      --number;
      continue;
    }
    auto frame = lender.Lend(memory.Decode(number));
    std::lock_guard lock(mutex);
    newest = {std::move(frame), number};
  }
  over = true;
  for (std::thread& reader : readers) reader.join();
  REQUIRE_EQ(wrong.load(), 0);
}

TEST(VP8_frames_that_are_held_stay_as_they_were_shown) {
  for (const auto& implementation : test::ImplementationsOf("VP8")) {
    test::Encoder encoder(implementation, 320, 180, 300);
    constexpr int kFrames = 40;
    for (int i = 0; i < kFrames; ++i) encoder.Next(i % 16 == 0);
    Keeper keeper;
    {
      const auto decoder = implementation.CreateDecoder();
      webrtc::VideoDecoder::Settings settings;
      settings.set_codec_type(webrtc::kVideoCodecVP8);
      REQUIRE(decoder->Configure(settings));
      decoder->RegisterDecodeCompleteCallback(&keeper);
      for (const auto& image : encoder.encoded.images) REQUIRE_EQ(decoder->Decode(image, 0), 0);
    }
    REQUIRE_EQ(keeper.frames.size(), static_cast<size_t>(kFrames));
    for (size_t at = 0; at < kFrames; ++at) {
      REQUIRE(Pixels(keeper.frames[at]) == keeper.shown[at]);
      REQUIRE(test::Psnr(keeper.frames[at], test::MovingFrame(320, 180, static_cast<int>(at))) > 25);
      if (at > 0) REQUIRE(keeper.shown[at] != keeper.shown[at - 1]);
    }
  }
}
