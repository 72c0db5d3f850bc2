// One client of the load: its transport, what it sends and what it receives.
#ifndef SORA_BENCH_LOAD_MEMBER_H
#define SORA_BENCH_LOAD_MEMBER_H

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/transport/client.h"
#include "stream.h"
#include "video.h"
#include "wire.h"

namespace load {

// What all members together have sent and received since it was reset.
struct Tally {
  uint64_t sent = 0, received = 0;                      // packets of video
  uint64_t messages_sent = 0, messages = 0, bytes = 0;  // messages of data channels
  int64_t first_ns = 0, last_ns = 0;                    // of the messages received
  std::vector<float> delays_us;                         // of packets or messages

  void Message(size_t size, int64_t now_ns);
};

// What members share.
struct Shared {
  test::ClientContext context;
  Batch in, out;
  Tally tally;
  void (*report)(const nlohmann::json& event) = nullptr;
};

class Member : private test::ClientEvents {
 public:
  Member(Shared& shared, uint32_t id, const nlohmann::json& command);

  int descriptor() const { return wire_.descriptor(); }

  void Receive();
  // Sends what is due, and moves on what has come to the end of its path.
  void Tick(int64_t now_ns);
  void HandleTimeouts(int64_t now_ns);

  void Publish(const nlohmann::json& command);
  // Sends a stream of a constant rate besides the others.
  void AddStream(const nlohmann::json& command);
  // Counts packets of this payload type.
  void Subscribe(const nlohmann::json& command);
  // Sends messages: `count` of `size` bytes on a label, `rate` in a second, 0 for as many as there is room for.
  void SendMessages(const nlohmann::json& command);
  void Stop();
  void Close();

 private:
  void OnClientDatagram(test::Client&, std::span<const uint8_t> datagram) override { wire_.Send(shared_.out, datagram); }
  void OnClientConnected(test::Client&) override { Report("connected"); }
  void OnClientMedia(test::Client&, std::span<const uint8_t>, bool) override {}
  void OnClientAssociation(test::Client&) override { Report("association"); }
  void OnClientMessage(test::Client&, uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) override;
  void OnClientEnd(test::Client&, std::string_view reason) override;

  void Report(const char* event);
  void Take(std::span<uint8_t> datagram, int64_t arrived_ns);
  void CountVideo(std::span<uint8_t> datagram, int64_t arrived_ns);
  void OpenChannel(uint16_t stream, std::span<const uint8_t> open);
  void SendNow(int64_t now_ns);
  void SendReceiverReport();

  Shared& shared_;
  const uint32_t id_;
  Wire wire_;
  const Wire::Take take_;
  test::Client client_;
  std::optional<Video> video_;
  bool publishing_ = false;
  std::vector<Stream> streams_;
  uint16_t transport_sequence_ = 0;  // of these
  int64_t next_report_ns_ = 0;
  int payload_type_ = -1;  // of what is received
  uint32_t received_ssrc_ = 0;
  uint16_t highest_ = 0;
  std::map<std::string, uint16_t> channels_;
  // Messages to send.
  std::vector<uint8_t> message_;
  uint16_t stream_ = 0;
  uint64_t left_ = 0;
  int64_t interval_ns_ = 0;
  int64_t next_message_ns_ = 0;
};

}  // namespace load

#endif
