// The C functions of transports: commands and texts that nobody writes, at any time, with a client on the loopback interface.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "fuzz/fuzz.h"
#include "fuzz/world.h"
#include "sora_ffi/queue.h"
#include "sora_ffi/transport.h"
#include "tests/transport/client.h"
#include "datagrams/udp_socket.h"

namespace {

using fuzz::Bytes;
using fuzz::Script;

int64_t NowMs() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// What a function may return: what its documentation says, and never SORA_ERROR_INTERNAL.
int32_t Checked(int32_t result) {
  FUZZ_REQUIRE(result >= 0 || result == SORA_ERROR_INVALID_ARGUMENT || result == SORA_ERROR_INVALID_HANDLE ||
               result == SORA_ERROR_CLOSED || result == SORA_ERROR_INVALID_STATE || result == SORA_ERROR_LIMIT ||
               result == SORA_ERROR_UNSUPPORTED || result == SORA_ERROR_BUFFER_TOO_SMALL);
  return result;
}

std::string Text(int32_t (*function)(uint32_t, uint8_t*, uint32_t), uint32_t handle) {
  std::string text(128, '\0');
  const int32_t size = function(handle, reinterpret_cast<uint8_t*>(text.data()), static_cast<uint32_t>(text.size()));
  FUZZ_REQUIRE(size > 0 && size <= 128);
  text.resize(static_cast<size_t>(size));
  return text;
}

void SetRemote(uint32_t transport, std::string_view text) {
  Checked(sora_transport_set_remote(transport, reinterpret_cast<const uint8_t*>(text.data()),
                                    static_cast<uint32_t>(text.size())));
}

// A transport and its client, each with a socket.
class Connection : private test::ClientEvents {
 public:
  Connection(uint32_t port, const test::ClientContext& context) : client_(context, *this, "client") {
    uint32_t udp_port = 0;
    FUZZ_REQUIRE(sora_transport_create(port, 65'536, &transport_, &udp_port) == SORA_OK);
    server_.sin_family = AF_INET;
    server_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server_.sin_port = htons(static_cast<uint16_t>(udp_port));
    SetRemote(transport_, "client sha-256 " + client_.fingerprint());
    const std::string credentials = Text(sora_transport_credentials, transport_);
    const size_t space = credentials.find(' ');
    client_.Start(credentials.substr(0, space), credentials.substr(space + 1), Text(sora_udp_port_fingerprint, port),
                  NowMs());
    const int64_t end_ms = NowMs() + 5'000;
    while (!client_.associated() || sora_transport_send_messages(transport_, nullptr, 0, nullptr, 0) < 0) {
      FUZZ_REQUIRE(NowMs() < end_ms);
      Pump(10);
    }
  }
  ~Connection() override { sora_transport_close(transport_); }

  uint32_t transport() const { return transport_; }
  bool ended() const { return ended_; }

  // Takes what has come, or waits for it.
  void Pump(uint32_t wait_ms) {
    std::array<uint8_t, 2048> datagram;
    timeval wait{0, static_cast<suseconds_t>(wait_ms * 1000 + 1)};
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(socket_.descriptor(), &readable);
    select(socket_.descriptor() + 1, &readable, nullptr, nullptr, &wait);
    for (;;) {
      const ssize_t size = recv(socket_.descriptor(), datagram.data(), datagram.size(), MSG_DONTWAIT);
      if (size <= 0) break;
      client_.Receive(std::span(datagram).first(static_cast<size_t>(size)), NowMs());
    }
    client_.HandleTimeouts(NowMs());
  }

  void Send(uint16_t stream, const Bytes& data) { client_.SendMessage(stream, 51, data, NowMs()); }

 private:
  void OnClientDatagram(test::Client&, std::span<const uint8_t> datagram) override {
    sendto(socket_.descriptor(), datagram.data(), datagram.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&server_),
           sizeof server_);
  }
  void OnClientEnd(test::Client&, std::string_view) override { ended_ = true; }

  sora::UdpSocket socket_{"127.0.0.1"};
  sockaddr_in server_{};
  uint32_t transport_ = 0;
  test::Client client_;
  bool ended_ = false;
};

// A port with a transport that is connected; it stays from input to input while it can be used.
struct Port {
  Port() {
    FUZZ_REQUIRE(sora_queue_create(65'536, &queue) == SORA_OK);
    constexpr std::string_view kHost = "127.0.0.1";
    FUZZ_REQUIRE(sora_udp_port_open(queue, reinterpret_cast<const uint8_t*>(kHost.data()), kHost.size(), &port) == SORA_OK);
    Connect();
  }
  void Connect() {
    connection.reset();
    fuzz::BeginWorld(++connections);  // a fragment of its own
    connection = std::make_unique<Connection>(port, client);
  }

  uint32_t queue = 0, port = 0;
  uint64_t connections = 1'000;
  test::ClientContext client;
  std::unique_ptr<Connection> connection;
};

Port& Shared() {
  static Port port;
  if (port.connection->ended()) port.Connect();
  fuzz::BeginWorld();
  return port;
}

enum Step : uint8_t {
  kSendMedia,
  kSendMessages,
  kSetRemote,
  kReset,
  kRelease,
  kForget,
  kIgnore,
  kStats,
  kPortStats,
  kRead,
  kTexts,
  kCreate,
  kClose,
  kDrain,
  kPump,
  kClientSends,
  kOpen,
  kSteps,
};

class Calls {
 public:
  explicit Calls(Script& script) : script_(script) {}
  ~Calls() {
    for (const uint32_t transport : transports_) sora_transport_close(transport);
    world_.connection->Pump(0);
    Drain(65'536);
  }

  void Run() {
    while (!script_.done()) Take(static_cast<Step>(script_.Byte() % kSteps));
  }

 private:
  // The handle of a transport that is connected, is not, was closed, is none, or is of something else.
  uint32_t Handle() {
    const uint8_t choice = script_.Byte();
    if (choice < 128) return world_.connection->transport();
    if (choice < 192 && !transports_.empty()) return transports_[choice % transports_.size()];
    if (choice < 240) return closed_;
    return choice < 248 ? world_.port : script_.Number(4);
  }

  // Numbers of commands: small ones, any, handles.
  std::vector<uint32_t> Words() {
    std::vector<uint32_t> words(script_.Byte() % 64);
    for (uint32_t& word : words) {
      const uint8_t kind = script_.Byte();
      word = kind < 128   ? kind
             : kind < 192 ? script_.Number(2)
             : kind < 208 ? Handle()
             : kind < 240 ? script_.Number(4)
                          : UINT32_MAX;
    }
    return words;
  }

  void Drain(uint32_t size) {
    Bytes buffer(size);
    while (Checked(sora_queue_drain(world_.queue, buffer.data(), size)) > 0) continue;
  }

  void Take(Step step) {
    switch (step) {
      case kSendMedia: {
        const Bytes packets(script_.Number(2) % 4096, 0x80);
        const auto words = Words();
        Checked(sora_udp_port_send(world_.port, packets.data(), static_cast<uint32_t>(packets.size()), words.data(),
                                   static_cast<uint32_t>(words.size())));
        return;
      }
      case kSendMessages: {
        const Bytes data(script_.Number(2), 7);
        const auto words = Words();
        Checked(sora_transport_send_messages(Handle(), data.data(), static_cast<uint32_t>(data.size()), words.data(),
                                             static_cast<uint32_t>(words.size())));
        return;
      }
      case kSetRemote: {
        const auto text = script_.Take(script_.Number(2) % 1100);
        const Bytes copy(text.begin(), text.end());
        Checked(sora_transport_set_remote(Handle(), copy.data(), static_cast<uint32_t>(copy.size())));
        return;
      }
      case kReset: {
        const auto words = Words();
        Checked(sora_transport_reset_streams(Handle(), words.data(), static_cast<uint32_t>(words.size())));
        return;
      }
      case kRelease: {
        Checked(sora_transport_release(Handle(), script_.Number(4)));
        return;
      }
      case kForget: {
        Checked(sora_transport_forget(Handle(), script_.Byte()));
        return;
      }
      case kIgnore: {
        if (!transports_.empty()) Checked(sora_transport_ignore(transports_[0], script_.Byte()));
        return;
      }
      case kStats: {
        std::vector<double> figures(script_.Byte() % 20);
        Checked(sora_transport_stats(Handle(), figures.data(), static_cast<uint32_t>(figures.size())));
        return;
      }
      case kPortStats: {
        std::vector<double> figures(script_.Byte() % 8);
        Checked(sora_udp_port_stats(world_.port, figures.data(), static_cast<uint32_t>(figures.size())));
        return;
      }
      case kRead: {
        Bytes buffer(script_.Number(2));
        const int32_t size = Checked(sora_udp_port_read(world_.port, buffer.data(), static_cast<uint32_t>(buffer.size())));
        FUZZ_REQUIRE(size <= static_cast<int32_t>(buffer.size()));
        return;
      }
      case kTexts: {
        Bytes buffer(script_.Byte());
        Checked(sora_udp_port_fingerprint(world_.port, buffer.data(), static_cast<uint32_t>(buffer.size())));
        Checked(sora_transport_credentials(Handle(), buffer.data(), static_cast<uint32_t>(buffer.size())));
        return;
      }
      case kCreate: {
        uint32_t transport = 0, udp_port = 0;
        if (transports_.size() < 32 &&
            Checked(sora_transport_create(world_.port, script_.Number(4), &transport, &udp_port)) == SORA_OK)
          transports_.push_back(transport);
        return;
      }
      case kClose: {
        if (transports_.empty()) return;
        closed_ = transports_.back();
        transports_.pop_back();
        FUZZ_REQUIRE(sora_transport_close(closed_) == SORA_OK);
        return;
      }
      case kDrain: return Drain(script_.Number(2));
      case kPump: return world_.connection->Pump(0);
      case kClientSends: {
        const Bytes data(1 + script_.Number(2), 7);
        return world_.connection->Send(script_.Byte(), data);
      }
      case kOpen: {
        const auto host = script_.Take(script_.Byte() % 80);
        const Bytes copy(host.begin(), host.end());
        uint32_t port = 0;
        if (Checked(sora_udp_port_open(world_.queue, copy.data(), static_cast<uint32_t>(copy.size()), &port)) == SORA_OK)
          FUZZ_REQUIRE(sora_udp_port_close(port) == SORA_OK);
        return;
      }
      case kSteps: return;
    }
  }

  Script& script_;
  Port& world_ = Shared();
  std::vector<uint32_t> transports_;
  uint32_t closed_ = 0;
};

Bytes WithText(std::initializer_list<uint8_t> before, std::string_view text) {
  Bytes script = before;
  script.insert(script.end(), text.begin(), text.end());
  return script;
}

std::vector<Bytes> api_seeds() {
  return {
      {kSendMedia, 0, 40, 8, 0,   20, 1, 200, 0, 1, 2,   3,   0, kSendMedia, 0, 40,
       13,         0, 20, 2, 200, 0,  1, 2,   3, 0, 200, 250, 1, 2,          3, 0},
      {kSendMessages, 0, 20, 10, 8, 210, 0, 1, 0, 51, 1, 240, 240, 12, 210, 0, 1, 0, 51, 0, 3, 100, 0, kPump, kDrain, 16, 0},
      WithText({kCreate, 0, 0, 4, 0, kSetRemote, 0, 22}, "abcd sha-256 AB:CD:EF \x80"),
      {kCreate, 0, 0,      4,       0, kStats, 12,         128, kTexts, 20, 128,
       kIgnore, 7, kClose, kForget, 1, 200,    kPortStats, 3,   kRead,  0,  64},
      {kClientSends, 0, 9, 1, kPump, kDrain, 16, 0, kRelease, 0, 0, 0, 0, 138, kReset, 2, 1, 2, 0, kPump},
      WithText({kOpen, 9}, "127.0.0.1"),
      WithText({kOpen, 3}, "::1"),
  };
}

}  // namespace

FUZZ_TARGET(api, 1'500, 2048) {
  Script script(input);
  Calls(script).Run();
}
