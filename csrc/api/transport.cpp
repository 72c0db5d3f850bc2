#include "sora_ffi/transport.h"

#include <algorithm>
#include <cstring>

#include "api/arguments.h"
#include "transport/udp_port.h"

using namespace sora;

namespace {

// Writes a text, cut at size; returns its whole length.
int32_t WriteText(std::string_view text, uint8_t* buffer, uint32_t size) {
  Require(buffer || size == 0, "buffer is null");
  if (size) std::memcpy(buffer, text.data(), std::min<size_t>(text.size(), size));
  return static_cast<int32_t>(text.size());
}

// Runs work on an open transport.
template <typename Work>
int32_t On(uint32_t transport, Work&& work) {
  return Guard([&] {
    const auto object = Find<TransportObject>(transport);
    return object->port->With(*object,
                              [&](Transport& found, int64_t now_ms) -> int32_t { return work(*object, found, now_ms); });
  });
}

SctpAssociation& Association(Transport& transport) {
  if (!transport.sctp() || !transport.sctp()->connected())
    throw Error(SORA_ERROR_INVALID_STATE, "the association of SCTP is not up");
  return *transport.sctp();
}

// Hands the messages of sora_transport_send_messages to the association; returns the bytes that wait to be sent then.
size_t SendMessages(SctpAssociation& association, std::span<const uint8_t> data, std::span<const uint32_t> commands,
                    int64_t now_ms) {
  constexpr size_t kCommand = 5;
  Require(commands.size() % kCommand == 0, "commands ends inside of a message");
  std::vector<OutgoingMessage> messages;
  for (; !commands.empty(); commands = commands.subspan(kCommand)) {
    const uint32_t size = commands[0];
    RequireRange("the size of a message", size, 1, 262'144);
    Require(size <= data.size(), "commands has more bytes than data");
    RequireFlag("ordered", commands[2]);
    Delivery delivery{.ordered = commands[2] != 0, .max_retransmits = {}, .max_packet_life_time_ms = {}};
    if (commands[3] != UINT32_MAX) delivery.max_retransmits = commands[3];
    if (commands[4] != UINT32_MAX) delivery.max_packet_life_time_ms = commands[4];
    messages.push_back({static_cast<uint16_t>(commands[1] >> 16), commands[1] & 0xffff, data.first(size), delivery});
    data = data.subspan(size);
  }
  association.Send(messages, now_ms);
  return association.buffered();
}

}  // namespace

SORA_EXPORT int32_t sora_udp_port_open(uint32_t queue, const uint8_t* host, uint32_t host_size, uint32_t* out_port) {
  return Guard([&] {
    Require(host && host_size <= 64, "host is null or longer than an address");
    Require(out_port, "out_port is null");
    *out_port = UdpPort::Create(Find<EventQueue>(queue), {reinterpret_cast<const char*>(host), host_size});
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_udp_port_fingerprint(uint32_t port, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    Find<UdpPort>(port);
    return WriteText(UdpPort::Context().fingerprint(), buffer, size);
  });
}

SORA_EXPORT int32_t sora_udp_port_read(uint32_t port, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    Require(buffer, "buffer is null");
    return static_cast<int32_t>(Find<UdpPort>(port)->Read({buffer, size}));
  });
}

SORA_EXPORT int32_t sora_udp_port_send(uint32_t port, const uint8_t* packets, uint32_t packets_size,
                                       const uint32_t* commands, uint32_t count) {
  return Guard([&] {
    Require((packets || packets_size == 0) && (commands || count == 0), "packets or commands is null");
    return static_cast<int32_t>(Find<UdpPort>(port)->Send({{packets, packets_size}, {commands, count}}));
  });
}

SORA_EXPORT int32_t sora_udp_port_stats(uint32_t port, double* figures, uint32_t count) {
  return Guard([&] {
    Require(figures || count == 0, "figures is null");
    const UdpPort::Figures all = Find<UdpPort>(port)->figures();
    std::copy_n(all.begin(), std::min<size_t>(count, all.size()), figures);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_udp_port_close(uint32_t port) {
  return Guard([&] {
    Take<UdpPort>(port)->Close();
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_create(uint32_t port, uint32_t low_water_bytes, uint32_t* out_transport,
                                          uint32_t* out_udp_port) {
  return Guard([&] {
    Require(out_transport && out_udp_port, "out_transport or out_udp_port is null");
    const auto created = Find<UdpPort>(port)->CreateTransport(low_water_bytes);
    *out_transport = created.handle;
    *out_udp_port = created.udp_port;
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_credentials(uint32_t transport, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    const auto object = Find<TransportObject>(transport);
    const IceLite& ice = object->transport.ice();
    return WriteText(ice.ufrag() + " " + ice.password(), buffer, size);
  });
}

SORA_EXPORT int32_t sora_transport_set_remote(uint32_t transport, const uint8_t* text, uint32_t size) {
  return Guard([&] {
    Require(text && size <= 1024, "text is null or longer than 1,024 bytes");
    const std::string_view all(reinterpret_cast<const char*>(text), size);
    const size_t first = all.find(' '), second = first == all.npos ? first : all.find(' ', first + 1);
    Require(second != all.npos, "text must be \"UFRAG ALGORITHM FINGERPRINT\"");
    const std::string ufrag(all.substr(0, first)), algorithm(all.substr(first + 1, second - first - 1));
    Require(algorithm == "sha-256" || algorithm == "sha-384" || algorithm == "sha-512",
            "text must name sha-256, sha-384 or sha-512");
    const auto object = Find<TransportObject>(transport);
    return object->port->With(*object, [&](Transport& found, int64_t now_ms) -> int32_t {
      found.SetRemote(ufrag, algorithm, std::string(all.substr(second + 1)), now_ms);
      return SORA_OK;
    });
  });
}

SORA_EXPORT int32_t sora_transport_set_video(uint32_t transport, uint32_t payload_type) {
  return On(transport, [&](TransportObject& object, Transport&, int64_t) -> int32_t {
    RequireRange("payload_type", payload_type, 0, 127);
    object.video = payload_type;
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_want(uint32_t transport, uint32_t bits_per_second) {
  return On(transport, [&](TransportObject&, Transport& found, int64_t) -> int32_t {
    found.MakeDownlink().Want(bits_per_second);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_set_padding(uint32_t transport, uint32_t ssrc, uint32_t payload_type, uint32_t sequence,
                                               uint32_t extension) {
  return On(transport, [&](TransportObject&, Transport& found, int64_t) -> int32_t {
    RequireRange("payload_type", payload_type, 0, 127);
    RequireRange("sequence", sequence, 0, 65'535);
    RequireRange("extension", extension, 1, 14);
    found.MakeDownlink().SetPadding(ssrc, static_cast<uint8_t>(payload_type), static_cast<uint16_t>(sequence),
                                    static_cast<uint8_t>(extension));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_send_messages(uint32_t transport, const uint8_t* data, uint32_t size,
                                                 const uint32_t* commands, uint32_t count) {
  return On(transport, [&](TransportObject&, Transport& found, int64_t now_ms) -> int32_t {
    Require((data || size == 0) && (commands || count == 0), "data or commands is null");
    return static_cast<int32_t>(SendMessages(Association(found), {data, size}, {commands, count}, now_ms));
  });
}

SORA_EXPORT int32_t sora_transport_reset_streams(uint32_t transport, const uint32_t* streams, uint32_t count) {
  return On(transport, [&](TransportObject&, Transport& found, int64_t now_ms) -> int32_t {
    Require(streams || count == 0, "streams is null");
    std::vector<uint16_t> ids;
    for (const uint32_t stream : std::span(streams, count)) {
      RequireRange("streams", stream, 0, 65'535);
      ids.push_back(static_cast<uint16_t>(stream));
    }
    Association(found).Reset(ids, now_ms);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_release(uint32_t transport, uint32_t bytes) {
  return On(transport, [&](TransportObject& object, Transport&, int64_t now_ms) -> int32_t {
    object.Release(bytes, now_ms);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_forget(uint32_t transport, uint32_t ssrc) {
  return On(transport, [&](TransportObject&, Transport& found, int64_t) -> int32_t {
    found.Forget(ssrc);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_ignore(uint32_t transport, uint32_t kinds) {
  return On(transport, [&](TransportObject&, Transport& found, int64_t) -> int32_t {
    RequireRange("kinds", kinds, 0, SORA_IGNORE_STUN | SORA_IGNORE_DTLS | SORA_IGNORE_SCTP);
    found.Ignore(kinds);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_stats(uint32_t transport, double* figures, uint32_t count) {
  return On(transport, [&](TransportObject& object, Transport& found, int64_t) -> int32_t {
    Require(figures || count == 0, "figures is null");
    const TransportDrops& drops = found.drops();
    const DownlinkFigures down = found.downlink() ? found.downlink()->figures() : DownlinkFigures();
    const Bandwidth* const path = found.downlink() ? found.downlink()->bandwidth() : nullptr;
    const double all[] = {static_cast<double>(found.heard_ms()),
                          object.packets_received,
                          object.bytes_received,
                          object.packets_sent,
                          object.bytes_sent,
                          static_cast<double>(drops.checks),
                          static_cast<double>(drops.strays),
                          static_cast<double>(drops.unauthentic),
                          static_cast<double>(drops.handshake),
                          static_cast<double>(drops.refused_sends),
                          static_cast<double>(found.sctp() ? found.sctp()->dropped_messages() : 0),
                          static_cast<double>(found.sctp() ? found.sctp()->dropped_packets() : 0),
                          static_cast<double>(down.dropped),
                          static_cast<double>(path ? path->target() : 0),
                          path ? static_cast<double>(path->round_trip_us()) / 1000 : 0,
                          path ? path->loss() : 0,
                          static_cast<double>(down.held),
                          static_cast<double>(down.padding),
                          static_cast<double>(down.feedback),
                          static_cast<double>(down.refused_feedback)};
    std::copy_n(all, std::min<size_t>(count, std::size(all)), figures);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transport_close(uint32_t transport) {
  return Guard([&] {
    const auto object = Take<TransportObject>(transport);
    object->port->CloseTransport(object);
    return SORA_OK;
  });
}
