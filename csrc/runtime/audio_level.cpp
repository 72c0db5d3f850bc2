#include "runtime/audio_level.h"

#include <string>
#include <utility>

#include "api/audio_codecs/audio_encoder.h"
#include "api/make_ref_counted.h"
#include "logging/rtc_event_log/events/rtc_event_rtp_packet_incoming.h"
#include "modules/audio_processing/rms_level.h"
#include "modules/rtp_rtcp/source/rtp_header_extensions.h"

namespace sora {
namespace {

using Direction = webrtc::TransformableFrameInterface::Direction;

constexpr int kUnknown = -1;

struct Received {
  uint32_t ssrc;
  uint32_t rtp_timestamp;
  int level;
};

thread_local int encoded_level = kUnknown;
thread_local Received received{0, 0, kUnknown};

class MeasuringEncoder : public webrtc::AudioEncoder {
 public:
  explicit MeasuringEncoder(std::unique_ptr<webrtc::AudioEncoder> encoder) : encoder_(std::move(encoder)) {}

  int SampleRateHz() const override { return encoder_->SampleRateHz(); }
  size_t NumChannels() const override { return encoder_->NumChannels(); }
  int RtpTimestampRateHz() const override { return encoder_->RtpTimestampRateHz(); }
  size_t Num10MsFramesInNextPacket() const override { return encoder_->Num10MsFramesInNextPacket(); }
  size_t Max10MsFramesInAPacket() const override { return encoder_->Max10MsFramesInAPacket(); }
  int GetTargetBitrate() const override { return encoder_->GetTargetBitrate(); }
  void Reset() override {
    encoder_->Reset();
    level_.Reset();
  }
  bool SetFec(bool enable) override { return encoder_->SetFec(enable); }
  bool SetDtx(bool enable) override { return encoder_->SetDtx(enable); }
  bool GetDtx() const override { return encoder_->GetDtx(); }
  bool SetApplication(Application application) override { return encoder_->SetApplication(application); }
  void SetMaxPlaybackRate(int frequency_hz) override { encoder_->SetMaxPlaybackRate(frequency_hz); }
  rtc::ArrayView<std::unique_ptr<AudioEncoder>> ReclaimContainedEncoders() override {
    return encoder_->ReclaimContainedEncoders();
  }
  bool EnableAudioNetworkAdaptor(const std::string& config, webrtc::RtcEventLog* log) override {
    return encoder_->EnableAudioNetworkAdaptor(config, log);
  }
  void DisableAudioNetworkAdaptor() override { encoder_->DisableAudioNetworkAdaptor(); }
  void OnReceivedUplinkPacketLossFraction(float fraction) override {
    encoder_->OnReceivedUplinkPacketLossFraction(fraction);
  }
  void OnReceivedTargetAudioBitrate(int bps) override { encoder_->OnReceivedTargetAudioBitrate(bps); }
  void OnReceivedUplinkBandwidth(int bps, absl::optional<int64_t> period_ms) override {
    encoder_->OnReceivedUplinkBandwidth(bps, period_ms);
  }
  void OnReceivedUplinkAllocation(webrtc::BitrateAllocationUpdate update) override {
    encoder_->OnReceivedUplinkAllocation(update);
  }
  void OnReceivedRtt(int rtt_ms) override { encoder_->OnReceivedRtt(rtt_ms); }
  void OnReceivedOverhead(size_t bytes) override { encoder_->OnReceivedOverhead(bytes); }
  void SetReceiverFrameLengthRange(int min_ms, int max_ms) override {
    encoder_->SetReceiverFrameLengthRange(min_ms, max_ms);
  }
  webrtc::ANAStats GetANAStats() const override { return encoder_->GetANAStats(); }
  absl::optional<std::pair<webrtc::TimeDelta, webrtc::TimeDelta>> GetFrameLengthRange() const override {
    return encoder_->GetFrameLengthRange();
  }
  absl::optional<std::pair<webrtc::DataRate, webrtc::DataRate>> GetBitrateRange() const override {
    return encoder_->GetBitrateRange();
  }

 private:
  EncodedInfo EncodeImpl(uint32_t rtp_timestamp, rtc::ArrayView<const int16_t> audio, rtc::Buffer* encoded) override {
    level_.Analyze(audio);
    auto info = encoder_->Encode(rtp_timestamp, audio, encoded);
    if (info.encoded_bytes > 0 || info.send_even_if_empty) encoded_level = level_.Average();
    return info;
  }

  const std::unique_ptr<webrtc::AudioEncoder> encoder_;
  webrtc::RmsLevel level_;
};

class MeasuringEncoderFactory : public webrtc::AudioEncoderFactory {
 public:
  explicit MeasuringEncoderFactory(rtc::scoped_refptr<webrtc::AudioEncoderFactory> factory) : factory_(std::move(factory)) {}

  std::vector<webrtc::AudioCodecSpec> GetSupportedEncoders() override { return factory_->GetSupportedEncoders(); }
  absl::optional<webrtc::AudioCodecInfo> QueryAudioEncoder(const webrtc::SdpAudioFormat& format) override {
    return factory_->QueryAudioEncoder(format);
  }
  std::unique_ptr<webrtc::AudioEncoder> MakeAudioEncoder(int payload_type, const webrtc::SdpAudioFormat& format,
                                                         absl::optional<webrtc::AudioCodecPairId> pair) override {
    auto encoder = factory_->MakeAudioEncoder(payload_type, format, pair);
    return encoder ? std::make_unique<MeasuringEncoder>(std::move(encoder)) : nullptr;
  }

 private:
  const rtc::scoped_refptr<webrtc::AudioEncoderFactory> factory_;
};

class LevelLog : public webrtc::RtcEventLog {
 public:
  bool StartLogging(std::unique_ptr<webrtc::RtcEventLogOutput>, int64_t) override { return false; }
  void StopLogging() override {}
  void Log(std::unique_ptr<webrtc::RtcEvent> event) override {
    if (event->GetType() != webrtc::RtcEvent::Type::RtpPacketIncoming) return;
    const auto& packet = static_cast<const webrtc::RtcEventRtpPacketIncoming&>(*event);
    bool voice = false;
    uint8_t level = 0;
    if (packet.GetExtension<webrtc::AudioLevel>(&voice, &level)) received = {packet.Ssrc(), packet.Timestamp(), level};
  }
};

class LevelLogFactory : public webrtc::RtcEventLogFactoryInterface {
 public:
  std::unique_ptr<webrtc::RtcEventLog> Create(const webrtc::Environment&) const override {
    return std::make_unique<LevelLog>();
  }
};

}  // namespace

rtc::scoped_refptr<webrtc::AudioEncoderFactory> MeasureLevels(rtc::scoped_refptr<webrtc::AudioEncoderFactory> factory) {
  return rtc::make_ref_counted<MeasuringEncoderFactory>(std::move(factory));
}

std::unique_ptr<webrtc::RtcEventLogFactoryInterface> CreateLevelLogFactory() { return std::make_unique<LevelLogFactory>(); }

std::optional<int> TakeAudioLevel(const webrtc::TransformableFrameInterface& frame) {
  int level = kUnknown;
  if (frame.GetDirection() == Direction::kSender)
    level = std::exchange(encoded_level, kUnknown);
  else if (frame.GetDirection() == Direction::kReceiver && received.ssrc == frame.GetSsrc() &&
           received.rtp_timestamp == frame.GetTimestamp())
    level = received.level;
  return level == kUnknown ? std::nullopt : std::optional<int>(level);
}

}  // namespace sora
