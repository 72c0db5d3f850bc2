#include "client.h"

#include <openssl/rand.h>

#include <algorithm>
#include <vector>

#include "net/dcsctp/public/dcsctp_socket_factory.h"

namespace test {
namespace {

// Between checks that are not answered, and between those that keep the consent fresh (RFC 7675).
constexpr int64_t kRetryMs = 100;
constexpr int64_t kConsentMs = 2500;

constexpr size_t kRtpHeader = 12;
constexpr size_t kRtcpHeader = 8;

// As libwebrtc's own peers set them.
dcsctp::DcSctpOptions Options() {
  dcsctp::DcSctpOptions options;
  options.announced_maximum_incoming_streams = 1024;
  options.announced_maximum_outgoing_streams = 1024;
  options.max_message_size = 256 * 1024;
  options.max_send_buffer_size = Client::kMaxSendBuffer;
  options.total_buffered_amount_low_threshold = Client::kLowMark;
  options.max_timer_backoff_duration = dcsctp::DurationMs(3000);
  options.max_retransmissions = absl::nullopt;
  options.max_init_retransmits = absl::nullopt;
  return options;
}

}  // namespace

class Client::Timer : public dcsctp::Timeout {
 public:
  explicit Timer(Client& owner) : owner_(owner) {}
  ~Timer() override { Stop(); }
  void Start(dcsctp::DurationMs duration, dcsctp::TimeoutID id) override {
    Stop();
    id_ = *id;
    owner_.timers_.Start(owner_.now_ms_ + std::clamp<int64_t>(*duration, 1, INT32_MAX), id_);
  }
  void Stop() override { owner_.timers_.Stop(id_); }

 private:
  Client& owner_;
  uint64_t id_ = 0;
};

Client::Client(const ClientContext& context, ClientEvents& events, std::string ufrag)
    : context_(context), events_(events), ufrag_(std::move(ufrag)) {}

Client::~Client() = default;

void Client::Start(std::string ufrag, std::string password, std::string fingerprint, int64_t now_ms) {
  remote_ufrag_ = std::move(ufrag);
  remote_password_ = std::move(password);
  remote_fingerprint_ = std::move(fingerprint);
  Check(now_ms);
}

void Client::Check(int64_t now_ms) {
  RAND_bytes(transaction_.data(), static_cast<int>(transaction_.size()));
  waiting_ = true;
  next_check_ms_ = now_ms + (mapped_ ? kConsentMs : kRetryMs);
  events_.OnClientDatagram(*this, WriteCheck(transaction_, remote_ufrag_ + ":" + ufrag_, remote_password_));
}

void Client::SendCheck(std::string_view username, std::string_view password, const CheckOptions& options) {
  Transaction transaction;
  RAND_bytes(transaction.data(), static_cast<int>(transaction.size()));
  events_.OnClientDatagram(*this, WriteCheck(transaction, username, password, options));
}

void Client::Receive(std::span<uint8_t> datagram, int64_t now_ms) {
  if (closed_ || ended_ || datagram.empty()) return;
  now_ms_ = now_ms;
  const uint8_t first = datagram[0];
  if (first < 4) {
    ReceiveResponse(datagram, now_ms);
  } else if (first >= 128 && first <= 191) {
    ReceiveMedia(datagram);
  } else if (first >= 20 && first <= 63 && dtls_) {
    AfterDtls(dtls_->Receive(datagram));
  } else {
    ++drops_.strays;
  }
}

void Client::ReceiveResponse(std::span<const uint8_t> datagram, int64_t now_ms) {
  const auto response = ParseCheckResponse(datagram, remote_password_);
  if (!response || !waiting_ || response->transaction != transaction_) {
    ++drops_.responses;
    return;
  }
  waiting_ = false;
  if (response->error) return End("the server refused a check with " + std::to_string(response->error));
  mapped_ = response->mapped;
  next_check_ms_ = now_ms + kConsentMs;
  if (dtls_) return;
  dtls_ = std::make_unique<ClientDtls>(
      context_, [this](std::span<const uint8_t> record) { events_.OnClientDatagram(*this, record); },
      [this](std::span<const uint8_t> data) {
        if (sctp_ && !ended_) sctp_->ReceivePacket({data.data(), data.size()});
      });
  AfterDtls(dtls_->Start());
}

void Client::AfterDtls(ClientDtls::State state) {
  if (state == ClientDtls::State::kConnected) return Verify();
  if (state == ClientDtls::State::kClosed) return End("the server closed its DTLS association");
  if (state == ClientDtls::State::kFailed) return End(dtls_->reason());
}

void Client::Verify() {
  if (connected_ || ended_) return;
  if (dtls_->RemoteFingerprint() != remote_fingerprint_) return End("the certificate is not the one of the offer");
  const std::vector<uint8_t>&local = dtls_->local_keys(), &remote = dtls_->remote_keys();
  if (!send_.SetSend(dtls_->profile(), local.data(), local.size(), {}) ||
      !receive_.SetRecv(dtls_->profile(), remote.data(), remote.size(), {}))
    return End("libsrtp refused the keys");
  connected_ = true;
  sctp_ = dcsctp::DcSctpSocketFactory().Create("client", *this, nullptr, Options());
  events_.OnClientConnected(*this);
  sctp_->Connect();
}

void Client::ReceiveMedia(std::span<uint8_t> datagram) {
  if (!connected()) {
    ++drops_.strays;
    return;
  }
  int size = 0;
  const bool rtcp = datagram.size() > 1 && datagram[1] >= 192 && datagram[1] <= 223;
  const int given = static_cast<int>(datagram.size());
  if (given < static_cast<int>(rtcp ? kRtcpHeader : kRtpHeader) ||
      !(rtcp ? receive_.UnprotectRtcp(datagram.data(), given, &size)
             : receive_.UnprotectRtp(datagram.data(), given, &size))) {
    ++drops_.unauthentic;
    return;
  }
  events_.OnClientMedia(*this, datagram.first(static_cast<size_t>(size)), rtcp);
}

size_t Client::ProtectRtp(uint8_t* packet, size_t size) {
  int written = 0;
  const int room = static_cast<int>(size + kMaxTrailer);
  if (!connected() || size < kRtpHeader || !send_.ProtectRtp(packet, static_cast<int>(size), room, &written)) return 0;
  return static_cast<size_t>(written);
}

size_t Client::ProtectRtcp(uint8_t* packet, size_t size) {
  int written = 0;
  const int room = static_cast<int>(size + kMaxTrailer);
  if (!connected() || size < kRtcpHeader || !send_.ProtectRtcp(packet, static_cast<int>(size), room, &written)) return 0;
  return static_cast<size_t>(written);
}

size_t Client::UnprotectRtp(std::span<uint8_t> packet) {
  int size = 0;
  if (!connected() || packet.size() < kRtpHeader ||
      !receive_.UnprotectRtp(packet.data(), static_cast<int>(packet.size()), &size)) {
    ++drops_.unauthentic;
    return 0;
  }
  return static_cast<size_t>(size);
}

bool Client::SendMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data, int64_t now_ms,
                         const ClientDelivery& delivery) {
  if (!associated()) return false;
  now_ms_ = now_ms;
  dcsctp::SendOptions options;
  options.unordered = dcsctp::IsUnordered(!delivery.ordered);
  if (delivery.max_retransmits) options.max_retransmissions = *delivery.max_retransmits;
  if (delivery.max_packet_life_time_ms) options.lifetime = dcsctp::DurationMs(*delivery.max_packet_life_time_ms);
  dcsctp::DcSctpMessage message(dcsctp::StreamID(stream), dcsctp::PPID(protocol), {data.begin(), data.end()});
  return sctp_->Send(std::move(message), options) == dcsctp::SendStatus::kSuccess;
}

void Client::Reset(std::span<const uint16_t> streams, int64_t now_ms) {
  if (!associated()) return;
  now_ms_ = now_ms;
  std::vector<dcsctp::StreamID> ids;
  for (const uint16_t stream : streams) ids.emplace_back(stream);
  sctp_->ResetStreams(ids);
}

size_t Client::buffered(uint16_t stream) const { return sctp_ ? sctp_->buffered_amount(dcsctp::StreamID(stream)) : 0; }

void Client::SendSctp(std::span<const uint8_t> packet) {
  if (dtls_) dtls_->Send(packet);
}

std::optional<int64_t> Client::NextTimeout(int64_t now_ms) const {
  if (closed_ || ended_ || remote_ufrag_.empty()) return std::nullopt;
  int64_t next = next_check_ms_;
  if (dtls_)
    if (const auto left = dtls_->Timeout()) next = std::min(next, now_ms + *left);
  if (const auto due = timers_.Next()) next = std::min(next, *due);
  return next;
}

void Client::HandleTimeouts(int64_t now_ms) {
  if (closed_ || ended_ || remote_ufrag_.empty()) return;
  now_ms_ = now_ms;
  if (next_check_ms_ <= now_ms) Check(now_ms);
  if (dtls_ && dtls_->Timeout() == 0) AfterDtls(dtls_->HandleTimeout());
  while (!ended_) {
    const auto id = timers_.TakeDue(now_ms);
    if (!id) break;
    sctp_->HandleTimeout(dcsctp::TimeoutID(*id));
  }
}

void Client::Close(int64_t now_ms) {
  if (closed_) return;
  closed_ = true;
  now_ms_ = now_ms;
  if (sctp_) sctp_->Close();
  if (dtls_) dtls_->Close();
}

void Client::End(std::string_view reason) {
  if (ended_ || closed_) return;
  ended_ = true;
  events_.OnClientEnd(*this, reason);
}

dcsctp::SendPacketStatus Client::SendPacketWithStatus(rtc::ArrayView<const uint8_t> data) {
  dtls_->Send({data.data(), data.size()});
  return dcsctp::SendPacketStatus::kSuccess;
}

std::unique_ptr<dcsctp::Timeout> Client::CreateTimeout(webrtc::TaskQueueBase::DelayPrecision) {
  return std::make_unique<Timer>(*this);
}

uint32_t Client::GetRandomInt(uint32_t low, uint32_t high) {
  uint32_t value = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&value), sizeof value);
  return high > low ? low + value % (high - low) : low;
}

void Client::OnMessageReceived(dcsctp::DcSctpMessage message) {
  const auto payload = message.payload();
  events_.OnClientMessage(*this, *message.stream_id(), *message.ppid(), {payload.data(), payload.size()});
}

void Client::OnAborted(dcsctp::ErrorKind error, absl::string_view message) {
  End("SCTP: " + std::string(dcsctp::ToString(error)) + ": " + std::string(message));
}

void Client::OnConnected() {
  associated_ = true;
  if (!closed_) events_.OnClientAssociation(*this);
}

void Client::OnClosed() { End("the server ended the association"); }

void Client::OnIncomingStreamsReset(rtc::ArrayView<const dcsctp::StreamID> streams) {
  std::vector<uint16_t> ids;
  for (const dcsctp::StreamID stream : streams) ids.push_back(*stream);
  events_.OnClientReset(*this, ids);
}

void Client::OnTotalBufferedAmountLow() {
  if (!closed_) events_.OnClientWritable(*this);
}

}  // namespace test
