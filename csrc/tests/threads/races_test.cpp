// Threads that create, use and close the same objects at once, in realms that begin and end: whatever a call returns, it is one of the
// documented results, and ThreadSanitizer sees no race.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "../api/support.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kThreads = 4;
constexpr int kCallsOfRealm = 300;
constexpr uint64_t kLeastCalls = 1000;

// Objects of one kind that all threads share.
class Handles {
 public:
  uint32_t Any(std::mt19937& random) const { return handles_[random() % handles_.size()].load(std::memory_order_relaxed); }
  // Puts one in; returns the one that it takes the place of.
  uint32_t Put(std::mt19937& random, uint32_t handle) {
    return handles_[random() % handles_.size()].exchange(handle, std::memory_order_relaxed);
  }
  template <typename Body>
  void Each(Body body) {
    for (auto& handle : handles_)
      if (const uint32_t taken = handle.exchange(0)) body(taken);
  }

 private:
  std::array<std::atomic<uint32_t>, 3> handles_{};
};

void Checked(int32_t result) {
  if (result == SORA_ERROR_INTERNAL) test::Fail(__FILE__, __LINE__, "a call gave SORA_ERROR_INTERNAL: " + LastError());
}

void Wakeup() {}

// What all threads share.
struct Shared {
  Handles queues, factories, peers, videos, audios, transformers, vads, ports, transports;
  const std::string offer = SoraOffer();
  Clock::time_point end;
  std::atomic<uint64_t> calls{0};
  std::atomic<bool> failed{false};

  // On a busy machine the time may be over before anything has met.
  bool Done() const { return failed || (Clock::now() >= end && calls > kLeastCalls); }

  // Closes what is still open.
  void Close() {
    transports.Each([](uint32_t h) { sora_transport_close(h); });
    ports.Each([](uint32_t h) { sora_udp_port_close(h); });
    vads.Each([](uint32_t h) { sora_vad_close(h); });
    // A factory does not close its transformers.
    transformers.Each([](uint32_t h) { sora_transformer_close(h); });
    factories.Each([](uint32_t h) { sora_factory_close(h); });
    queues.Each([](uint32_t h) { sora_queue_close(h); });
  }
};

class Racer {
 public:
  Racer(Shared& shared, uint32_t seed) : shared_(shared), random_(seed), buffer_(1 << 16) {}

  void Run() {
    for (int i = 0; i < kCallsOfRealm && !shared_.Done(); ++i) {
      Call();
      shared_.calls.fetch_add(1, std::memory_order_relaxed);
    }
  }

 private:
  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  // Closes one object in four of those that a new one takes the place of at once; the others end with their parents or realms.
  void Replace(Handles& handles, uint32_t handle, int32_t (*close)(uint32_t)) {
    if (const uint32_t before = handles.Put(random_, handle)) Checked(close(before));
  }
  template <typename Create>
  void Make(Handles& handles, int32_t (*close)(uint32_t), Create create) {
    uint32_t made = 0;
    Checked(create(&made));
    if (made) Replace(handles, made, close);
  }

  uint8_t* data() { return buffer_.data(); }
  uint32_t size() const { return static_cast<uint32_t>(buffer_.size()); }

  void Call() {
    Shared& s = shared_;
    const auto any = [&](const Handles& handles) { return handles.Any(random_); };
    switch (Below(40)) {
      case 0: return Make(s.queues, sora_queue_close, [](uint32_t* out) { return sora_queue_create(65'536, out); });
      case 1: return Checked(sora_queue_wait(any(s.queues), Below(2)));
      case 2: return Checked(sora_queue_interrupt(any(s.queues)));
      case 3: return Checked(sora_queue_set_wakeup(any(s.queues), Below(2) ? &Wakeup : nullptr));
      case 4:
      case 5: return Checked(sora_queue_drain(any(s.queues), data(), size()));
      case 6: return Checked(sora_queue_next_size(any(s.queues)));
      case 7:
        // Each has threads of its own.
        if (Below(20)) return;
        return Make(s.factories, sora_factory_close,
                    [&](uint32_t* out) { return sora_factory_create(any(s.queues), nullptr, 0, out); });
      case 8:
        if (Below(4)) return;
        return Make(s.peers, sora_peer_close,
                    [&](uint32_t* out) { return sora_peer_create(any(s.factories), Bytes("{}"), 2, out); });
      case 9: return Checked(sora_peer_set_remote_offer(any(s.peers), Bytes(s.offer), Size(s.offer), Below(100)));
      case 10: return Checked(sora_peer_create_answer(any(s.peers), Below(100)));
      case 11: return Checked(sora_peer_get_stats(any(s.peers), Below(100)));
      case 12: {
        constexpr std::string_view kOptions = R"({"mid":"video"})";
        return Checked(sora_peer_add_sender(any(s.peers), any(s.videos), Bytes(kOptions), Size(kOptions), Below(100)));
      }
      case 13: return Checked(sora_peer_replace_source(any(s.peers), any(s.videos), Bytes("video"), 5, Below(100)));
      case 14: {
        constexpr std::string_view kEncodings = R"({"mid":"video","encodings":[{"rid":"r0","active":false}]})";
        return Checked(sora_peer_set_encodings(any(s.peers), Bytes(kEncodings), Size(kEncodings), Below(100)));
      }
      case 15:
        return Make(s.videos, sora_video_source_close,
                    [&](uint32_t* out) { return sora_video_source_create(any(s.factories), out); });
      case 16:
      case 17:
        return Checked(sora_video_source_push(any(s.videos), data(), size(), 64, 48, 0, 1 + Below(6), Below(4) * 90, -1));
      case 18: return Checked(sora_track_set_enabled(any(s.videos), Below(2)));
      case 19: return Checked(sora_track_id(any(s.videos), data(), size()));
      case 20:
        return Make(s.audios, sora_audio_source_close,
                    [&](uint32_t* out) { return sora_audio_source_create(any(s.factories), 48'000, 1 + Below(2), out); });
      case 21:
      case 22:
        return Checked(
            sora_audio_source_push(any(s.audios), reinterpret_cast<const int16_t*>(data()), 441, 44'100, 2, -1, -1));
      case 23: return Checked(sora_track_set_enabled(any(s.audios), Below(2)));
      case 24:
        return Make(s.transformers, sora_transformer_close,
                    [&](uint32_t* out) { return sora_transformer_create(any(s.factories), Below(2), 4, out); });
      case 25: return Checked(sora_transformer_take(any(s.transformers), info_.data(), static_cast<uint32_t>(info_.size())));
      case 26: return Checked(sora_transformer_start_short_circuiting(any(s.transformers)));
      case 27:
        return Checked(sora_peer_set_sender_transformer(any(s.peers), Bytes("video"), 5, any(s.transformers), Below(100)));
      case 28: return Make(s.vads, sora_vad_close, [](uint32_t* out) { return sora_vad_create(out); });
      case 29:
        return Checked(
            sora_vad_analyze(any(s.vads), reinterpret_cast<const int16_t*>(data()), 480, 48'000, 1, info_.data()));
      case 30:
        return Make(s.ports, sora_udp_port_close,
                    [&](uint32_t* out) { return sora_udp_port_open(any(s.queues), Bytes("127.0.0.1"), 9, out); });
      case 31:
        return Make(s.transports, sora_transport_close, [&](uint32_t* out) {
          uint32_t port = 0;
          return sora_transport_create(any(s.ports), 65'536, out, &port);
        });
      case 32: return Checked(sora_transport_credentials(any(s.transports), data(), size()));
      case 33: {
        constexpr std::string_view kRemote = "abcd sha-256 00:11";
        return Checked(sora_transport_set_remote(any(s.transports), Bytes(kRemote), Size(kRemote)));
      }
      case 34: return Checked(sora_udp_port_fingerprint(any(s.ports), data(), size()));
      case 35: return Checked(sora_log_enable(any(s.queues), Below(2) ? SORA_LOG_SEVERITY_WARNING : SORA_LOG_SEVERITY_NONE));
      case 36: return Checked(sora_log_write(SORA_LOG_SEVERITY_ERROR, Bytes("a line"), 6));
      case 37: return Checked(sora_factory_check_threads(any(s.factories)));
      case 38: {
        // As a Worker that is terminated: something is closed while others use it.
        Handles* const all[] = {&s.peers, &s.videos, &s.audios, &s.transformers};
        int32_t (*const close[])(uint32_t) = {sora_peer_close, sora_video_source_close, sora_audio_source_close,
                                              sora_transformer_close};
        const uint32_t which = Below(4);
        return Checked(close[which](any(*all[which])));
      }
      case 39: (void)sora_live_objects(); return;
    }
  }

  Shared& shared_;
  std::mt19937 random_;
  std::vector<uint8_t> buffer_;
  std::array<double, SORA_TRANSFORMER_INFO_COUNT> info_{};
};

double SecondsToRun() {
  const char* const text = std::getenv("SORA_TEST_SECONDS");
  return text ? std::strtod(text, nullptr) : 2;
}

uint32_t Seed() {
  const char* const text = std::getenv("SORA_TEST_SEED");
  return text ? static_cast<uint32_t>(std::strtoul(text, nullptr, 10)) : std::random_device()();
}

}  // namespace

TEST(threads_race_on_the_same_handles) {
  const uint32_t seed = Seed();
  std::printf("# SORA_TEST_SEED=%u\n", seed);
  Shared shared;
  shared.end = Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(SecondsToRun() * 1000));
  std::mutex mutex;
  std::string failed;
  std::vector<std::thread> threads;
  for (uint32_t number = 0; number < kThreads; ++number)
    threads.emplace_back([&, number] {
      std::mt19937 seeds(seed + number);
      while (!shared.Done()) {
        // A realm that ends with its thread, or none.
        std::thread([&, own = static_cast<uint32_t>(seeds())] {
          try {
            if (own % 3 == 0) REQUIRE_RESULT(sora_realm_enter(1 + own % 1000), SORA_OK);
            Racer(shared, own).Run();
          } catch (const test::Failure& failure) {
            std::lock_guard lock(mutex);
            failed = failure.reason;
            shared.failed = true;
          }
        }).join();
      }
    });
  for (auto& thread : threads) thread.join();
  shared.Close();
  if (!failed.empty()) test::Fail(__FILE__, __LINE__, failed);
  std::printf("# %llu calls\n", static_cast<unsigned long long>(shared.calls.load()));
}
