// The port over real sockets: many transports on it, media fanned out, and its end at any time.
#include "transport/udp_port.h"

#include <dirent.h>
#include <malloc.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include "../harness/harness.h"
#include "pair.h"
#include "sora_ffi/transport.h"
#include "udp_client.h"

namespace {

using namespace test;

const ClientContext& Context() {
  static const ClientContext context;
  return context;
}

size_t Descriptors() {
  size_t count = 0;
  DIR* const folder = opendir("/proc/self/fd");
  while (readdir(folder)) ++count;
  closedir(folder);
  return count;
}

// A transport with its client.
struct Connection {
  explicit Connection(PortUser& user, bool ipv6 = false)
      : made(user.CreateTransport()), client(Context(), made.udp_port, ipv6) {
    client.Start(*user.Object(made.handle));
  }
  PortUser::Made made;
  UdpClient client;
};

std::vector<std::unique_ptr<Connection>> Connect(PortUser& user, size_t count) {
  std::vector<std::unique_ptr<Connection>> all;
  for (size_t i = 0; i < count; ++i) all.push_back(std::make_unique<Connection>(user));
  return all;
}

std::vector<UdpClient*> Clients(const std::vector<std::unique_ptr<Connection>>& all) {
  std::vector<UdpClient*> clients;
  for (const auto& one : all) clients.push_back(&one->client);
  return clients;
}

bool RunUntilAssociated(PortUser& user, const std::vector<std::unique_ptr<Connection>>& all) {
  return user.RunUntil(Clients(all), [&] {
    return std::ranges::all_of(all, [&](const auto& one) {
      return one->client.client.associated() && user.events.contains({SORA_EVENT_ASSOCIATION, one->made.handle});
    });
  });
}

// The commands that send one packet to these transports.
std::vector<uint32_t> FanOut(uint32_t size, const std::vector<std::unique_ptr<Connection>>& all, size_t first) {
  std::vector<uint32_t> commands = {0, size, static_cast<uint32_t>(all.size() - first)};
  for (size_t i = first; i < all.size(); ++i) {
    const auto number = static_cast<uint32_t>(i);
    commands.insert(commands.end(),
                    {all[i]->made.handle, 1000 + number, 2000 + number, 3000 + number, 12u << 16 | SORA_MEDIA_VIDEO});
  }
  return commands;
}

}  // namespace

TEST(transport_port_refuses_addresses_that_are_none) {
  const auto queue = std::make_shared<sora::EventQueue>(1 << 20);
  const auto code = [&](const std::string& host) {
    try {
      sora::UdpPort::Create(queue, host);
    } catch (const sora::Error& error) {
      return error.code();
    }
    return SORA_OK;
  };
  REQUIRE_EQ(code("localhost"), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_EQ(code(""), SORA_ERROR_INVALID_ARGUMENT);
  REQUIRE_EQ(code("203.0.113.77"), SORA_ERROR_UNSUPPORTED);  // an address of others
}

TEST(transport_port_forwards_media_with_each_subscribers_header) {
  PortUser user;
  const auto all = Connect(user, 20);
  const auto clients = Clients(all);
  REQUIRE(RunUntilAssociated(user, all));
  std::set<uint16_t> udp_ports;
  for (const auto& one : all) udp_ports.insert(one->made.udp_port);
  REQUIRE_EQ(udp_ports.size(), 3);  // eight on each socket
  REQUIRE(all[0]->client.SendRtp(77, 5, 1200));
  REQUIRE(user.RunUntil(clients, [&] { return user.media.size() == 1; }));
  const PortUser::Media& media = user.media[0];
  REQUIRE_EQ(media.transport, all[0]->made.handle);
  REQUIRE(!media.rtcp);
  REQUIRE(media.arrived_ms > 0 && media.arrived_ms <= static_cast<double>(Now() + 1));
  REQUIRE(media.packet == Rtp(77, 5, Bytes(1200, 1)));
  const auto commands = FanOut(static_cast<uint32_t>(media.packet.size()), all, 1);
  REQUIRE_EQ(user.port->Send({media.packet, commands}), 19);
  REQUIRE(user.RunUntil(clients, [&] {
    return std::all_of(all.begin() + 1, all.end(), [](const auto& one) { return one->client.media.size() == 1; });
  }));
  for (uint32_t i = 1; i < all.size(); ++i) {
    Bytes expected = media.packet;
    for (size_t at = 0; at < 4; ++at) {
      expected[8 + at] = static_cast<uint8_t>((1000 + i) >> (24 - 8 * at));
      expected[4 + at] = static_cast<uint8_t>((3000 + i) >> (24 - 8 * at));
    }
    expected[2] = static_cast<uint8_t>((2000 + i) >> 8);
    expected[3] = static_cast<uint8_t>(2000 + i);
    expected[12] = expected[13] = 0;  // the first transport-wide number of each
    REQUIRE(all[i]->client.media[0] == expected);
  }
  REQUIRE(all[0]->client.media.empty());
}

TEST(transport_port_tells_of_a_frame_whose_end_does_not_come) {
  PortUser user;
  const auto all = Connect(user, 1);
  REQUIRE(RunUntilAssociated(user, all));
  user.Object(all[0]->made.handle)->video = Rtp(1, 1, {})[1];
  const auto readable = [&] { return user.events.contains({SORA_EVENT_READABLE, user.handle}); };
  REQUIRE(!readable());
  const int64_t sent_ms = Now();
  REQUIRE(all[0]->client.SendRtp(77, 5, 1200));
  REQUIRE_EQ(user.queue->Wait(10'000), 1);
  REQUIRE(Now() - sent_ms >= 4);
  user.Drain();
  REQUIRE(readable());
  REQUIRE_EQ(user.media.size(), 1);
}

TEST(transport_port_sends_what_it_can_of_a_batch) {
  PortUser user;
  auto all = Connect(user, 3);
  REQUIRE(RunUntilAssociated(user, all));
  const uint32_t closed = all[1]->made.handle;
  const auto object = sora::Take<sora::TransportObject>(closed);
  user.port->CloseTransport(object);
  const auto unconnected = user.CreateTransport();
  const Bytes packet = Rtp(1, 1, Bytes(100));
  std::vector<uint32_t> commands = FanOut(112, all, 0);
  commands.insert(commands.end(), {0, 112, 2, unconnected.handle, 1, 1, 1, 0, 0xffffffff, 1, 1, 1, 0, 0, 112, 0});
  REQUIRE_EQ(user.port->Send({packet, commands}), 2);
}

TEST(transport_port_refuses_commands_that_reach_beyond) {
  PortUser user;
  const Bytes packet = Rtp(1, 1, Bytes(100));
  for (const std::vector<uint32_t>& commands : std::vector<std::vector<uint32_t>>{
           {0},
           {0, 112},
           {0, 112, 1},
           {0, 112, 0xffffffff, 1, 2, 3, 4, 5},
           {0, 113, 0},
           {1, 112, 0},
           {0xffffffff, 112, 0},
           {0, 11, 0},
           {0, 4, 0x80000000},
           {0, 112, 1, 1, 1, 1, 1, 111u << 16},
       }) {
    bool refused = false;
    try {
      user.port->Send({packet, commands});
    } catch (const sora::Error& error) {
      refused = error.code() == SORA_ERROR_INVALID_ARGUMENT;
    }
    REQUIRE(refused);
  }
}

TEST(transport_port_bounds_media_that_nobody_reads) {
  PortUser user;
  const auto all = Connect(user, 1);
  const auto clients = Clients(all);
  REQUIRE(RunUntilAssociated(user, all));
  user.events.clear();
  uint16_t sequence = 0;
  const int64_t end_ms = Now() + 20'000;
  while (user.port->figures()[0] == 0 && Now() < end_ms) {
    for (int i = 0; i < 64; ++i) all[0]->client.SendRtp(1, ++sequence, 1200);
    all[0]->client.Poll();
  }
  REQUIRE(user.port->figures()[0] > 0);
  user.Drain();
  // It is told once that there is something to read, and again once it has read everything.
  REQUIRE_EQ((user.events[{SORA_EVENT_READABLE, user.handle}].size()), 1);
  REQUIRE(user.media.size() > 3000);
  user.media.clear();
  REQUIRE(all[0]->client.SendRtp(1, ++sequence, 1200));
  REQUIRE(user.RunUntil(clients, [&] { return user.media.size() > 0; }));
}

TEST(transport_port_serves_both_families_on_the_unspecified_address) {
  PortUser user("::");
  std::vector<std::unique_ptr<Connection>> all;
  all.push_back(std::make_unique<Connection>(user, false));
  all.push_back(std::make_unique<Connection>(user, true));
  REQUIRE(RunUntilAssociated(user, all));
  REQUIRE(all[0]->client.client.mapped()->is_ipv4());
  REQUIRE(!all[1]->client.client.mapped()->is_ipv4());
}

TEST(transport_port_keeps_an_address_for_the_transport_that_hears_its_peer_there) {
  PortUser user;
  const auto all = Connect(user, 1);
  const auto clients = Clients(all);
  REQUIRE(RunUntilAssociated(user, all));
  // Another member knows the credentials of its own transport, and forges the first one's address.
  const auto other = user.CreateTransport();
  REQUIRE_EQ(other.udp_port, all[0]->made.udp_port);
  const sora::IceLite& ice = user.Object(other.handle)->transport.ice();
  all[0]->client.SendRaw(WriteCheck({1, 2, 3}, ice.ufrag() + ":other", ice.password()));
  REQUIRE(user.RunUntil(clients, [&] {
    return user.port->With(*user.Object(other.handle),
                           [](sora::Transport& found, int64_t) { return found.drops().checks; }) == 1;
  }));
  REQUIRE(all[0]->client.SendRtp(1, 1, 100));
  REQUIRE(user.RunUntil(clients, [&] { return user.media.size() == 1; }));
  REQUIRE_EQ(user.media[0].transport, all[0]->made.handle);
}

TEST(transport_port_passes_messages_and_gives_the_window_back) {
  PortUser user;
  const auto all = Connect(user, 1);
  const auto clients = Clients(all);
  REQUIRE(RunUntilAssociated(user, all));
  const uint32_t handle = all[0]->made.handle;
  const Bytes message(100'000, 9);
  size_t sent = 0;
  constexpr size_t kMessages = 40;  // 4 MB, four times the window
  const auto& received = user.events[{SORA_EVENT_TRANSPORT_MESSAGE, handle}];
  const auto push = [&] {
    while (sent < kMessages && all[0]->client.client.SendMessage(1, 53, message, Now())) ++sent;
  };
  // Nothing is released: the peer is held back.
  size_t stuck = 0;
  REQUIRE(user.RunUntil(clients, [&, since = Now()]() mutable {
    push();
    if (received.size() != stuck) since = Now();
    stuck = received.size();
    return stuck > 0 && Now() - since > 1000;
  }));
  REQUIRE(stuck >= 5 && stuck < 20);
  size_t released = 0;
  REQUIRE(user.RunUntil(clients, [&] {
    push();
    for (; released < received.size(); ++released) {
      const auto object = user.Object(handle);
      user.port->With(*object, [&](sora::Transport&, int64_t now_ms) {
        object->Release(message.size() + SORA_MESSAGE_OVERHEAD, now_ms);
        return 0;
      });
    }
    return received.size() == kMessages;
  }));
  for (const PortUser::Event& event : received) {
    REQUIRE_EQ(event.argument, 1u << 16 | 53);
    REQUIRE(event.payload == message);
  }
}

TEST(transport_port_reports_the_end_of_a_peer_and_tells_it_its_own) {
  PortUser user;
  const auto all = Connect(user, 2);
  const auto clients = Clients(all);
  REQUIRE(RunUntilAssociated(user, all));
  all[0]->client.client.Close(Now());
  REQUIRE(user.RunUntil(clients, [&] { return user.events.contains({SORA_EVENT_TRANSPORT_ENDED, all[0]->made.handle}); }));
  sora::TakeIfOpen(user.handle);
  user.port->Close();
  REQUIRE(user.RunUntil(clients, [&] { return !all[1]->client.end.empty(); }));
  REQUIRE(!sora::IsOpen(all[0]->made.handle) && !sora::IsOpen(all[1]->made.handle));
}

TEST(transport_port_makes_and_closes_a_thousand_transports_without_a_trace) {
  PortUser user;
  const auto round = [&](size_t connections) {
    auto all = Connect(user, connections);
    REQUIRE(RunUntilAssociated(user, all));
    for (const auto& one : all) user.port->CloseTransport(sora::Take<sora::TransportObject>(one->made.handle));
    all.clear();
    user.Drain();
    user.events.clear();
  };
  round(20);
  const size_t descriptors = Descriptors();
  const uint32_t objects = sora::LiveObjects();
  const size_t bytes = mallinfo2().uordblks;
  for (int i = 0; i < 50; ++i) round(20);
  REQUIRE_EQ(Descriptors(), descriptors);
  REQUIRE_EQ(sora::LiveObjects(), objects);
  const size_t after = mallinfo2().uordblks;
  if (after > bytes) REQUIRE(after - bytes < 1024 * 1000);  // less than 1 kB for each
}

TEST(transport_port_closes_while_others_use_it) {
  for (int round = 0; round < 10; ++round) {
    auto user = std::make_unique<PortUser>();
    const auto all = Connect(*user, 4);
    REQUIRE(RunUntilAssociated(*user, all));
    std::atomic<bool> done = false;
    const Bytes packet = Rtp(1, 1, Bytes(100));
    std::vector<std::thread> threads;
    threads.emplace_back([&] {
      for (uint32_t i = 0; !done; ++i) {
        auto commands = FanOut(112, all, 0);
        for (size_t at = 5; at < commands.size(); at += 5) commands[at] = i;
        user->port->Send({packet, commands});
      }
    });
    threads.emplace_back([&] {
      Bytes buffer(100'000);
      while (!done) user->port->Read(buffer);
    });
    threads.emplace_back([&] {
      while (!done) {
        try {
          const auto object = user->Object(all[1]->made.handle);
          user->port->With(*object, [&](sora::Transport& found, int64_t now_ms) {
            const sora::OutgoingMessage message{1, 53, packet, {}};
            if (found.sctp()) found.sctp()->Send({&message, 1}, now_ms);
            return 0;
          });
        } catch (const sora::Error&) {
        }
        try {
          user->CreateTransport();
        } catch (const sora::Error&) {
        }
      }
    });
    threads.emplace_back([&, sequence = uint16_t{0}]() mutable {
      while (!done) {
        for (const auto& one : all) one->client.SendRtp(1, ++sequence, 500);
        for (const auto& one : all) one->client.Poll();
      }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + 5 * round));
    const auto object = sora::TakeIfOpen(all[0]->made.handle);
    user->port->CloseTransport(std::static_pointer_cast<sora::TransportObject>(object));
    sora::TakeIfOpen(user->handle);
    user->port->Close();
    done = true;
    for (std::thread& thread : threads) thread.join();
  }
}

TEST(transport_port_is_abandoned_with_its_realm) {
  uint32_t port = 0, transport = 0;
  const size_t descriptors = Descriptors();
  {
    const auto queue = std::make_shared<sora::EventQueue>(1 << 20);
    port = sora::UdpPort::Create(queue, "127.0.0.1");
    transport = sora::Find<sora::UdpPort>(port)->CreateTransport(1000).handle;
  }
  sora::Abandon(port);
  REQUIRE(!sora::IsOpen(port) && !sora::IsOpen(transport));
  // The thread ends by itself and closes what is left.
  for (const int64_t end_ms = Now() + 10'000; Descriptors() != descriptors && Now() < end_ms;) std::this_thread::yield();
  REQUIRE_EQ(Descriptors(), descriptors);
}
