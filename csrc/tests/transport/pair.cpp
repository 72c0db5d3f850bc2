#include "pair.h"

#include "openssl_clock.h"

#include <algorithm>

namespace test {

Pair::Pair(const char* srtp_profiles)
    : client_context(srtp_profiles),
      server(server_context, *this, kLowWater),
      client(client_context, *this, "clientclient") {
  client_address.address[10] = client_address.address[11] = 0xff;
  client_address.address[12] = 192;
  client_address.address[14] = 2;
  client_address.address[15] = 1;
  client_address.port = 50'000;
}

void Pair::Begin() {
  server.SetRemote(client.ufrag(), "sha-256", client.fingerprint(), now_ms);
  client.Start(server.ice().ufrag(), server.ice().password(), server_context.fingerprint(), now_ms);
}

bool Pair::Connect() {
  Begin();
  return RunUntil([this] { return server_seen.associated && client_seen.associated; });
}

void Pair::Pass(bool to_server, std::span<const uint8_t> data) {
  (to_server ? bytes_to_server : bytes_to_client) += data.size();
  Datagram datagram{now_ms + delay_ms, to_server, client_address, {data.begin(), data.end()}};
  if (lose && lose(datagram.data, to_server)) return;
  wire_.push_back(std::move(datagram));
}

void Pair::OnDatagram(const sora::Endpoint& to, std::span<const uint8_t> data) {
  if (to == client_address) return Pass(false, data);
  to_others.emplace_back(data.begin(), data.end());
}

void Pair::ToServer(Bytes datagram) { ToServer(std::move(datagram), client_address); }

void Pair::ToServer(Bytes datagram, const sora::Endpoint& from) {
  if (!sora::stun::IsStun(datagram)) return server.Receive(datagram, from, now_ms * 1000);
  const auto request = sora::stun::Parse(datagram);
  if (request) server.ReceiveCheck(datagram, *request, from, now_ms);
}

bool Pair::ServerSends(Bytes packet, bool rtcp) {
  const size_t size = packet.size();
  packet.resize(size + sora::Transport::kMaxTrailer);
  const size_t written = rtcp ? server.ProtectRtcp(packet.data(), size) : server.ProtectRtp(packet.data(), size);
  if (written) Pass(false, std::span(packet).first(written));
  return written > 0;
}

bool Pair::ClientSends(Bytes packet, bool rtcp) {
  const size_t size = packet.size();
  packet.resize(size + Client::kMaxTrailer);
  const size_t written = rtcp ? client.ProtectRtcp(packet.data(), size) : client.ProtectRtp(packet.data(), size);
  if (written) Pass(true, std::span(packet).first(written));
  return written > 0;
}

bool Pair::ServerSendsMessage(uint16_t stream, std::span<const uint8_t> data, const sora::Delivery& delivery) {
  constexpr uint32_t kBinary = 53;  // WebRTC's payload protocol identifier
  const uint32_t dropped = server.sctp()->dropped_messages();
  const sora::OutgoingMessage message{stream, kBinary, data, delivery};
  server.sctp()->Send({&message, 1}, now_ms);
  return server.sctp()->dropped_messages() == dropped;
}

void Pair::Step(int64_t until_ms) {
  while (!wire_.empty() && wire_.front().due_ms <= now_ms) {
    Datagram datagram = std::move(wire_.front());
    wire_.pop_front();
    if (datagram.to_server) {
      ToServer(std::move(datagram.data), datagram.from);
    } else {
      client.Receive(datagram.data, now_ms);
    }
  }
  server.HandleTimeouts(now_ms * 1000);
  client.HandleTimeouts(now_ms);
  int64_t next = until_ms;
  if (!wire_.empty()) next = std::min(next, wire_.front().due_ms);
  if (const auto due = server.NextTimeout(now_ms)) next = std::min(next, *due);
  if (const auto due = client.NextTimeout(now_ms)) next = std::min(next, *due);
  next = std::max(next, now_ms + 1);
  openssl_ahead_ms += next - now_ms;
  now_ms = next;
}

bool Pair::RunUntil(const std::function<bool()>& holds, int64_t limit_ms) {
  for (const int64_t end_ms = now_ms + limit_ms; now_ms < end_ms; Step(end_ms))
    if (holds()) return true;
  return holds();
}

void Pair::RunFor(int64_t ms) {
  RunUntil([] { return false; }, ms);
}

Bytes Rtp(uint32_t ssrc, uint16_t sequence, std::span<const uint8_t> payload) {
  Bytes packet(12);
  packet[0] = 0x80;
  packet[1] = 120;
  packet[2] = static_cast<uint8_t>(sequence >> 8);
  packet[3] = static_cast<uint8_t>(sequence);
  for (size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<uint8_t>(ssrc >> (24 - 8 * i));
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

}  // namespace test
