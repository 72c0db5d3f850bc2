#include "transport/sctp_association.h"

#include <openssl/rand.h>

#include <algorithm>

#include "net/dcsctp/public/dcsctp_socket_factory.h"
#include "transport/sctp_window.h"

namespace sora {
namespace {

// What a peer may have on its way and in messages that are not complete.
constexpr size_t kWindow = 1024 * 1024;
// What it may have in messages that nobody has taken yet: a little more than the window, see SendPacketWithStatus.
constexpr size_t kMaxHeld = kWindow + kWindow / 2;
// Larger messages of either side are refused.
constexpr size_t kMaxMessage = 256 * 1024;
// Messages of this side that wait to be sent.
constexpr size_t kMaxSendBuffer = 16 * 1024 * 1024;
// Their number, as each costs more than its bytes.
constexpr size_t kMaxWaiting = 128 * 1024;
// dcSCTP reports the end of messages that have a number; they are counted, so that one number does for all.
constexpr dcsctp::LifecycleId kLifecycle{1};

dcsctp::DcSctpOptions Options(size_t low_water_bytes) {
  dcsctp::DcSctpOptions options;
  options.announced_maximum_incoming_streams = kSctpStreams;
  options.announced_maximum_outgoing_streams = kSctpStreams;
  options.max_message_size = kMaxMessage;
  options.max_receiver_window_buffer_size = kWindow;
  options.max_send_buffer_size = kMaxSendBuffer;
  options.total_buffered_amount_low_threshold = low_water_bytes;
  // As libwebrtc sets them for its own peers: ICE says when a peer is gone, not a count of repetitions.
  options.max_timer_backoff_duration = dcsctp::DurationMs(3000);
  options.max_retransmissions = absl::nullopt;
  options.max_init_retransmits = absl::nullopt;
  return options;
}

}  // namespace

// A timer of dcSCTP. The number of the timeout is the association's, so it tells timers from each other.
class SctpAssociation::Timer : public dcsctp::Timeout {
 public:
  explicit Timer(SctpAssociation& owner) : owner_(owner) {}
  ~Timer() override { Stop(); }
  void Start(dcsctp::DurationMs duration, dcsctp::TimeoutID id) override {
    Stop();
    id_ = *id;
    owner_.timers_.Start(owner_.now_ms_ + std::clamp<int64_t>(*duration, 1, INT32_MAX), id_);
  }
  void Stop() override { owner_.timers_.Stop(id_); }

 private:
  SctpAssociation& owner_;
  uint64_t id_ = 0;
};

SctpAssociation::SctpAssociation(SctpEvents& events, size_t low_water_bytes, int64_t now_ms)
    : events_(events),
      now_ms_(now_ms),
      socket_(dcsctp::DcSctpSocketFactory().Create("sctp", *this, nullptr, Options(low_water_bytes))) {}

SctpAssociation::~SctpAssociation() = default;

void SctpAssociation::Receive(std::span<const uint8_t> packet, int64_t now_ms) {
  if (ended_) return;
  now_ms_ = now_ms;
  if (held_ > kMaxHeld && sctp::HasData(packet)) {
    // A peer that does not keep to its window. One that asks whether it has opened is answered.
    ++dropped_packets_;
    if (!last_sack_.empty()) events_.OnSctpPacket(last_sack_);
    return;
  }
  switch (guard_.Look(packet)) {
    case SctpGuard::Verdict::kTake: break;
    case SctpGuard::Verdict::kDrop: ++dropped_packets_; return;
    case SctpGuard::Verdict::kEnd: Close(now_ms); return events_.OnSctpEnd("the peer sent what no SCTP sender does");
  }
  socket_->ReceivePacket({packet.data(), packet.size()});
  ResetSent();
}

void SctpAssociation::Send(std::span<const OutgoingMessage> messages, int64_t now_ms) {
  if (ended_) return;
  now_ms_ = now_ms;
  // Those that are delivered alike go together: dcSCTP bundles what it is handed at once.
  while (!messages.empty()) {
    const Delivery& delivery = messages.front().delivery;
    std::vector<dcsctp::DcSctpMessage> alike;
    while (alike.size() < messages.size() && messages[alike.size()].delivery == delivery) {
      const OutgoingMessage& message = messages[alike.size()];
      alike.emplace_back(dcsctp::StreamID(message.stream), dcsctp::PPID(message.protocol),
                         std::vector<uint8_t>(message.data.begin(), message.data.end()));
      if (std::ranges::find(sending_, message.stream) == sending_.end()) sending_.push_back(message.stream);
    }
    messages = messages.subspan(alike.size());
    const size_t room = kMaxWaiting - std::min(waiting_, kMaxWaiting);
    if (alike.size() > room) {
      dropped_messages_ += static_cast<uint32_t>(alike.size() - room);
      alike.erase(alike.begin() + static_cast<ptrdiff_t>(room), alike.end());
    }
    dcsctp::SendOptions options;
    options.unordered = dcsctp::IsUnordered(!delivery.ordered);
    if (delivery.max_retransmits) options.max_retransmissions = *delivery.max_retransmits;
    if (delivery.max_packet_life_time_ms) options.lifetime = dcsctp::DurationMs(*delivery.max_packet_life_time_ms);
    options.lifecycle_id = kLifecycle;
    waiting_ += alike.size();
    for (const dcsctp::SendStatus status : socket_->SendMany(alike, options)) {
      if (status == dcsctp::SendStatus::kSuccess) continue;
      ++dropped_messages_;
    }
  }
}

void SctpAssociation::Reset(std::span<const uint16_t> streams, int64_t now_ms) {
  if (ended_) return;
  now_ms_ = now_ms;
  ending_.insert(ending_.end(), streams.begin(), streams.end());
  ResetSent();
}

void SctpAssociation::ResetSent() {
  if (ending_.empty() || ended_) return;
  std::vector<dcsctp::StreamID> ids;
  std::erase_if(ending_, [&](uint16_t stream) {
    if (socket_->buffered_amount(dcsctp::StreamID(stream)) > 0) return false;
    ids.emplace_back(stream);
    return true;
  });
  if (!ids.empty()) socket_->ResetStreams(ids);
}

void SctpAssociation::Close(int64_t now_ms) {
  if (ended_) return;
  now_ms_ = now_ms;
  ended_ = true;
  socket_->Close();
}

void SctpAssociation::SetHeld(size_t bytes, int64_t now_ms) {
  held_ = bytes;
  now_ms_ = now_ms;
  if (!window_closed_ || ended_ || last_sack_.empty() || held_ > kWindow / 2) return;
  // The peer waits for a window and not for something of its own to be acknowledged, so nothing else would tell it.
  window_closed_ = false;
  sctp::SetWindow(last_sack_, static_cast<uint32_t>(kWindow - held_));
  events_.OnSctpPacket(last_sack_);
}

void SctpAssociation::HandleTimeouts(int64_t now_ms) {
  now_ms_ = now_ms;
  while (const auto id = timers_.TakeDue(now_ms)) socket_->HandleTimeout(dcsctp::TimeoutID(*id));
  ResetSent();
}

size_t SctpAssociation::buffered() {
  size_t all = 0;
  std::erase_if(sending_, [&](uint16_t stream) {
    const size_t bytes = socket_->buffered_amount(dcsctp::StreamID(stream));
    all += bytes;
    return bytes == 0;
  });
  return all;
}

dcsctp::SendPacketStatus SctpAssociation::SendPacketWithStatus(rtc::ArrayView<const uint8_t> data) {
  if (sctp::Window({data.data(), data.size()}) == kWindow) guard_.Emptied();
  if (held_ < kWindow / 4 && !window_closed_) {
    events_.OnSctpPacket({data.data(), data.size()});
    return dcsctp::SendPacketStatus::kSuccess;
  }
  std::vector<uint8_t> packet(data.begin(), data.end());
  if (const auto window = sctp::ShrinkWindow(packet, held_)) {
    window_closed_ = *window < kWindow / 2;
    last_sack_ = sctp::SackAlone(packet);
  }
  events_.OnSctpPacket(packet);
  return dcsctp::SendPacketStatus::kSuccess;
}

std::unique_ptr<dcsctp::Timeout> SctpAssociation::CreateTimeout(webrtc::TaskQueueBase::DelayPrecision) {
  return std::make_unique<Timer>(*this);
}

uint32_t SctpAssociation::GetRandomInt(uint32_t low, uint32_t high) {
  uint32_t value = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return high > low ? low + value % (high - low) : low;
}

void SctpAssociation::OnMessageReceived(dcsctp::DcSctpMessage message) {
  guard_.Delivered();
  if (*message.ppid() > 0xffff) {  // none that data channels use
    ++dropped_messages_;
    return;
  }
  const auto payload = message.payload();
  events_.OnSctpMessage(*message.stream_id(), *message.ppid(), {payload.data(), payload.size()});
}

// Of what is not the peer's fault, Send counts what is lost.
void SctpAssociation::OnError(dcsctp::ErrorKind error, absl::string_view) {
  using enum dcsctp::ErrorKind;
  if (error == kParseFailed || error == kProtocolViolation || error == kWrongSequence) ++dropped_packets_;
}

void SctpAssociation::OnAborted(dcsctp::ErrorKind error, absl::string_view message) {
  if (ended_) return;
  ended_ = true;
  const std::string reason = std::string(dcsctp::ToString(error)) + ": " + std::string(message);
  events_.OnSctpEnd(reason);
}

void SctpAssociation::OnConnected() {
  if (connected_) return;
  connected_ = true;
  events_.OnSctpConnected();
}

void SctpAssociation::OnClosed() {
  if (ended_) return;
  ended_ = true;
  events_.OnSctpEnd("the peer ended the association");
}

void SctpAssociation::OnIncomingStreamsReset(rtc::ArrayView<const dcsctp::StreamID> streams) {
  std::vector<uint16_t> ids;
  for (const dcsctp::StreamID stream : streams) ids.push_back(*stream);
  events_.OnSctpReset(ids);
}

}  // namespace sora
