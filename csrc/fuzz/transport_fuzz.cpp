// A transport with a true client: a script of what arrives of their datagrams, from where and when, and of what both owners do. One
// target begins with nothing, the other when the association is up.
#include <algorithm>
#include <string>

#include "fuzz/fuzz.h"
#include "fuzz/wire.h"
#include "fuzz/world.h"
#include "sora_ffi/transport.h"
#include "tests/transport/client.h"
#include "transport/transport.h"

namespace {

using fuzz::Bytes;
using fuzz::Script;
using fuzz::Wire;

// Behind the steps of the wire.
enum Step : uint8_t {
  kAnswer = Wire::kSteps,  // the client takes what the server has sent
  kFrom,                   // what arrives from now on comes from another address
  kWait,
  kSignal,  // the server learns of the client
  kConnect,
  kCheck,
  kClientRtp,
  kClientRtcp,
  kClientMessage,
  kClientReset,
  kClientSctp,
  kServerRtp,
  kServerMessages,
  kServerReset,
  kHeld,
  kForget,
  kIgnore,
  kClientCloses,
  kServerCloses,
  kSteps,
};

// What is the same in every run: the certificates of both sides, and a session that keeps libsrtp from testing its ciphers anew
// each time that there is a first one.
struct Contexts {
  Contexts() { srtp.SetSend(7, Bytes(28).data(), 28, {}); }
  sora::DtlsContext server;
  test::ClientContext client;
  cricket::SrtpSession srtp;
};

const Contexts& Shared() {
  static const Contexts contexts;
  fuzz::BeginWorld();
  return contexts;
}

Bytes Rtp(uint8_t ssrc, uint32_t sequence, const Bytes& payload) {
  Bytes packet = {0x80, 120, static_cast<uint8_t>(sequence >> 8), static_cast<uint8_t>(sequence), 0, 0, 0, 0, 0, 0, 0, ssrc};
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

Bytes Rtcp(uint8_t ssrc, const Bytes& payload) {
  Bytes packet = {0x80, 201, 0, 1, 0, 0, 0, ssrc};
  packet.insert(packet.end(), payload.begin(), payload.end());
  return packet;
}

class Machine : private sora::TransportEvents, private test::ClientEvents {
 public:
  explicit Machine(Script& script) : script_(script) {}

  void Run() {
    while (!script_.done()) {
      const uint8_t step = script_.Byte() % kSteps;
      if (step < Wire::kSteps) {
        Arrive(wire_.Take(static_cast<Wire::Step>(step), script_));
      } else {
        Take(static_cast<Step>(step));
      }
      Check();
    }
  }

  // Connects as quickly as it goes.
  void Connect() {
    if (signaled_) return;
    Signal(0);
    for (int turn = 0; turn < 12 && !client_.associated(); ++turn) {
      while (!wire_.empty()) Arrive(wire_.Take(Wire::kPass, script_));
      Answer();
      Check();
    }
    FUZZ_REQUIRE(disturbed_ || (associated_ && client_.associated()));
  }

 private:
  void Take(Step step) {
    switch (step) {
      case kAnswer: return Answer();
      case kFrom: {
        from_ = script_.Byte() % 12;
        disturbed_ = true;
        return;
      }
      case kWait: return Wait(script_.Number(2));
      case kSignal: return Signal(script_.Byte());
      case kConnect: return Connect();
      case kCheck: {
        const uint8_t choices = script_.Byte();
        const std::string ours = choices & 4 ? "other" : client_.ufrag();
        return client_.SendCheck(server_.ice().ufrag() + ":" + ours, choices & 8 ? "wrong" : server_.ice().password(),
                                 {.use_candidate = (choices & 1) != 0, .controlling = (choices & 2) == 0});
      }
      case kClientRtp: {
        const uint8_t ssrc = script_.Byte() % 4;
        const uint32_t sequence = script_.Number(2);
        return SendMedia(Rtp(ssrc, sequence, Payload()), false);
      }
      case kClientRtcp: {
        const uint8_t ssrc = script_.Byte() % 4;
        return SendMedia(Rtcp(ssrc, Payload()), true);
      }
      case kClientMessage: {
        const Bytes data(1 + script_.Number(2), 7);
        client_.SendMessage(script_.Byte(), 51, data, now_ms_);
        return;
      }
      case kClientReset: {
        const uint16_t stream = script_.Byte();
        return client_.Reset({&stream, 1}, now_ms_);
      }
      case kClientSctp: return client_.SendSctp(script_.Take(script_.Number(2) % 1200));
      case kServerRtp: return Protect();
      case kServerMessages: {
        const Bytes data(1 + script_.Number(2), 7);
        sora::OutgoingMessage message{script_.Byte(), 51, data, {}};
        message.delivery.ordered = script_.Byte() & 1;
        if (server_.sctp()) server_.sctp()->Send({&message, 1}, now_ms_);
        return;
      }
      case kServerReset: {
        const uint16_t streams[] = {static_cast<uint16_t>(script_.Byte()), static_cast<uint16_t>(script_.Number(2))};
        if (server_.sctp()) server_.sctp()->Reset(streams, now_ms_);
        return;
      }
      case kHeld: {
        if (server_.sctp()) server_.sctp()->SetHeld(script_.Number(3), now_ms_);
        return;
      }
      case kForget: {
        const uint8_t ssrc = script_.Byte() % 4;
        // From here on old packets of it are new again.
        std::erase_if(rtp_, [&](const Bytes& packet) { return packet[11] == ssrc; });
        forgotten_[ssrc] = true;
        return server_.Forget(ssrc);
      }
      case kIgnore: {
        disturbed_ = true;
        return server_.Ignore(script_.Byte() % 8);
      }
      case kClientCloses: {
        disturbed_ = true;
        return client_.Close(now_ms_);
      }
      case kServerCloses: {
        closed_ = disturbed_ = true;
        return server_.Close(now_ms_);
      }
      case kSteps: return;
    }
  }

  // Different each time, so that a packet that arrives twice shows.
  Bytes Payload() {
    Bytes payload(script_.Byte() * 4);
    payload.insert(payload.begin(), {static_cast<uint8_t>(media_ >> 8), static_cast<uint8_t>(media_), 0, 0});
    ++media_;
    return payload;
  }

  void SendMedia(Bytes packet, bool rtcp) {
    const size_t size = packet.size();
    Bytes written = packet;
    written.resize(size + test::Client::kMaxTrailer);
    written.resize(rtcp ? client_.ProtectRtcp(written.data(), size) : client_.ProtectRtp(written.data(), size));
    if (written.empty()) return;
    wire_.Put(written);
    (rtcp ? rtcp_ : rtp_).push_back(std::move(packet));
  }

  void Protect() {
    const bool rtcp = script_.Byte() & 1;
    const auto given = script_.Take(script_.Number(2) % 1300);
    Bytes packet(given.begin(), given.end());
    packet.resize(given.size() + sora::Transport::kMaxTrailer);
    const size_t size =
        rtcp ? server_.ProtectRtcp(packet.data(), given.size()) : server_.ProtectRtp(packet.data(), given.size());
    FUZZ_REQUIRE(size == 0 || (server_.connected() && size > given.size() && size <= packet.size()));
    packet.resize(size);
    if (size) sent_.push_back(std::move(packet));
  }

  void Answer() {
    for (Bytes& datagram : std::exchange(sent_, {})) client_.Receive(datagram, now_ms_);
  }

  void Wait(int64_t ms) {
    now_ms_ += ms;
    disturbed_ = true;
    fuzz::MoveClock(ms);
    server_.HandleTimeouts(now_ms_ * 1000);
    client_.HandleTimeouts(now_ms_);
    const auto next = server_.NextTimeout(now_ms_);
    FUZZ_REQUIRE(!next || *next > now_ms_);  // else its owner would be busy for ever
  }

  void Signal(uint8_t choices) {
    if (!std::exchange(signaled_, true))
      client_.Start(server_.ice().ufrag(), server_.ice().password(), contexts_.server.fingerprint(), now_ms_);
    constexpr const char* kAlgorithms[] = {"sha-256", "sha-384", "sha-1", ""};
    std::string fingerprint = client_.fingerprint();
    if (choices & 4) fingerprint[script_.Byte() % fingerprint.size()] ^= 1;
    if (choices & 8) fingerprint.resize(script_.Byte() % fingerprint.size());
    if (choices) disturbed_ = true;
    right_ = (choices & 15) == 0;
    server_.SetRemote(choices & 16 ? "other" : client_.ufrag(), kAlgorithms[choices & 3], fingerprint, now_ms_);
  }

  void Arrive(Bytes datagram) {
    if (datagram.empty() || datagram.size() > 2048) return;
    sora::Endpoint from{.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, from_}, .port = 50'000};
    if (sora::stun::IsStun(datagram)) {
      if (const auto request = sora::stun::Parse(datagram)) server_.ReceiveCheck(datagram, *request, from, now_ms_);
      return;
    }
    const size_t heard = happened_;
    const bool stranger = !server_.ice().IsPeer(from);
    server_.Receive(datagram, from, now_ms_ * 1000);
    if (stranger) FUZZ_REQUIRE(heard == happened_);
  }

  void Check() {
    if (server_.connected()) FUZZ_REQUIRE(connected_);
    fuzz::Reached(connected_ * 1u + associated_ * 2u + ended_ * 4u + closed_ * 8u);
  }

  void Happened() {
    FUZZ_REQUIRE(!closed_);
    ++happened_;
  }

  bool OnPeer(const sora::Endpoint& peer, int64_t) override {
    Happened();
    return peer.address[15] != 11;
  }
  void OnPeerGone(const sora::Endpoint&) override { Happened(); }
  void OnDatagram(const sora::Endpoint& to, std::span<const uint8_t> datagram) override {
    FUZZ_REQUIRE(!datagram.empty() && datagram.size() <= 1280);
    // Only checks are answered before their sender is known.
    FUZZ_REQUIRE(server_.ice().IsPeer(to) || sora::stun::IsStun(datagram));
    ++happened_;
    if (sent_.size() < 256) sent_.emplace_back(datagram.begin(), datagram.end());
  }
  void OnPacedMedia(const sora::Endpoint& to, std::span<const uint8_t> datagram) override { OnDatagram(to, datagram); }
  void OnBandwidth(uint32_t) override { Happened(); }
  void OnConnected() override {
    Happened();
    FUZZ_REQUIRE(right_ && !connected_);
    connected_ = true;
  }
  // What arrives was sent, and arrives once.
  void OnMedia(std::span<const uint8_t> packet, bool rtcp) override {
    Happened();
    FUZZ_REQUIRE(connected_ && !ended_);
    fuzz::Reached(0x1000u + rtcp * 2048u + static_cast<uint32_t>(packet.size()));
    auto& sent = rtcp ? rtcp_ : rtp_;
    const auto found = std::ranges::find_if(sent, [&](const Bytes& one) { return std::ranges::equal(one, packet); });
    FUZZ_REQUIRE(found != sent.end() || forgotten_[packet[rtcp ? 7 : 11]]);
    if (found != sent.end()) sent.erase(found);
  }
  void OnAssociation() override {
    Happened();
    FUZZ_REQUIRE(connected_ && !associated_);
    associated_ = true;
  }
  void OnMessage(uint16_t stream, uint32_t, std::span<const uint8_t> data) override {
    Happened();
    FUZZ_REQUIRE(data.size() <= 256 * 1024);
    fuzz::Reached(0x3000u + stream);
  }
  void OnReset(std::span<const uint16_t> streams) override {
    Happened();
    fuzz::Reached(0x4000u + static_cast<uint32_t>(streams.size()));
  }
  void OnWritable() override { Happened(); }
  void OnEnd(std::string_view reason, bool) override {
    Happened();
    FUZZ_REQUIRE(!ended_);
    ended_ = disturbed_ = true;
    fuzz::Reached(0x5000u + static_cast<uint32_t>(reason.size()));
  }

  void OnClientDatagram(test::Client&, std::span<const uint8_t> datagram) override { wire_.Put(datagram); }

  Script& script_;
  const Contexts& contexts_ = Shared();
  sora::Transport server_{contexts_.server, *this, 65'536};
  test::Client client_{contexts_.client, *this, "client"};
  Wire wire_;                      // to the server
  std::vector<Bytes> sent_;        // by it
  std::vector<Bytes> rtp_, rtcp_;  // what the client has sent and has not arrived
  int64_t now_ms_ = 1'000'000;
  size_t happened_ = 0;  // what the server has reported or sent
  uint32_t media_ = 0;
  uint8_t from_ = 0;
  bool forgotten_[4] = {};
  bool signaled_ = false, right_ = false, disturbed_ = false, closed_ = false;
  bool connected_ = false, associated_ = false, ended_ = false;
};

constexpr uint8_t P = Wire::kPass, A = kAnswer;

std::vector<Bytes> transport_seeds() {
  return {
      {kSignal,         0, P, A, P, A, P, P, P, P, A, P, P, A, P, P, A, P, A, kClientMessage, 0, 9, 1, P,
       kServerMessages, 0, 9, 1, 1, A},
      {kConnect, kClientRtp, 1, 0, 1, 9, P, kClientRtcp, 1, 9, P, Wire::kRepeat, kServerRtp, 0, 0, 14, 0x80,
       120,      0,          1, 0, 0, 0, 1, 0,           0, 0, 9, 'x',           'x'},
      {kSignal, 4, 3, P, A, P, A, P, P, P, P, A, P, P, A},  // the fingerprint of another certificate
      {kConnect, kFrom,      1, kCheck, 1, P, kClientRtp, 1,      0, 1, 9,      P, kFrom,
       2,        kClientRtp, 1, 0,      2, 9, P,          kCheck, 2, P, kCheck, 8, P},
      {kConnect, kClientReset, 1, P, A, kServerReset, 2, 0, 3, A, P, kHeld, 15, 0, 0, kClientMessage, 4, 0, 1,
       P,        kHeld,        0, 0, 0},
      {kSignal, 0, Wire::kDrop, kWait, 0, 100, P, A, Wire::kDrop, kWait, 4,    0, P,
       A,       P, kWait,       8,     0, P,   P, P, A,           kWait, 0xff, 0},
      {kConnect, kClientSctp,   0, 12, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, P, kIgnore, 4, kClientMessage, 0, 9, 1,
       P,        kClientCloses, P},
      {kConnect, kServerMessages, 0xff, 0xff, 1, 1, A, P, kForget, 1, kServerCloses, A, P, kClientRtp, 1, 0, 1, 9, P},
      {Wire::kRaw, 0, 20, 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
  };
}

std::vector<Bytes> srtp_seeds() {
  return {
      {kClientRtp, 1, 0, 1, 9, P, kClientRtp, 1, 0, 2, 9, Wire::kChange, 0, 0, 20, 1, kClientRtcp, 1, 9, P, Wire::kRepeat},
      // The rollover counter: forth, back, and far.
      {kClientRtp, 1, 0xff, 0xff, 9, P, kClientRtp, 1, 0,    0, 9, P, Wire::kRepeat,
       kClientRtp, 1, 0x7f, 0,    9, P, kClientRtp, 1, 0xff, 0, 9, P},
      {kClientRtp,   1, 0, 1, 9, kClientRtp, 1, 0, 2, 9, kClientRtp, 1, 0, 3, 9, Wire::kSwap, P, P, P, Wire::kRepeat,
       Wire::kRepeat},
      {kClientRtp, 1, 0, 1, 9, Wire::kCut,    0, 11, kClientRtcp, 1, 9, Wire::kCut, 0, 9,
       kClientRtp, 2, 0, 1, 9, Wire::kExtend, 3, 1,  2,           3},
      {kClientRtp, 1, 0, 1, 9, P, kForget, 1, Wire::kRepeat, kClientRtp, 1, 0, 2, 9, P},
      // Its header says more than it has: contributing sources, an extension, padding.
      {kClientRtp, 1,
       0,          1,
       0,          Wire::kChange,
       0,          0,
       0,          0x0f,
       kClientRtp, 1,
       0,          2,
       0,          Wire::kChange,
       0,          0,
       0,          0x10,
       kServerRtp, 0,
       0,          12,
       0xbf,       120,
       0,          1,
       0,          0,
       0,          1,
       0,          0,
       0,          9},
      {Wire::kRaw, 0, 12, 0x90, 120, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, Wire::kRaw, 0, 8, 0x80, 201, 0, 1, 0, 0, 0, 1},
  };
}

}  // namespace

FUZZ_TARGET(transport, 2'000, 2048) {
  Script script(input);
  Machine(script).Run();
}

FUZZ_TARGET(srtp, 1'200, 2048) {
  Script script(input);
  Machine machine(script);
  machine.Connect();
  machine.Run();
}
