#include "runtime/key_frame_log.h"

#include <utility>

#include "logging/rtc_event_log/events/rtc_event_rtcp_packet_incoming.h"
#include "modules/rtp_rtcp/source/rtcp_packet/common_header.h"

namespace sora {
namespace {

// Payload-specific feedback (RFC 4585, section 6.3): Picture Loss Indication and Full Intra Request (RFC 5104, section 4.3.1).
constexpr uint8_t kPayloadFeedback = 206, kPictureLoss = 1, kFullIntra = 4;

bool RequestsKeyFrame(const rtc::Buffer& packet) {
  webrtc::rtcp::CommonHeader header;
  const uint8_t* const end = packet.data() + packet.size();
  for (const uint8_t* at = packet.data(); at < end; at = header.NextPacket()) {
    if (!header.Parse(at, static_cast<size_t>(end - at))) return false;
    if (header.type() == kPayloadFeedback && (header.fmt() == kPictureLoss || header.fmt() == kFullIntra)) return true;
  }
  return false;
}

class KeyFrameLog : public webrtc::RtcEventLog {
 public:
  KeyFrameLog(OnMediaPacket on_media, OnKeyFrameRequest on_request, std::unique_ptr<webrtc::RtcEventLog> log)
      : on_media_(std::move(on_media)), on_request_(std::move(on_request)), log_(std::move(log)) {}

  bool StartLogging(std::unique_ptr<webrtc::RtcEventLogOutput>, int64_t) override { return false; }
  void StopLogging() override {}

  void Log(std::unique_ptr<webrtc::RtcEvent> event) override {
    const auto type = event->GetType();
    if (type == webrtc::RtcEvent::Type::RtpPacketIncoming || type == webrtc::RtcEvent::Type::RtpPacketOutgoing) on_media_();
    if (on_request_ && type == webrtc::RtcEvent::Type::RtcpPacketIncoming &&
        RequestsKeyFrame(static_cast<const webrtc::RtcEventRtcpPacketIncoming&>(*event).packet()))
      on_request_();
    log_->Log(std::move(event));
  }

 private:
  const OnMediaPacket on_media_;
  const OnKeyFrameRequest on_request_;
  const std::unique_ptr<webrtc::RtcEventLog> log_;
};

}  // namespace

std::unique_ptr<webrtc::RtcEventLog> KeyFrameLogFactory::Create(const webrtc::Environment& environment) const {
  return std::make_unique<KeyFrameLog>(on_media_, next_, logs_->Create(environment));
}

}  // namespace sora
