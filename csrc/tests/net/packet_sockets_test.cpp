// libwebrtc's UDP sockets over batches: what leaves when, and sockets that end while they are read.
#include "net/packet_sockets.h"

#include <chrono>
#include <exception>
#include <functional>
#include <future>
#include <set>
#include <string>
#include <vector>

#include "../harness/harness.h"
#include "datagrams/receive_batch.h"
#include "rtc_base/thread.h"

namespace {

using namespace sora;

constexpr auto kPatience = std::chrono::seconds(10);

// A network thread with its sockets.
class Network {
 public:
  Network() {
    auto sockets = PacketSockets::Create();
    sockets_ = sockets.get();
    thread_ = std::make_unique<rtc::Thread>(std::move(sockets));
    thread_->Start();
  }
  ~Network() { thread_->Stop(); }

  // Runs a task there; what it throws is thrown here.
  void Run(const std::function<void()>& task) {
    std::exception_ptr failure;
    thread_->BlockingCall([&] {
      try {
        task();
      } catch (...) {
        failure = std::current_exception();
      }
    });
    if (failure) std::rethrow_exception(failure);
  }
  std::unique_ptr<rtc::AsyncPacketSocket> Make(uint16_t min_port = 0, uint16_t max_port = 0,
                                               const char* host = "127.0.0.1") {
    std::unique_ptr<rtc::AsyncPacketSocket> made;
    Run([&] { made.reset(sockets_->CreateUdpSocket(rtc::SocketAddress(host, 0), min_port, max_port)); });
    return made;
  }
  void Close(std::unique_ptr<rtc::AsyncPacketSocket> socket) {
    Run([&] { socket = nullptr; });
  }

 private:
  PacketSockets* sockets_;
  std::unique_ptr<rtc::Thread> thread_;
};

int Send(rtc::AsyncPacketSocket& socket, const std::string& text, const rtc::SocketAddress& to,
         rtc::PacketOptions options = {}) {
  return socket.SendTo(text.data(), text.size(), to, options);
}

std::string TextOf(const rtc::ReceivedPacket& packet) {
  return {reinterpret_cast<const char*>(packet.payload().data()), packet.payload().size()};
}

}  // namespace

TEST(packet_sockets_deliver_what_a_task_sends_in_its_order) {
  Network network;
  auto from = network.Make(), to = network.Make();
  // More than leave together, of two sizes.
  constexpr int kCount = 200;
  std::vector<std::string> received;
  std::set<std::string> sources;
  bool timed = true;
  std::promise<void> done;
  network.Run([&] {
    to->RegisterReceivedPacketCallback([&](rtc::AsyncPacketSocket*, const rtc::ReceivedPacket& packet) {
      received.push_back(TextOf(packet));
      sources.insert(packet.source_address().ToString());
      timed &= packet.arrival_time() && packet.arrival_time()->us() <= rtc::TimeMicros();
      if (received.size() == kCount) done.set_value();
    });
    for (int i = 0; i < kCount; ++i) {
      const std::string text = std::to_string(i) + std::string(i % 10 ? 500 : 20, '.');
      REQUIRE_EQ(Send(*from, text, to->GetLocalAddress()), text.size());
    }
  });
  REQUIRE(done.get_future().wait_for(kPatience) == std::future_status::ready);
  for (int i = 0; i < kCount; ++i)
    REQUIRE_EQ(received[static_cast<size_t>(i)], std::to_string(i) + std::string(i % 10 ? 500 : 20, '.'));
  REQUIRE_EQ(sources.size(), 1u);
  REQUIRE_EQ(*sources.begin(), from->GetLocalAddress().ToString());
  REQUIRE(timed);
  network.Close(std::move(from));
  network.Close(std::move(to));
}

TEST(packet_sockets_send_what_received_datagrams_lead_to) {
  Network network;
  auto here = network.Make(), there = network.Make(0, 0, "::1"), back = network.Make(0, 0, "::1");
  std::promise<std::string> answer;
  network.Run([&] {
    there->RegisterReceivedPacketCallback([&](rtc::AsyncPacketSocket* socket, const rtc::ReceivedPacket& packet) {
      Send(*socket, "answer to " + TextOf(packet), packet.source_address());
    });
    back->RegisterReceivedPacketCallback(
        [&](rtc::AsyncPacketSocket*, const rtc::ReceivedPacket& packet) { answer.set_value(TextOf(packet)); });
    Send(*back, "this", there->GetLocalAddress());
  });
  auto future = answer.get_future();
  REQUIRE(future.wait_for(kPatience) == std::future_status::ready);
  REQUIRE_EQ(future.get(), "answer to this");
  // A socket for IPv4 sends to no address of IPv6.
  network.Run([&] {
    REQUIRE_EQ(Send(*here, "x", there->GetLocalAddress()), -1);
    REQUIRE_EQ(here->GetError(), EAFNOSUPPORT);
  });
  for (auto* socket : {&here, &there, &back}) network.Close(std::move(*socket));
}

TEST(packet_sockets_may_end_while_they_are_read) {
  Network network;
  auto from = network.Make(), to = network.Make();
  int received = 0;
  std::promise<void> done;
  network.Run([&] {
    to->RegisterReceivedPacketCallback([&](rtc::AsyncPacketSocket*, const rtc::ReceivedPacket&) {
      ++received;
      done.set_value();
      to = nullptr;  // with others behind it
    });
    for (int i = 0; i < 20; ++i) Send(*from, "twenty", to->GetLocalAddress());
  });
  REQUIRE(done.get_future().wait_for(kPatience) == std::future_status::ready);
  network.Run([&] { REQUIRE_EQ(received, 1); });
  network.Close(std::move(from));
}

TEST(packet_sockets_send_what_the_last_task_sent) {
  const UdpSocket receiver("127.0.0.1");
  {
    Network network;
    auto from = network.Make();
    network.Run([&] {
      Send(*from, "goodbye", rtc::SocketAddress("127.0.0.1", receiver.port()));
      from = nullptr;
    });
  }
  ReceiveBatch batch;
  REQUIRE_EQ(batch.Receive(receiver), 1u);
}

TEST(packet_sockets_report_those_packets_as_sent_that_the_estimate_counts) {
  struct Listener : sigslot::has_slots<> {
    std::vector<rtc::SentPacket> sent;
    void On(rtc::AsyncPacketSocket*, const rtc::SentPacket& packet) { sent.push_back(packet); }
  } listener;
  Network network;
  auto from = network.Make(), to = network.Make();
  network.Run([&] {
    from->SignalSentPacket.connect(&listener, &Listener::On);
    rtc::PacketOptions counted;
    counted.packet_id = 7;
    Send(*from, "media", to->GetLocalAddress(), counted);
    Send(*from, "data", to->GetLocalAddress());
    rtc::PacketOptions allocated;
    allocated.info_signaled_after_sent.included_in_allocation = true;
    Send(*from, "more media", to->GetLocalAddress(), allocated);
  });
  REQUIRE_EQ(listener.sent.size(), 2u);
  REQUIRE_EQ(listener.sent[0].packet_id, 7);
  REQUIRE_EQ(listener.sent[0].info.packet_size_bytes, 5u);
  REQUIRE_EQ(listener.sent[0].info.ip_overhead_bytes, 20u);  // the header of IPv4
  REQUIRE_EQ(listener.sent[1].info.packet_size_bytes, 10u);
  network.Run([&] { from->SignalSentPacket.disconnect(&listener); });
  network.Close(std::move(from));
  network.Close(std::move(to));
}

TEST(packet_sockets_bind_within_a_range_and_refuse_what_they_cannot_send) {
  Network network;
  auto first = network.Make();
  const uint16_t taken = first->GetLocalAddress().port();
  REQUIRE(network.Make(taken, taken) == nullptr);
  REQUIRE_EQ(first->GetState(), rtc::AsyncPacketSocket::STATE_BOUND);
  network.Run([&] {
    const std::string large(kMaxDatagram + 1, 'x');
    REQUIRE_EQ(Send(*first, large, first->GetLocalAddress()), -1);
    REQUIRE_EQ(first->GetError(), EMSGSIZE);
    REQUIRE_EQ(first->Send("x", 1, {}), -1);
    REQUIRE_EQ(first->SetOption(rtc::Socket::OPT_DSCP, 46), 0);
    REQUIRE_EQ(first->SetOption(rtc::Socket::OPT_RCVBUF, 1000), 0);
    REQUIRE_EQ(first->SetOption(rtc::Socket::OPT_NODELAY, 1), -1);
    first->Close();
    REQUIRE_EQ(Send(*first, "x", rtc::SocketAddress("127.0.0.1", taken)), -1);
  });
  // Its port is free again.
  auto second = network.Make(taken, taken);
  REQUIRE(second != nullptr);
  network.Close(std::move(first));
  network.Close(std::move(second));
}
