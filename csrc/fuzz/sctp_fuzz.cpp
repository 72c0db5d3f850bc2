// An association of SCTP: a script of packets that pass the checks of checksum and tag, of time, and of what its owner does.
#include <algorithm>
#include <string_view>

#include "fuzz/fuzz.h"
#include "fuzz/sctp_packet.h"
#include "fuzz/world.h"
#include "transport/sctp_association.h"

namespace {

using fuzz::Append16;
using fuzz::Append32;
using fuzz::Bytes;
using fuzz::Chunk;
using fuzz::Script;

constexpr uint32_t kTag = 0x01020304;
constexpr size_t kMaxMessage = 256 * 1024;
constexpr size_t kMaxPacket = 1191;

// What a step of a script is, by its first byte.
enum Step : uint8_t {
  kSendData,
  kSendSack,
  kSendForwardTsn,
  kSendReset,
  kSendAnyChunk,
  kSendAnyPacket,
  kConnect,
  kSendCookie,
  kWait,
  kAnswer,
  kMessage,
  kRelease,
  kResetStreams,
  kClose,
  kSteps,
};

class Peer : private sora::SctpEvents {
 public:
  Peer() : association_(*this, 64 * 1024, now_ms_) {}

  void Run(Script& script) {
    while (!script.done() && !closed_) {
      Take(static_cast<Step>(script.Byte() % kSteps), script);
      FUZZ_REQUIRE(association_.buffered() <= 16 * 1024 * 1024 + kMaxMessage);
    }
  }

 private:
  void Take(Step step, Script& script) {
    switch (step) {
      case kSendData: return SendData(script);
      case kSendSack: return SendSack(script);
      case kSendForwardTsn: return SendForwardTsn(script);
      case kSendReset: return SendReset(script);
      case kSendAnyChunk: {
        wild_ = true;
        const uint8_t type = script.Byte(), flags = script.Byte();
        return Put(script, Chunk(type, flags, script.Take(script.Byte())));
      }
      case kSendAnyPacket: {
        wild_ = true;
        const auto chunks = script.Take(script.Number(2) % 1500);
        return Receive(fuzz::Packet(remote_tag_, {{chunks.begin(), chunks.end()}}));
      }
      case kConnect: return Receive(fuzz::Packet(0, {fuzz::Init(kTag + script.Byte(), tsn_ = script.Number(4))}));
      case kSendCookie: return Put(script, Chunk(fuzz::kCookieEcho, 0, cookie_));
      case kWait: {
        now_ms_ += script.Number(2);
        return association_.HandleTimeouts(now_ms_);
      }
      case kAnswer: return Answer();
      case kMessage: return Send(script);
      case kRelease: {
        held_ -= std::min<size_t>(held_, script.Number(3));
        return association_.SetHeld(held_, now_ms_);
      }
      case kResetStreams: {
        const uint16_t streams[] = {static_cast<uint16_t>(script.Byte()), static_cast<uint16_t>(script.Number(2))};
        return association_.Reset(std::span(streams).first(1 + script.Byte() % 2), now_ms_);
      }
      case kClose: {
        association_.Close(now_ms_);
        closed_ = true;
        return;
      }
      case kSteps: return;
    }
  }

  // A chunk goes out alone, or with those behind it.
  void Put(Script& script, Bytes chunk) {
    chunks_.push_back(std::move(chunk));
    if (script.Byte() % 4 == 3 && chunks_.size() < 8) return;
    Receive(fuzz::Packet(remote_tag_, chunks_));
  }

  void Receive(const Bytes& packet) {
    chunks_.clear();
    association_.Receive(packet, now_ms_);
  }

  void SendData(Script& script) {
    const uint8_t flags = script.Byte();
    Bytes value;
    Append32(value, tsn_ += static_cast<uint32_t>(static_cast<int8_t>(script.Byte())));
    Append16(value, script.Byte());     // stream
    Append16(value, script.Number(2));  // its sequence number
    Append32(value, 51);
    const uint8_t byte = script.Byte();
    value.insert(value.end(), script.Byte() * 5, byte);
    Put(script, Chunk(fuzz::kData, flags, value));
  }

  void SendSack(Script& script) {
    Bytes value;
    Append32(value, last_tsn_ + static_cast<uint32_t>(static_cast<int8_t>(script.Byte())));
    Append32(value, script.Number(3));
    const uint8_t counts = script.Byte();
    Append16(value, counts >> 4);
    Append16(value, counts & 15);
    for (int i = (counts >> 4) + (counts & 15); i > 0; --i) Append32(value, script.Number(4));
    Put(script, Chunk(fuzz::kSack, 0, value));
  }

  void SendForwardTsn(Script& script) {
    Bytes value;
    Append32(value, tsn_ += static_cast<uint32_t>(static_cast<int16_t>(script.Number(2))));
    for (int i = script.Byte() % 8; i > 0; --i) Append32(value, script.Number(4));
    Put(script, Chunk(fuzz::kForwardTsn, 0, value));
  }

  // RFC 6525, section 4.
  void SendReset(Script& script) {
    Bytes value;
    const uint8_t type = script.Byte() % 5;  // 13 to 17
    const uint8_t count = script.Byte() % 8;
    Append16(value, 13u + type);
    Append16(value, type == 0 ? 16u + 2u * count : type == 3 ? 12u : type == 1 ? 8u + 2u * count : 12u);
    const uint32_t number = first_tsn_ + script.Byte() - 8;
    Append32(value, type == 3 ? request_ : number);
    if (type == 0) {
      Append32(value, request_);
      Append32(value, tsn_ + static_cast<uint32_t>(static_cast<int8_t>(script.Byte())));
    } else if (type != 1) {
      Append32(value, script.Byte() % 8);
    }
    if (type < 2)
      for (int i = 0; i < count; ++i) Append16(value, script.Byte());
    Put(script, Chunk(fuzz::kReconfig, 0, value));
  }

  // Acknowledges all that it has sent and answers what it asks for.
  void Answer() {
    Bytes value;
    Append32(value, last_tsn_);
    Append32(value, 1 << 20);
    Append32(value, 0);
    chunks_.push_back(Chunk(fuzz::kSack, 0, value));
    if (request_) {
      Bytes response;
      Append16(response, 16);
      Append16(response, 12);
      Append32(response, request_);
      Append32(response, 1);
      chunks_.push_back(Chunk(fuzz::kReconfig, 0, response));
    }
    Receive(fuzz::Packet(remote_tag_, chunks_));
  }

  void Send(Script& script) {
    const uint8_t choices = script.Byte();
    const Bytes data(1 + (choices & 1 ? script.Number(2) * 4 : script.Byte()), 7);
    sora::OutgoingMessage messages[2];
    for (auto& message : messages) message.data = data;
    messages[0].stream = script.Byte();
    messages[1].stream = static_cast<uint16_t>(script.Number(2));
    messages[0].delivery.ordered = choices & 2;
    if (choices & 4) messages[0].delivery.max_retransmits = script.Byte();
    if (choices & 8) messages[0].delivery.max_packet_life_time_ms = script.Number(4);
    if (!association_.connected()) return;
    const uint32_t dropped = association_.dropped_messages();
    association_.Send(std::span(messages).first(choices & 16 ? 2 : 1), now_ms_);
    // An association that its peer has not begun to end has room for what scripts send.
    if (!ended_ && !wild_ && association_.buffered() < 8 * 1024 * 1024)
      FUZZ_REQUIRE(association_.dropped_messages() == dropped);
  }

  void OnSctpPacket(std::span<const uint8_t> packet) override {
    FUZZ_REQUIRE(packet.size() <= kMaxPacket && fuzz::HasTrueChecksum(packet));
    fuzz::ForEachChunk(packet, [&](uint8_t type, uint8_t, std::span<const uint8_t> value) {
      fuzz::Reached(type);
      if (type == fuzz::kInitAck && value.size() >= 16) {
        remote_tag_ = fuzz::Read32(&value[0]);
        last_tsn_ = fuzz::Read32(&value[12]) - 1;
        // The cookie is the first of its parameters that has this type.
        for (size_t at = 16; at + 4 <= value.size() && fuzz::Read16(&value[at + 2]) >= 4;
             at += (fuzz::Read16(&value[at + 2]) + 3) / 4 * 4) {
          const size_t length = fuzz::Read16(&value[at + 2]);
          if (fuzz::Read16(&value[at]) == 7 && length <= value.size() - at)
            cookie_.assign(value.begin() + static_cast<ptrdiff_t>(at + 4),
                           value.begin() + static_cast<ptrdiff_t>(at + length));
        }
        first_tsn_ = tsn_;
      } else if (type == fuzz::kData && value.size() >= 4) {
        last_tsn_ = fuzz::Read32(&value[0]);
      } else if (type == fuzz::kSack && value.size() >= 8) {
        FUZZ_REQUIRE(fuzz::Read32(&value[4]) <= 1024 * 1024);
        fuzz::Reached(0x100u + value.size());
      } else if (type == fuzz::kReconfig && value.size() >= 8) {
        fuzz::Reached(0x1000u + fuzz::Read16(&value[0]) * 16 + value.back() % 16);
        if (fuzz::Read16(&value[0]) == 13) request_ = fuzz::Read32(&value[4]);
      } else if ((type == fuzz::kAbort || type == 9) && value.size() >= 2) {
        fuzz::Reached(0x2000u + fuzz::Read16(&value[0]));
      }
    });
  }
  void OnSctpConnected() override { fuzz::Reached(0x3000); }
  void OnSctpMessage(uint16_t stream, uint32_t, std::span<const uint8_t> data) override {
    FUZZ_REQUIRE(data.size() <= kMaxMessage);
    fuzz::Reached(0x4000u + data.size() / 64);
    fuzz::Reached(0x5000u + stream);
    // As the owner does it, inside of the call.
    held_ += data.size() + 128;
    association_.SetHeld(held_, now_ms_);
  }
  void OnSctpReset(std::span<const uint16_t> streams) override { fuzz::Reached(0x6000u + streams.size()); }
  void OnSctpWritable() override { fuzz::Reached(0x7000); }
  void OnSctpEnd(std::string_view reason) override {
    FUZZ_REQUIRE(!ended_);
    ended_ = true;
    fuzz::Reached(0x8000u + static_cast<uint32_t>(reason.size()));
  }

  int64_t now_ms_ = 1'000'000;
  sora::SctpAssociation association_;
  uint32_t remote_tag_ = 0, first_tsn_ = 0, tsn_ = 0, last_tsn_ = 0, request_ = 0;
  Bytes cookie_;
  std::vector<Bytes> chunks_;
  size_t held_ = 0;
  bool ended_ = false;
  bool closed_ = false;
  bool wild_ = false;  // it was sent chunks of any kind
};

const Bytes kHandshake = {kConnect, 0, 0, 0, 0, 9, kSendCookie, 0};

Bytes After(std::initializer_list<uint8_t> steps) {
  Bytes script = kHandshake;
  script.insert(script.end(), steps);
  return script;
}

std::vector<Bytes> sctp_seeds() {
  return {
      // A message in one chunk, one in two that come in the wrong order, and one that was released.
      After({kSendData, 3, 0, 1, 0, 0, 'x', 20, 0}),
      After({kSendData, 1, 1, 1, 0, 0, 'x', 20, 3, kSendData, 2, 0xff, 1, 0, 0, 'x', 20, 0}),
      After({kSendData, 3, 0, 1, 0, 0, 'x', 255, 0, kRelease, 0, 4, 0}),
      // What waits is skipped.
      After({kSendData, 2, 0, 1, 0, 0, 'x', 20, 0, kSendForwardTsn, 0, 1, 1, 0, 1, 0, 0, 0}),
      // Messages of this side, their acknowledgement, and what time repeats.
      After({kMessage, 2, 100, 1, 0, 1, kAnswer, kMessage, 0x13, 200, 0, 2, 0, 3, kWait, 0x10, 0, kAnswer}),
      After({kMessage, 14, 100, 1, 0, 1, 2, 0, 0, 0, 100, kWait, 0x10, 0, kSendSack, 0, 16, 0, 0, 0x10, 0, 1, 0, 2, 0}),
      // Streams that either side ends.
      After({kMessage, 2, 100, 1, 0, 1, kAnswer, kResetStreams, 1, 0, 2, 0, kAnswer}),
      After({kSendData, 3, 0, 1, 0, 0, 'x', 20, 0, kSendReset, 0, 1, 8, 0, 1, 0}),
      // Chunks and packets of any kind, and both ends.
      After({kSendAnyChunk, fuzz::kHeartbeat, 0, 8, 0, 1, 0, 8, 1, 2, 3, 4, 0}),
      After({kSendAnyPacket, 0, 8, fuzz::kAbort, 0, 0, 8, 0, 12, 0, 4}),
      After({kSendAnyChunk, fuzz::kShutdown, 0, 4, 0, 0, 0, 9, 0}),
      After({kConnect, 1, 0, 0, 0, 99, kSendCookie, 0, kClose}),
      {kSendAnyPacket, 0, 4, 0, 0, 0, 0},
  };
}

}  // namespace

FUZZ_TARGET(sctp, 40'000, 4096) {
  Script script(input);
  Peer().Run(script);
}
