// The transports of a UDP port: what one reports goes to the event queue, the media that is read, and the batch that is sent.
#include <cstring>

#include "core/result.h"
#include "sora_ffi/transport.h"
#include "transport/udp_port.h"

namespace sora {
namespace {

// How long a transport keeps an address to itself after it has heard its peer.
constexpr int64_t kOwnedMs = 5000;

}  // namespace

TransportObject::TransportObject(std::shared_ptr<UdpPort> owner, Lane& of, size_t low_water_bytes)
    : port(std::move(owner)), socket(of.socket), lane(of), transport(UdpPort::Context(), *this, low_water_bytes) {}

void TransportObject::Abandon(std::shared_ptr<Object> self, uint32_t) {
  port->CloseTransport(std::static_pointer_cast<TransportObject>(self));
}

void TransportObject::Release(size_t bytes, int64_t now_ms) {
  Require(bytes <= held_, "bytes is more than was received and not released");
  held_ -= bytes;
  if (transport.sctp()) transport.sctp()->SetHeld(held_, now_ms);
}

// A member could send checks with the source address of another: the first keeps it while it hears its peer.
bool TransportObject::OnPeer(const Endpoint& peer, int64_t now_ms) {
  TransportObject*& owner = lane.by_peer[peer];
  if (owner && owner != this && now_ms - owner->transport.heard_ms() <= kOwnedMs) return false;
  owner = this;
  return true;
}

void TransportObject::OnPeerGone(const Endpoint& peer) {
  const auto found = lane.by_peer.find(peer);
  if (found != lane.by_peer.end() && found->second == this) lane.by_peer.erase(found);
}

void TransportObject::OnDatagram(const Endpoint& to, std::span<const uint8_t> datagram) {
  if (datagram.size() > kMaxDatagram) return;
  std::memcpy(port->batch_->Next(), datagram.data(), datagram.size());
  port->batch_->Add(datagram.size(), socket, to);
}

void TransportObject::OnPacedMedia(const Endpoint& to, std::span<const uint8_t> datagram) {
  packets_sent += 1;
  bytes_sent += static_cast<double>(datagram.size());
  OnDatagram(to, datagram);
}

void TransportObject::OnBandwidth(uint32_t bits_per_second) {
  port->queue_->Push(SORA_EVENT_BANDWIDTH, handle, bits_per_second);
}

void TransportObject::OnConnected() {
  port->queue_->Push(SORA_EVENT_TRANSPORT_CONNECTED, handle, static_cast<uint32_t>(transport.profile()));
}

void TransportObject::OnMedia(std::span<const uint8_t> packet, bool rtcp) {
  // The marker bit stands beside the payload type: without it, more of the frame comes.
  const bool may_wait = !rtcp && packet[1] == video;
  if (port->media_.Add(handle, packet, rtcp, port->arrived_ms_, may_wait))
    port->queue_->Push(SORA_EVENT_READABLE, port->handle_);
}

void TransportObject::OnAssociation() { port->queue_->Push(SORA_EVENT_ASSOCIATION, handle); }

void TransportObject::OnMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) {
  held_ += data.size() + SORA_MESSAGE_OVERHEAD;
  transport.sctp()->SetHeld(held_, UdpPort::Now());
  port->queue_->Push(SORA_EVENT_TRANSPORT_MESSAGE, handle, uint32_t{stream} << 16 | protocol,
                     {reinterpret_cast<const char*>(data.data()), data.size()});
}

void TransportObject::OnReset(std::span<const uint16_t> streams) {
  port->queue_->Push(SORA_EVENT_STREAMS_RESET, handle, 0,
                     {reinterpret_cast<const char*>(streams.data()), streams.size_bytes()});
}

void TransportObject::OnWritable() { port->queue_->Push(SORA_EVENT_WRITABLE, handle); }

void TransportObject::OnEnd(std::string_view reason, bool bad_fingerprint) {
  port->queue_->Push(SORA_EVENT_TRANSPORT_ENDED, handle, bad_fingerprint, reason);
}

}  // namespace sora
