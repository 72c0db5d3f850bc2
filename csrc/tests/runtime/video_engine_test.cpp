// Lists of codecs: how often libwebrtc makes them, and which of them channels are made with.
#include "runtime/video_engine.h"

#include <atomic>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "../harness/harness.h"
#include "codecs/engines.h"
#include "media/base/media_channel_impl.h"

namespace {

using Codecs = std::vector<cricket::VideoCodec>;

// Counts what it is asked for, and looks at a factory when it makes channels, as libwebrtc's does.
class CountingEngine : public cricket::VideoEngineInterface {
 public:
  explicit CountingEngine(webrtc::VideoDecoderFactory& decoders) : decoders_(decoders) {}

  std::vector<webrtc::RtpHeaderExtensionCapability> GetRtpHeaderExtensions() const override { return {}; }
  std::unique_ptr<cricket::VideoMediaSendChannelInterface> CreateSendChannel(
      webrtc::Call*, const cricket::MediaConfig&, const cricket::VideoOptions&, const webrtc::CryptoOptions&,
      webrtc::VideoBitrateAllocatorFactory*) override {
    sending = decoders_.GetSupportedFormats();
    return nullptr;
  }
  std::unique_ptr<cricket::VideoMediaReceiveChannelInterface> CreateReceiveChannel(webrtc::Call*,
                                                                                   const cricket::MediaConfig&,
                                                                                   const cricket::VideoOptions&,
                                                                                   const webrtc::CryptoOptions&) override {
    receiving = decoders_.GetSupportedFormats();
    return nullptr;
  }
  Codecs send_codecs() const override { return send_codecs(true); }
  Codecs recv_codecs() const override { return recv_codecs(true); }
  Codecs send_codecs(bool rtx) const override { return Make(1, rtx); }
  Codecs recv_codecs(bool rtx) const override { return Make(5, rtx); }

  mutable std::atomic<int> lists{0};
  std::vector<webrtc::SdpVideoFormat> sending, receiving;

 private:
  // With room for more, as a list that grew.
  Codecs Make(int count, bool rtx) const {
    ++lists;
    Codecs codecs;
    codecs.reserve(32);
    for (int i = 0; i < count; ++i) {
      codecs.push_back(cricket::CreateVideoCodec(96 + 2 * i, "VP8"));
      if (rtx) codecs.push_back(cricket::CreateVideoRtxCodec(97 + 2 * i, 96 + 2 * i));
    }
    return codecs;
  }

  webrtc::VideoDecoderFactory& decoders_;
};

struct Engine {
  std::unique_ptr<webrtc::VideoDecoderFactory> decoders = [] {
    const sora::CodecEngines engines{sora::CodecOptions()};
    return engines.CreateDecoderFactory(std::make_shared<sora::CodecFailures>());
  }();
  CountingEngine* counting = nullptr;
  std::unique_ptr<cricket::MediaEngineInterface> media = [this] {
    auto video = std::make_unique<CountingEngine>(*decoders);
    counting = video.get();
    return sora::ShareVideoCodecs(std::make_unique<cricket::CompositeMediaEngine>(nullptr, std::move(video)));
  }();
};

}  // namespace

TEST(video_engine_makes_each_list_of_codecs_once) {
  const Engine engine;
  const cricket::VideoEngineInterface& video = std::as_const(*engine.media).video();
  for (int connection = 0; connection < 3; ++connection) {
    REQUIRE_EQ(video.send_codecs().size(), 2u);
    REQUIRE_EQ(video.recv_codecs().size(), 10u);
    REQUIRE_EQ(video.send_codecs(false).size(), 1u);
    REQUIRE_EQ(video.recv_codecs(false).size(), 5u);
  }
  REQUIRE_EQ(engine.counting->lists.load(), 4);
  // What a connection keeps has no room for others.
  REQUIRE_EQ(video.recv_codecs().capacity(), 10u);
}

TEST(video_engine_makes_a_list_once_for_threads_that_ask_together) {
  const Engine engine;
  std::vector<std::thread> threads;
  std::atomic<size_t> codecs{0};
  for (int i = 0; i < 8; ++i) threads.emplace_back([&] { codecs += engine.media->video().recv_codecs().size(); });
  for (auto& thread : threads) thread.join();
  REQUIRE_EQ(codecs.load(), 80u);
  REQUIRE_EQ(engine.counting->lists.load(), 1);
}

TEST(video_engine_makes_channels_that_hold_no_codecs_but_one) {
  const Engine engine;
  const auto before = engine.decoders->GetSupportedFormats();
  REQUIRE(before.size() > 1);
  engine.media->video().CreateSendChannel(nullptr, {}, {}, {}, nullptr);
  engine.media->video().CreateReceiveChannel(nullptr, {}, {}, {});
  REQUIRE(engine.counting->sending == std::vector{before[0]});
  REQUIRE(engine.counting->receiving == std::vector{before[0]});
  // Whoever asks later, to hold what was negotiated against them, has all.
  REQUIRE(engine.decoders->GetSupportedFormats() == before);
}
