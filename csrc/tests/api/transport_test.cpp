// UDP ports and transports as TypeScript sees them: their arguments, and what is left of them. What they do is tested below the C
// functions, see csrc/tests/transport.
#include <algorithm>

#include "support.h"

namespace {

constexpr std::string_view kHost = "127.0.0.1";

struct Port {
  explicit Port(const Queue& queue) {
    REQUIRE_RESULT(sora_udp_port_open(queue.handle(), Bytes(kHost), Size(kHost), &handle), SORA_OK);
  }
  ~Port() { sora_udp_port_close(handle); }
  uint32_t Transport() const {
    uint32_t transport = 0, udp_port = 0;
    REQUIRE_RESULT(sora_transport_create(handle, 1000, &transport, &udp_port), SORA_OK);
    REQUIRE(udp_port > 0 && udp_port <= 65'535);
    return transport;
  }
  uint32_t handle = 0;
};

int32_t Open(const Queue& queue, std::string_view host) {
  uint32_t port = 0;
  return sora_udp_port_open(queue.handle(), Bytes(host), Size(host), &port);
}

std::string Text(int32_t (*read)(uint32_t, uint8_t*, uint32_t), uint32_t handle) {
  std::string text(256, ' ');
  const int32_t size = read(handle, reinterpret_cast<uint8_t*>(text.data()), Size(text));
  REQUIRE(size > 0 && size <= 256);
  text.resize(static_cast<size_t>(size));
  return text;
}

}  // namespace

TEST(transport_tells_what_an_offer_needs) {
  const Queue queue;
  const Port port(queue);
  const uint32_t transport = port.Transport(), other = port.Transport();
  const std::string fingerprint = Text(sora_udp_port_fingerprint, port.handle);
  REQUIRE_EQ(fingerprint.size(), 32 * 3 - 1);
  for (size_t i = 0; i < fingerprint.size(); ++i)
    REQUIRE(std::string_view(i % 3 == 2 ? ":" : "0123456789ABCDEF").find(fingerprint[i]) != std::string_view::npos);
  const std::string credentials = Text(sora_transport_credentials, transport);
  const size_t space = credentials.find(' ');
  REQUIRE(space >= 4 && space != credentials.npos && credentials.size() - space > 22);
  REQUIRE(Text(sora_transport_credentials, transport) != Text(sora_transport_credentials, other));
  uint8_t byte = 0;
  REQUIRE(sora_transport_credentials(transport, &byte, 1) > 22);
}

TEST(transport_refuses_wrong_arguments) {
  const Queue queue;
  REQUIRE_RESULT(Open(queue, "localhost"), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_HAS(LastError(), "localhost");
  REQUIRE_RESULT(Open(queue, std::string(100, '1')), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(Open(queue, "203.0.113.77"), SORA_ERROR_UNSUPPORTED);
  REQUIRE_HAS(LastError(), "203.0.113.77");
  const Port port(queue);
  const uint32_t transport = port.Transport();
  for (const std::string_view text : {"", "ufrag", "ufrag sha-256", "ufrag md5 AA", "ufrag sha-1 AA"})
    REQUIRE_RESULT(sora_transport_set_remote(transport, Bytes(text), Size(text)), SORA_ERROR_INVALID_ARGUMENT);
  const uint8_t data[4] = {};
  const uint32_t message[] = {4, 1 << 16 | 53, 1, UINT32_MAX, UINT32_MAX};
  REQUIRE_RESULT(sora_transport_send_messages(transport, data, 4, message, 5), SORA_ERROR_INVALID_STATE);
  REQUIRE_RESULT(sora_transport_release(transport, 1), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_transport_ignore(transport, 8), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_transport_set_video(transport, 128), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_transport_set_padding(transport, 1, 128, 0, 3), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_transport_set_padding(transport, 1, 97, 65'536, 3), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_transport_set_padding(transport, 1, 97, 0, 15), SORA_ERROR_INVALID_ARGUMENT);
  const uint32_t half[] = {0, 12};
  REQUIRE_RESULT(sora_udp_port_send(port.handle, data, 4, half, 2), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_RESULT(sora_udp_port_read(port.handle, nullptr, 0), SORA_ERROR_INVALID_ARGUMENT);
}

TEST(transport_figures_begin_at_nothing) {
  const Queue queue;
  const Port port(queue);
  const uint32_t transport = port.Transport();
  double figures[24];
  std::fill_n(figures, 24, -1);
  REQUIRE_RESULT(sora_transport_stats(transport, figures, 24), SORA_OK);
  for (int i = 0; i < 20; ++i) REQUIRE_EQ(figures[i], 0.0);
  REQUIRE_EQ(figures[20], -1.0);
  REQUIRE_RESULT(sora_udp_port_stats(port.handle, figures, 24), SORA_OK);
  for (int i = 0; i < 3; ++i) REQUIRE_EQ(figures[i], 0.0);
}

TEST(transport_closes_with_its_port_and_by_itself) {
  const Queue queue;
  uint32_t port = 0;
  REQUIRE_RESULT(sora_udp_port_open(queue.handle(), Bytes(kHost), Size(kHost), &port), SORA_OK);
  uint32_t transport = 0, other = 0, udp_port = 0;
  REQUIRE_RESULT(sora_transport_create(port, 0, &transport, &udp_port), SORA_OK);
  REQUIRE_RESULT(sora_transport_create(port, 0, &other, &udp_port), SORA_OK);
  REQUIRE_RESULT(sora_transport_close(transport), SORA_OK);
  REQUIRE_RESULT(sora_transport_close(transport), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_udp_port_close(port), SORA_OK);
  double figure = 0;
  REQUIRE_RESULT(sora_transport_stats(other, &figure, 1), SORA_ERROR_CLOSED);
  REQUIRE_RESULT(sora_udp_port_close(port), SORA_ERROR_CLOSED);
}

TEST(transport_ports_are_bounded) {
  const Queue queue;
  const Port port(queue);
  uint32_t transport = 0, udp_port = 0;
  int32_t result = SORA_OK;
  uint32_t made = 0;
  while ((result = sora_transport_create(port.handle, 0, &transport, &udp_port)) == SORA_OK) ++made;
  REQUIRE_RESULT(result, SORA_ERROR_LIMIT);
  REQUIRE_EQ(made, 8192u);
}
