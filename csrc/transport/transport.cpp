#include "transport/transport.h"

#include <algorithm>
#include <utility>

#include "core/srtp.h"
#include "sora_ffi/transport.h"
#include "transport/network_order.h"

namespace sora {
namespace {

// Streams of a peer that SRTP remembers at a time; it cannot make the table longer than that.
constexpr size_t kMaxStreams = 1024;

// SCTP packets of a peer that wait for its certificate to be verified: it sends no more than its INIT before that is answered.
constexpr size_t kMaxEarly = 4;
constexpr size_t kMaxEarlyPacket = 1500;

// RFC 7983 and RFC 5761, section 4.
bool IsMedia(std::span<const uint8_t> data) {
  return data.size() >= Transport::kRtcpHeader && data[0] >= 128 && data[0] <= 191;
}

}  // namespace

Transport::Transport(const DtlsContext& context, TransportEvents& events, size_t low_water_bytes)
    : context_(context), events_(events), low_water_bytes_(low_water_bytes) {}

Transport::~Transport() = default;

void Transport::SetRemote(std::string ufrag, std::string algorithm, std::string fingerprint, int64_t now_ms) {
  ice_.SetRemoteUfrag(std::move(ufrag));
  algorithm_ = std::move(algorithm);
  fingerprint_ = std::move(fingerprint);
  // Hexadecimal digits of either case (RFC 8122, section 5).
  std::ranges::transform(fingerprint_, fingerprint_.begin(),
                         [](char c) { return c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c; });
  ConnectIfVerified(now_ms);
}

void Transport::ReceiveCheck(std::span<const uint8_t> datagram, const stun::BindingRequest& request, const Endpoint& from,
                             int64_t now_ms) {
  if (closed_ || ignored_ & SORA_IGNORE_STUN) return;
  const IceLite::Check check = ice_.Judge(datagram, request);
  if (check == IceLite::Check::kRefused || (check == IceLite::Check::kAccepted && !Admit(from, request, now_ms))) {
    ++drops_.checks;
    return;
  }
  std::array<uint8_t, stun::kMaxResponse> response;
  const size_t size = check == IceLite::Check::kAccepted ? stun::WriteSuccess(response, request, from, ice_.password())
                                                         : stun::WriteRoleConflict(response, request, ice_.password());
  events_.OnDatagram(from, std::span(response).first(size));
}

// Takes an address whose check has authenticated; false when it is another transport's.
bool Transport::Admit(const Endpoint& from, const stun::BindingRequest& request, int64_t now_ms) {
  if (!ice_.IsPeer(from) && !events_.OnPeer(from, now_ms)) return false;
  if (const auto gone = ice_.Remember(from, request.use_candidate)) events_.OnPeerGone(*gone);
  heard_ms_ = now_ms;
  return true;
}

void Transport::Receive(std::span<uint8_t> datagram, const Endpoint& from, int64_t now_us) {
  if (closed_) return;
  const int64_t now_ms = now_us / 1000;
  if (!ice_.IsPeer(from)) {
    ++drops_.strays;
  } else if (IsMedia(datagram) && datagram.size() <= kMaxMedia) {
    ReceiveMedia(datagram, from, now_us);
  } else if (DtlsServer::IsDtls(datagram)) {
    if (!(ignored_ & SORA_IGNORE_DTLS)) ReceiveDtls(datagram, now_ms);
  } else {
    ++drops_.strays;
  }
}

bool Transport::IsRtcp(std::span<const uint8_t> data) { return IsMedia(data) && data[1] >= 192 && data[1] <= 223; }

bool Transport::Knows(uint32_t ssrc) { return received_.contains(ssrc) || received_.size() < kMaxStreams; }

void Transport::ReceiveMedia(std::span<uint8_t> datagram, const Endpoint& from, int64_t now_us) {
  if (!connected()) return;  // what comes while the certificate is not verified yet is repeated or not missed
  const int64_t now_ms = now_us / 1000;
  const bool rtcp = IsRtcp(datagram);
  int size = 0;
  const bool sound = datagram.size() >= (rtcp ? kRtcpHeader : kRtpHeader);
  const uint32_t ssrc = sound ? Read32(&datagram[rtcp ? 4 : 8]) : 0;
  const int given = static_cast<int>(datagram.size());
  if (!sound || !Knows(ssrc) ||
      !(rtcp ? receive_.UnprotectRtcp(datagram.data(), given, &size)
             : receive_.UnprotectRtp(datagram.data(), given, &size))) {
    ++drops_.unauthentic;
    return;
  }
  received_.insert(ssrc);
  heard_ms_ = now_ms;
  ice_.Heard(from, now_ms);
  const auto packet = datagram.first(static_cast<size_t>(size));
  if (rtcp && downlink_) {
    downlink_->OnRtcp(packet, now_us);
    ServeDownlink(now_us);
  }
  events_.OnMedia(packet, rtcp);
}

void Transport::ReceiveDtls(std::span<const uint8_t> datagram, int64_t now_ms) {
  if (ended_) return;
  now_ms_ = now_ms;
  if (!dtls_) {
    dtls_ = std::make_unique<DtlsServer>(
        context_,
        [this](std::span<const uint8_t> record) {
          if (ice_.selected()) events_.OnDatagram(*ice_.selected(), record);
        },
        [this](std::span<const uint8_t> data) { ReceiveSctp(data); });
  }
  AfterDtls(dtls_->Receive(datagram), now_ms);
  drops_.handshake = dtls_->dropped();
}

void Transport::ReceiveSctp(std::span<const uint8_t> packet) {
  if (ended_ || ignored_ & SORA_IGNORE_SCTP) return;
  if (!connected_) {
    // The answer, which verifies the certificate, may come later than the peer's first packet; that would be repeated after a
    // second only.
    if (early_.size() < kMaxEarly && packet.size() <= kMaxEarlyPacket) early_.emplace_back(packet.begin(), packet.end());
    return;
  }
  heard_ms_ = now_ms_;
  sctp_->Receive(packet, now_ms_);
}

void Transport::AfterDtls(DtlsServer::State state, int64_t now_ms) {
  switch (state) {
    case DtlsServer::State::kConnecting: return;
    case DtlsServer::State::kConnected: return ConnectIfVerified(now_ms);
    case DtlsServer::State::kClosed: return End("The peer closed its DTLS association");
    case DtlsServer::State::kFailed: return End(dtls_->reason());
  }
}

// Media flows only when both the handshake and the answer are there and agree.
void Transport::ConnectIfVerified(int64_t now_ms) {
  if (connected_ || ended_ || closed_ || fingerprint_.empty()) return;
  if (!dtls_ || dtls_->state() != DtlsServer::State::kConnected) return;
  if (dtls_->RemoteFingerprint(algorithm_) != fingerprint_)
    return End("The DTLS certificate is not the one of the answer", true);
  const SrtpKeys& keys = dtls_->keys();
  KeepSrtp();
  if (!send_.SetSend(keys.profile, keys.local.data(), keys.local.size(), {}) ||
      !receive_.SetRecv(keys.profile, keys.remote.data(), keys.remote.size(), {}))
    return End("libsrtp refused the keys");
  connected_ = true;
  sctp_ = std::make_unique<SctpAssociation>(static_cast<SctpEvents&>(*this), low_water_bytes_, now_ms);
  events_.OnConnected();
  now_ms_ = now_ms;
  for (const auto& packet : std::exchange(early_, {})) ReceiveSctp(packet);
}

size_t Transport::ProtectRtp(uint8_t* packet, size_t size) {
  int written = 0;
  if (!connected() || !ice_.selected()) return 0;
  if (size < kRtpHeader ||
      !send_.ProtectRtp(packet, static_cast<int>(size), static_cast<int>(size + kMaxTrailer), &written)) {
    ++drops_.refused_sends;
    return 0;
  }
  return static_cast<size_t>(written);
}

size_t Transport::ProtectRtcp(uint8_t* packet, size_t size) {
  int written = 0;
  if (!connected() || !ice_.selected()) return 0;
  if (size < kRtcpHeader ||
      !send_.ProtectRtcp(packet, static_cast<int>(size), static_cast<int>(size + kMaxTrailer), &written)) {
    ++drops_.refused_sends;
    return 0;
  }
  return static_cast<size_t>(written);
}

Downlink& Transport::MakeDownlink() {
  if (!downlink_) downlink_ = std::make_unique<Downlink>();
  return *downlink_;
}

size_t Transport::SendRtp(uint8_t* packet, size_t size, size_t number_at, Downlink::Kind kind, int64_t now_us) {
  if (number_at == 0) return ProtectRtp(packet, size);
  if (!connected() || !ice_.selected() || !MakeDownlink().Admit({packet, size}, number_at, kind, now_us)) return 0;
  const size_t written = ProtectRtp(packet, size);
  if (written) downlink_->OnProtected(written, now_us);
  return written;
}

void Transport::ServeDownlink(int64_t now_us) {
  if (!downlink_ || !connected() || !ice_.selected()) return;
  std::array<uint8_t, kMaxMedia> packet;
  while (const size_t size = downlink_->Take(std::span(packet).first(kMaxMedia - kMaxTrailer), now_us)) {
    const size_t written = ProtectRtp(packet.data(), size);
    if (!written) break;
    downlink_->OnProtected(written, now_us);
    events_.OnPacedMedia(*ice_.selected(), std::span(packet).first(written));
  }
  if (const auto estimate = downlink_->TakeReport(now_us)) events_.OnBandwidth(*estimate);
}

void Transport::Forget(uint32_t ssrc) {
  if (!connected_) return;
  if (downlink_) downlink_->Forget(ssrc);
  (received_.erase(ssrc) ? receive_ : send_).RemoveSsrcFromSession(ssrc);
}

std::optional<int64_t> Transport::NextTimeout(int64_t now_ms) const {
  if (closed_ || ended_) return std::nullopt;
  std::optional<int64_t> next;
  if (dtls_)
    if (const auto left = dtls_->Timeout()) next = now_ms + *left;
  if (sctp_)
    if (const auto due = sctp_->NextTimeout()) next = next ? std::min(*next, *due) : *due;
  if (downlink_ && connected_)
    if (const auto due = downlink_->NextUs(now_ms * 1000)) {
      const int64_t due_ms = std::max(now_ms + 1, (*due + 999) / 1000);
      next = next ? std::min(*next, due_ms) : due_ms;
    }
  return next;
}

void Transport::HandleTimeouts(int64_t now_us) {
  if (closed_ || ended_) return;
  const int64_t now_ms = now_us / 1000;
  now_ms_ = now_ms;
  if (dtls_ && dtls_->Timeout() == 0) AfterDtls(dtls_->HandleTimeout(), now_ms);
  if (sctp_ && !ended_) sctp_->HandleTimeouts(now_ms);
  ServeDownlink(now_us);
}

void Transport::Close(int64_t now_ms) {
  if (closed_) return;
  closed_ = true;  // reports nothing from here on
  if (sctp_) sctp_->Close(now_ms);
  if (dtls_) dtls_->Close();
}

void Transport::End(std::string_view reason, bool bad_fingerprint) {
  if (ended_ || closed_) return;
  ended_ = true;
  events_.OnEnd(reason, bad_fingerprint);
}

void Transport::OnSctpPacket(std::span<const uint8_t> packet) { dtls_->Send(packet); }
void Transport::OnSctpConnected() {
  if (!closed_) events_.OnAssociation();
}
void Transport::OnSctpMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) {
  if (!closed_) events_.OnMessage(stream, protocol, data);
}
void Transport::OnSctpReset(std::span<const uint16_t> streams) {
  if (!closed_) events_.OnReset(streams);
}
void Transport::OnSctpWritable() {
  if (!closed_) events_.OnWritable();
}
void Transport::OnSctpEnd(std::string_view reason) { End(reason); }

}  // namespace sora
