// The datagrams of a client: a UDP socket of its own and, in front of it, a path that loses and delays.
#ifndef SORA_BENCH_LOAD_WIRE_H
#define SORA_BENCH_LOAD_WIRE_H

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace load {

struct Path {
  double loss = 0;       // share of the datagrams that are lost, each way
  int64_t delay_ns = 0;  // each way
};

// Buffers of many datagrams, which all wires of a thread share.
class Batch {
 public:
  static constexpr size_t kCount = 64;
  static constexpr size_t kSize = 2048;
  Batch();

  std::array<mmsghdr, kCount> headers{};
  std::array<iovec, kCount> parts{};
  std::unique_ptr<std::array<uint8_t, kSize>[]> data;
  std::unique_ptr<std::array<uint8_t, 64>[]> controls;
};

class Wire {
 public:
  // Takes a datagram, and when the kernel got it.
  using Take = std::function<void(std::span<uint8_t> datagram, int64_t arrived_ns)>;

  // Throws std::runtime_error with what the system says. seed: of what is lost.
  Wire(const std::string& host, uint16_t port, const Path& path, uint32_t seed);
  ~Wire();
  Wire(const Wire&) = delete;

  int descriptor() const { return descriptor_; }
  bool delays() const { return path_.delay_ns > 0 || path_.loss > 0; }

  // Sends, or lets it wait for Flush or for the end of its delay.
  void Send(Batch& out, std::span<const uint8_t> datagram);
  // Sends what waits in the batch, which no other wire may have begun to fill.
  void Flush(Batch& out);
  // Receives what is there and what has come to the end of the path.
  void Receive(Batch& in, const Take& take);
  // Moves on what has come to the end of the path.
  void Move(Batch& out, const Take& take);

  uint64_t refused() const { return refused_; }

 private:
  struct Delayed {
    int64_t due_ns;
    std::vector<uint8_t> data;
  };
  bool Loses();

  int descriptor_;
  const Path path_;
  std::mt19937 random_;
  size_t waiting_ = 0;  // in the batch
  uint64_t refused_ = 0;
  std::deque<Delayed> outgoing_;
  std::deque<Delayed> incoming_;
};

}  // namespace load

#endif
