// What bench/ measures the library against: libyuv's own conversions and a plain copy of the same picture, 1280x720, and the
// waking of a thread that sleeps, without anything around them. Each line of standard input is "OPERATION COUNT"; the answer is one line with the time that each run
// took, in microseconds. A line that is none of these ends the program with status 2.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "libyuv.h"

namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 720;
constexpr int kMaxCount = 10'000;
constexpr int kPictures = 8;  // as many as bench/ sends in turn, so that they are as cold in the caches

// A thread that sleeps until it is woken, again and again.
class Sleeper {
 public:
  ~Sleeper() {
    Set(ended_, true);
    thread_.join();
  }

  void Wake() { Set(woken_, true); }

  // Waits until it sleeps.
  void Settle() {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [this] { return !woken_; });
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }

 private:
  void Set(bool& flag, bool value) {
    {
      std::lock_guard lock(mutex_);
      flag = value;
    }
    condition_.notify_one();
  }

  void Run() {
    std::unique_lock lock(mutex_);
    while (true) {
      condition_.wait(lock, [this] { return ended_ || woken_; });
      if (ended_) return;
      woken_ = false;
      settled_.notify_one();
    }
  }

  std::mutex mutex_;
  std::condition_variable condition_;
  std::condition_variable settled_;
  bool woken_ = false;
  bool ended_ = false;
  std::thread thread_{[this] { Run(); }};
};

struct State {
  std::vector<std::vector<uint8_t>> bgr =
      std::vector<std::vector<uint8_t>>(kPictures, std::vector<uint8_t>(kWidth* kHeight * 3));
  size_t next = 0;
  std::vector<uint8_t> i420 = std::vector<uint8_t>(kWidth * kHeight * 3 / 2);
  std::vector<uint8_t> copy = std::vector<uint8_t>(kWidth * kHeight * 3);
  Sleeper sleeper;

  uint8_t* y() { return i420.data(); }
  uint8_t* u() { return y() + kWidth * kHeight; }
  uint8_t* v() { return u() + kWidth * kHeight / 4; }
};

void BgrToI420(State& s) {
  const uint8_t* bgr = s.bgr[s.next++ % kPictures].data();
  libyuv::RGB24ToI420(bgr, kWidth * 3, s.y(), kWidth, s.u(), kWidth / 2, s.v(), kWidth / 2, kWidth, kHeight);
}

void I420ToBgr(State& s) {
  libyuv::I420ToRGB24(s.y(), kWidth, s.u(), kWidth / 2, s.v(), kWidth / 2, s.copy.data(), kWidth * 3, kWidth, kHeight);
}

void CopyI420(State& s) { std::memcpy(s.copy.data(), s.i420.data(), s.i420.size()); }

void WakeThread(State& s) { s.sleeper.Wake(); }

struct Operation {
  const char* name;
  void (*run)(State&);
};
constexpr Operation kOperations[] = {
    {"bgr-to-i420", BgrToI420}, {"i420-to-bgr", I420ToBgr}, {"copy-i420", CopyI420}, {"wake-thread", WakeThread}};

const Operation* Find(const std::string& name) {
  for (const Operation& operation : kOperations)
    if (name == operation.name) return &operation;
  return nullptr;
}

}  // namespace

int main() {
  State state;
  uint32_t random = 1;
  for (auto& picture : state.bgr)
    for (uint8_t& byte : picture) byte = static_cast<uint8_t>((random = random * 1664525 + 1013904223) >> 24);
  BgrToI420(state);

  char name[32];
  int count = 0;
  while (std::scanf("%31s %d", name, &count) == 2) {
    const Operation* operation = Find(name);
    if (!operation || count < 1 || count > kMaxCount) {
      std::fprintf(stderr, "no such operation: %s %d\n", name, count);
      return 2;
    }
    for (int i = 0; i < count; ++i) {
      if (operation->run == WakeThread) state.sleeper.Settle();
      const auto start = std::chrono::steady_clock::now();
      operation->run(state);
      const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
      std::printf(i ? " %.2f" : "%.2f", took.count());
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return 0;
}
