#include "runtime/video_engine.h"

#include <mutex>
#include <utility>
#include <vector>

#include "codecs/video_codec_factories.h"

namespace sora {
namespace {

using Codecs = std::vector<cricket::VideoCodec>;

// A list that is made when it is first asked for.
class CodecList {
 public:
  template <typename Make>
  const Codecs& Get(Make make) const {
    std::call_once(made_, [&] {
      codecs_ = make();
      codecs_.shrink_to_fit();
    });
    return codecs_;
  }

 private:
  mutable std::once_flag made_;
  mutable Codecs codecs_;
};

class VideoEngine : public cricket::VideoEngineInterface {
 public:
  explicit VideoEngine(cricket::VideoEngineInterface& engine) : engine_(engine) {}

  std::vector<webrtc::RtpHeaderExtensionCapability> GetRtpHeaderExtensions() const override {
    return engine_.GetRtpHeaderExtensions();
  }

  // A channel begins with all codecs that can be decoded. One that sends never looks at them; one that receives has the negotiated
  // ones instead before any packet comes. Until then libwebrtc needs one.
  std::unique_ptr<cricket::VideoMediaSendChannelInterface> CreateSendChannel(
      webrtc::Call* call, const cricket::MediaConfig& config, const cricket::VideoOptions& options,
      const webrtc::CryptoOptions& crypto, webrtc::VideoBitrateAllocatorFactory* allocators) override {
    const FirstFormatAlone alone;
    return engine_.CreateSendChannel(call, config, options, crypto, allocators);
  }
  std::unique_ptr<cricket::VideoMediaReceiveChannelInterface> CreateReceiveChannel(
      webrtc::Call* call, const cricket::MediaConfig& config, const cricket::VideoOptions& options,
      const webrtc::CryptoOptions& crypto) override {
    const FirstFormatAlone alone;
    return engine_.CreateReceiveChannel(call, config, options, crypto);
  }

  Codecs send_codecs() const override { return send_codecs(true); }
  Codecs recv_codecs() const override { return recv_codecs(true); }
  Codecs send_codecs(bool rtx) const override {
    return sent_[rtx].Get([&] { return engine_.send_codecs(rtx); });
  }
  Codecs recv_codecs(bool rtx) const override {
    return received_[rtx].Get([&] { return engine_.recv_codecs(rtx); });
  }

 private:
  cricket::VideoEngineInterface& engine_;
  CodecList sent_[2], received_[2];  // without and with retransmission
};

class MediaEngine : public cricket::MediaEngineInterface {
 public:
  explicit MediaEngine(std::unique_ptr<cricket::MediaEngineInterface> engine)
      : engine_(std::move(engine)), video_(engine_->video()) {}

  bool Init() override { return engine_->Init(); }
  cricket::VoiceEngineInterface& voice() override { return engine_->voice(); }
  cricket::VideoEngineInterface& video() override { return video_; }
  const cricket::VoiceEngineInterface& voice() const override { return std::as_const(*engine_).voice(); }
  const cricket::VideoEngineInterface& video() const override { return video_; }

 private:
  const std::unique_ptr<cricket::MediaEngineInterface> engine_;
  VideoEngine video_;
};

class Factory : public webrtc::MediaFactory {
 public:
  explicit Factory(std::unique_ptr<webrtc::MediaFactory> media) : media_(std::move(media)) {}

  std::unique_ptr<webrtc::Call> CreateCall(const webrtc::CallConfig& config) override { return media_->CreateCall(config); }
  std::unique_ptr<cricket::MediaEngineInterface> CreateMediaEngine(
      const webrtc::Environment& environment, webrtc::PeerConnectionFactoryDependencies& dependencies) override {
    return ShareVideoCodecs(media_->CreateMediaEngine(environment, dependencies));
  }

 private:
  const std::unique_ptr<webrtc::MediaFactory> media_;
};

}  // namespace

std::unique_ptr<cricket::MediaEngineInterface> ShareVideoCodecs(std::unique_ptr<cricket::MediaEngineInterface> engine) {
  return std::make_unique<MediaEngine>(std::move(engine));
}

std::unique_ptr<webrtc::MediaFactory> ShareVideoCodecs(std::unique_ptr<webrtc::MediaFactory> media) {
  return std::make_unique<Factory>(std::move(media));
}

}  // namespace sora
