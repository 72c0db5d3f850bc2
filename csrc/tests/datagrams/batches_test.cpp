// Datagrams that leave and arrive together, over loopback.
#include "datagrams/receive_batch.h"
#include "datagrams/send_batch.h"

#include <poll.h>

#include <string>
#include <vector>

#include "../harness/harness.h"

namespace {

using namespace sora;

constexpr size_t kCount = 40;
constexpr size_t kSize = 1200;

Endpoint Loopback(uint16_t port) {
  Endpoint endpoint;
  endpoint.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
  endpoint.port = port;
  return endpoint;
}

// A datagram of this size that begins with its number.
void Add(SendBatch& batch, const std::shared_ptr<UdpSocket>& socket, uint16_t port, uint8_t number, size_t size) {
  uint8_t* const at = batch.Next();
  std::fill_n(at, size, uint8_t{0});
  at[0] = number;
  batch.Add(size, socket, Loopback(port));
}

struct Received {
  size_t messages = 0, too_large = 0;
  std::vector<std::pair<uint8_t, size_t>> datagrams;  // the number and the size of each
  std::vector<Endpoint> from;
};

Received ReceiveAll(const UdpSocket& socket, size_t count, size_t largest = kMaxDatagram) {
  ReceiveBatch batch;
  Received all;
  pollfd descriptor{socket.descriptor(), POLLIN, 0};
  while (all.datagrams.size() + all.too_large < count && poll(&descriptor, 1, 5000) == 1) {
    const size_t messages = batch.Receive(socket);
    all.messages += messages;
    all.too_large +=
        batch.ForEach(messages, largest, [&](std::span<uint8_t> datagram, const Endpoint& from, std::optional<int64_t>) {
          all.datagrams.emplace_back(datagram[0], datagram.size());
          all.from.push_back(from);
        });
  }
  return all;
}

}  // namespace

TEST(datagrams_of_one_size_leave_and_arrive_as_one_message) {
  const auto sender = std::make_shared<UdpSocket>("127.0.0.1");
  const UdpSocket receiver("127.0.0.1");
  SendBatch batch(64);
  REQUIRE(batch.empty());
  for (uint8_t i = 0; i < kCount; ++i) Add(batch, sender, receiver.port(), i, i + 1 < kCount ? kSize : 7);
  REQUIRE_EQ(batch.Flush(), 0u);
  REQUIRE(batch.empty());
  const Received all = ReceiveAll(receiver, kCount);
  REQUIRE_EQ(all.datagrams.size(), kCount);
  for (uint8_t i = 0; i < kCount; ++i) {
    REQUIRE_EQ(all.datagrams[i].first, i);
    REQUIRE_EQ(all.datagrams[i].second, i + 1u < kCount ? kSize : 7u);
    REQUIRE(all.from[i] == Loopback(sender->port()));
  }
  // 32 in each, where the system can.
  REQUIRE_EQ(all.messages, sender->segments() ? 2u : kCount);
}

TEST(datagrams_beyond_the_largest_are_left_out_and_counted) {
  const auto sender = std::make_shared<UdpSocket>("127.0.0.1");
  const UdpSocket receiver("127.0.0.1");
  SendBatch batch(4);
  Add(batch, sender, receiver.port(), 1, kMaxDatagram);
  Add(batch, sender, receiver.port(), 2, kSize);
  batch.Flush();
  const Received all = ReceiveAll(receiver, 2, kSize);
  REQUIRE_EQ(all.too_large, 1u);
  REQUIRE_EQ(all.datagrams.size(), 1u);
  REQUIRE_EQ(all.datagrams[0].first, 2u);
}

TEST(datagrams_beyond_the_capacity_of_a_batch_make_it_leave) {
  const auto sender = std::make_shared<UdpSocket>("127.0.0.1");
  const UdpSocket receiver("127.0.0.1");
  SendBatch batch(4);
  for (uint8_t i = 0; i < 5; ++i) Add(batch, sender, receiver.port(), i, 100);
  REQUIRE_EQ(ReceiveAll(receiver, 4).datagrams.size(), 4u);
  REQUIRE(!batch.empty());
  batch.Flush();
  REQUIRE_EQ(ReceiveAll(receiver, 1).datagrams.at(0).first, 4u);
}
