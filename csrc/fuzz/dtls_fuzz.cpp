// The server's side of DTLS: a script of what arrives of a true client's datagrams, of records that nobody's client sends, and of
// time, from nothing to the end of an association.
#include <algorithm>
#include <optional>

#include "fuzz/fuzz.h"
#include "fuzz/wire.h"
#include "fuzz/world.h"
#include "tests/transport/client_dtls.h"
#include "transport/dtls_server.h"

namespace {

using fuzz::Bytes;
using fuzz::Script;
using fuzz::Wire;
using State = sora::DtlsServer::State;

constexpr size_t kMaxDatagram = 1200;

// Behind the steps of the wire.
enum Step : uint8_t {
  kAnswer = Wire::kSteps,  // the client takes what the server has sent
  kRecord,
  kHandshake,
  kWait,
  kClientSends,
  kServerSends,
  kClientCloses,
  kServerCloses,
  kSteps,
};

// The certificates of both sides, which are the same in every run.
struct Contexts {
  Contexts() { fuzz::BeginWorld(); }
  sora::DtlsContext server;
  test::ClientContext client;
};

const Contexts& Shared() {
  fuzz::BeginWorld();
  static const Contexts contexts;
  fuzz::BeginWorld();
  return contexts;
}

void Append(Bytes& to, uint64_t value, int bytes) {
  while (bytes-- > 0) to.push_back(static_cast<uint8_t>(value >> 8 * bytes));
}

class Machine {
 public:
  explicit Machine(const Contexts& contexts)
      : server_(
            contexts.server, [this](std::span<const uint8_t> datagram) { OnSent(datagram); },
            [this](std::span<const uint8_t> data) {
              FUZZ_REQUIRE(server_.state() == State::kConnected && !data.empty());
              fuzz::Reached(0x1000);
            }),
        client_(
            contexts.client, [this](std::span<const uint8_t> datagram) { wire_.Put(datagram); },
            [](std::span<const uint8_t>) {}) {
    client_.Start();
  }

  void Run(Script& script) {
    while (!script.done()) {
      const State before = server_.state();
      const uint8_t step = script.Byte() % kSteps;
      if (step < Wire::kSteps) {
        Receive(wire_.Take(static_cast<Wire::Step>(step), script));
      } else {
        Take(static_cast<Step>(step), script);
      }
      Check(before);
    }
  }

 private:
  void Take(Step step, Script& script) {
    switch (step) {
      case kAnswer: {
        for (const Bytes& datagram : std::exchange(sent_, {})) client_.Receive(datagram);
        return;
      }
      case kRecord: {
        const uint8_t type = script.Byte(), epoch = script.Byte(), number = script.Byte();
        return Receive(Record(type, epoch, number, script.Take(script.Byte())));
      }
      case kHandshake: return Receive(Fragment(script));
      case kWait: {
        fuzz::MoveClock(script.Number(2));
        if (server_.Timeout() != 0) return;
        server_.HandleTimeout();
        // Else its owner would be busy for ever.
        FUZZ_REQUIRE(server_.Timeout() != 0);
        return;
      }
      case kClientSends: {
        client_.Send(script.Take(1 + script.Byte()));
        return;
      }
      case kServerSends: {
        const Bytes data(script.Number(2) % 1200, 7);
        const bool sent = server_.Send(data);
        FUZZ_REQUIRE(!sent || server_.state() == State::kConnected);
        return;
      }
      case kClientCloses: return client_.Close();
      case kServerCloses: return server_.Close();
      case kSteps: return;
    }
  }

  static Bytes Record(uint8_t type, uint8_t epoch, uint8_t number, std::span<const uint8_t> content) {
    Bytes record = {static_cast<uint8_t>(20 + type % 8), 0xfe, 0xfd};
    Append(record, epoch % 4, 2);
    Append(record, number, 6);
    Append(record, content.size(), 2);
    record.insert(record.end(), content.begin(), content.end());
    return record;
  }

  // Of a message that says what it likes about its length and place.
  static Bytes Fragment(Script& script) {
    const uint8_t types[] = {1, 11, 16, 15, 20, 0, 2, 14};
    const uint8_t epoch_and_number = script.Byte();
    Bytes content = {types[script.Byte() % 8]};
    Append(content, script.Number(3), 3);  // length
    Append(content, script.Byte() % 16, 2);
    Append(content, script.Number(3), 3);  // offset
    const auto body = script.Take(script.Byte());
    const uint8_t lie = script.Byte();
    Append(content, lie & 1 ? script.Number(3) : body.size(), 3);
    content.insert(content.end(), body.begin(), body.end());
    return Record(2, epoch_and_number >> 6, epoch_and_number & 63, content);
  }

  void Receive(const Bytes& datagram) {
    if (sora::DtlsServer::IsDtls(datagram)) server_.Receive(datagram);
  }

  void OnSent(std::span<const uint8_t> datagram) {
    FUZZ_REQUIRE(sora::DtlsServer::IsDtls(datagram) && datagram.size() <= kMaxDatagram + 64);
    fuzz::Reached(0x2000u + datagram[0] * 16u + datagram[4] * 4u);
    if (datagram[4] == 0) fuzz::Reached(0x3000u + datagram[0] * 256u + datagram[datagram[0] == 21 ? 14 : 13]);
    if (sent_.size() < 64) sent_.emplace_back(datagram.begin(), datagram.end());
  }

  void Check(State before) {
    const State state = server_.state();
    if (state != before) fuzz::Reached(0x4000u + static_cast<uint32_t>(before) * 4 + static_cast<uint32_t>(state));
    if (before == State::kClosed || before == State::kFailed) FUZZ_REQUIRE(state == before);
    if (before == State::kConnected) FUZZ_REQUIRE(state != State::kConnecting);
    FUZZ_REQUIRE((state == State::kFailed) == !server_.reason().empty());
    if (state == State::kFailed) fuzz::Reached(0x5000u + static_cast<uint32_t>(server_.reason().size()));
    if (state != State::kConnecting) FUZZ_REQUIRE(!server_.Timeout());
    if (state != State::kConnected || before == state) return;
    FUZZ_REQUIRE(!server_.RemoteFingerprint("sha-256").empty() && server_.RemoteFingerprint("md5").empty());
    const sora::SrtpKeys& keys = server_.keys();
    FUZZ_REQUIRE(keys.local.size() == keys.remote.size() && keys.local.size() == (keys.profile == 7 ? 28u : 30u));
    for (const Bytes& datagram : std::exchange(sent_, {})) client_.Receive(datagram);
    if (client_.profile())
      FUZZ_REQUIRE(client_.local_keys() == keys.remote && client_.remote_keys() == keys.local &&
                   client_.profile() == keys.profile);
  }

  Wire wire_;
  std::vector<Bytes> sent_;
  sora::DtlsServer server_;
  test::ClientDtls client_;
};

std::vector<Bytes> dtls_seeds() {
  const Bytes pass(12, Wire::kPass);
  const auto connected = [&](std::initializer_list<uint8_t> steps) {
    Bytes script = {Wire::kPass, kAnswer};
    script.insert(script.end(), pass.begin(), pass.end());
    script.insert(script.end(), steps);
    return script;
  };
  return {
      connected({kAnswer, kClientSends, 3, 'a', 'b', 'c', 'd', Wire::kPass, kServerSends, 0, 9, kClientCloses, Wire::kPass}),
      connected({kAnswer, kClientSends, 3, 'a', 'b', 'c', 'd', Wire::kChange, 0, 0, 9, 1, kRecord, 3, 1, 0, 1, 'x',
                 kServerCloses}),
      // Flights that are lost, and repeated by time.
      {Wire::kPass, kWait, 4, 0, kWait, 8, 0, kAnswer, Wire::kDrop, Wire::kPass, Wire::kSwap, Wire::kPass, kWait, 16, 0,
       Wire::kPass},
      {Wire::kChange, 0, 0, 20, 1, kAnswer, Wire::kCut, 0, 30},
      {Wire::kPass, kAnswer, Wire::kExtend, 2, 1, 2, Wire::kRepeat, Wire::kRepeat},
      // 16 MiB claimed by 26 bytes.
      {kHandshake, 0, 0, 0xff, 0xff, 0xff, 0, 0,    0,    0, 1, 0, 0,
       kHandshake, 1, 0, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0, 1, 0, 0},
      // Pieces of a message that lie over each other.
      {kHandshake, 0, 0, 0, 0, 40, 0, 0, 0, 0, 4, 1, 2, 3, 4, 0, kHandshake, 1, 0, 0, 0, 40, 0, 0, 0, 2, 4, 1, 2, 3, 4, 0},
      {kRecord, 1, 0, 0, 2, 2, 40, kRecord, 0, 0, 1, 1, 1, Wire::kRaw, 0, 13, 22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
  };
}

}  // namespace

FUZZ_TARGET(dtls, 4'000, 2048) {
  Script script(input);
  Machine(Shared()).Run(script);
}
