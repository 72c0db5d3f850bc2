// Every function with random arguments, over and over: whatever it returns, the process survives.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <vector>

#include "support.h"

namespace {

constexpr int kCalls = 40'000;
constexpr uint32_t kBufferSize = 1 << 16;

uint32_t Seed() {
  if (const char* text = std::getenv("SORA_TEST_SEED")) return static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
  return std::random_device()();
}

class Misuse {
 public:
  ~Misuse() { CloseAll(); }

  explicit Misuse(uint32_t seed) : random_(seed), buffer_(kBufferSize), texts_{SoraOffer()} {
    for (uint8_t& byte : buffer_) byte = static_cast<uint8_t>(random_());
    texts_.insert(texts_.end(),
                  {"", "{}", "[]", "{\"mid\":\"audio\"}", "{\"mid\":\"video\",\"streamId\":\"s\"}",
                   "{\"mid\":\"video\",\"encodings\":[{\"rid\":\"\"}]}", "{\"iceTransportPolicy\":\"relay\"}",
                   "{\"iceServers\":[{\"urls\":[\"turn:127.0.0.1:9\"],\"username\":\"u\",\"credential\":\"c\"}]}",
                   SoraOffer().substr(0, 700), std::string("\0\xff{", 3)});
  }

  void Call() {
    constexpr uint32_t kFunctions = 55;
    const uint32_t which = Below(kFunctions);
    uint32_t out = 0;
    uint32_t* const created = Below(20) ? &out : nullptr;
    double info[SORA_TRANSFORMER_INFO_COUNT + 4] = {};
    double* const info_out = Below(20) ? info : nullptr;
    const std::string& text = texts_[Below(static_cast<uint32_t>(texts_.size()))];
    uint8_t* const data = Below(20) ? buffer_.data() : nullptr;
    const uint32_t size = Below(2) ? Below(200) : Below(kBufferSize + 1);
    const uint32_t handle = Handle();
    auto* const samples = reinterpret_cast<int16_t*>(data);
    switch (which) {
      case 0: sora_queue_create(Number(), created); break;
      case 1: sora_queue_wait(handle, Below(10) ? 0 : 3'600'001); break;
      case 2: sora_queue_interrupt(handle); break;
      case 3: sora_queue_set_wakeup(handle, nullptr); break;
      case 4: sora_queue_drain(handle, data, size); break;
      case 5: sora_queue_next_size(handle); break;
      case 6: MaybeClose(sora_queue_close, handle); break;
      case 7:
        // Each has three threads.
        if (Below(40) == 0) sora_factory_create(handle, data, Below(2) ? 0 : size, created);
        break;
      case 8: MaybeClose(sora_factory_close, handle); break;
      case 9: sora_peer_create(handle, Bytes(text), Size(text), created); break;
      case 10: sora_peer_set_remote_offer(handle, Bytes(text), Size(text), Number()); break;
      case 11: sora_peer_add_sender(handle, Handle(), Bytes(text), Size(text), Number()); break;
      case 12: sora_peer_set_encodings(handle, Bytes(text), Size(text), Number()); break;
      case 13: sora_peer_create_answer(handle, Number()); break;
      case 14: sora_peer_get_stats(handle, Number()); break;
      case 15: MaybeClose(sora_peer_close, handle); break;
      case 16: sora_data_channel_send(handle, data, size, Below(3)); break;
      case 17: sora_data_channel_buffered_amount(handle); break;
      case 18: sora_data_channel_close(handle); break;
      case 19: sora_track_set_enabled(handle, Below(3)); break;
      case 20: MaybeClose(sora_track_release, handle); break;
      case 21: sora_audio_source_create(handle, Rate(), Below(4), created); break;
      case 22: sora_audio_source_push(handle, samples, Below(kBufferSize / 2 / 9), Rate(), Below(10), Time(), Time()); break;
      case 23:
        sora_audio_source_push_f32(handle, reinterpret_cast<float*>(data), Below(kBufferSize / 4 / 9), Rate(), Below(10),
                                   Time(), Time());
        break;
      case 24: MaybeClose(sora_audio_source_close, handle); break;
      case 25: sora_audio_sink_create(handle, Rate(), Below(4), Below(200), created); break;
      case 26: sora_audio_sink_read(handle, samples, Below(kBufferSize / 2), Number(), Number(), info_out); break;
      case 27: MaybeClose(sora_audio_sink_close, handle); break;
      case 28: sora_video_frame_size(Below(9), Number(), Number(), Number()); break;
      case 29: sora_video_source_create(handle, created); break;
      case 30:
        sora_video_source_push(handle, data, size, Below(300), Below(300), Below(2) ? 0 : Number(), Below(9), Below(5) * 90,
                               Time());
        break;
      case 31: MaybeClose(sora_video_source_close, handle); break;
      case 32: sora_video_sink_create(handle, Below(40), created); break;
      case 33:
        if (sora_video_sink_take(handle, info_out) == SORA_OK) out = static_cast<uint32_t>(info[SORA_VIDEO_INFO_FRAME]);
        break;
      case 34: sora_video_frame_copy(handle, Below(9), data, size, Number(), Below(3)); break;
      case 35: sora_video_frame_release(handle); break;
      case 36: sora_peer_replace_source(handle, Handle(), Bytes(text), Size(text), Number()); break;
      case 37: sora_peer_set_sender_transformer(handle, Bytes("video"), 5, Handle(), Number()); break;
      case 38: sora_transformer_create(handle, Below(3), Below(1100), created); break;
      case 39: sora_track_set_transformer(handle, Handle()); break;
      case 40: sora_transformer_take(handle, info_out, Below(std::size(info) + 1)); break;
      case 41: sora_transformer_enqueue(handle, Handle()); break;
      case 42: sora_transformer_start_short_circuiting(handle); break;
      case 43: MaybeClose(sora_transformer_close, handle); break;
      case 44: sora_encoded_frame_data(handle, data, size); break;
      case 45: sora_encoded_frame_set_data(handle, data, size); break;
      case 46: sora_encoded_frame_mime_type(handle, data, size); break;
      case 47: sora_encoded_frame_release(handle); break;
      case 48: sora_vad_create(created); break;
      case 49: sora_vad_analyze(handle, samples, Below(kBufferSize / 2 / 9), Rate(), Below(10), info_out); break;
      case 50: sora_log_write(Below(6), data, Below(300)); break;
      case 51: sora_video_source_push_frame(handle, Handle()); break;
      case 52: sora_video_sink_dropped(handle); break;
      case 53:
        if (sora_video_frame_transfer(handle, info_out) == SORA_OK) out = static_cast<uint32_t>(info[SORA_VIDEO_INFO_FRAME]);
        break;
      case 54: sora_track_id(handle, data, size); break;
    }
    if (out) handles_.push_back(out);
  }

  void Remember(uint32_t handle) { handles_.push_back(handle); }

  // The tracks that were reported to queue so far.
  void RememberTracks(uint32_t queue) {
    for (int32_t size; (size = sora_queue_drain(queue, buffer_.data(), kBufferSize)) > 0;) {
      for (size_t at = 0; at < static_cast<size_t>(size);) {
        uint32_t header[4];
        std::memcpy(header, &buffer_[at], sizeof(header));
        if ((header[1] & 0xffff) == SORA_EVENT_TRACK && header[3]) handles_.push_back(header[3]);
        at += SORA_EVENT_HEADER_SIZE + (header[0] + 3) / 4 * 4;
      }
    }
  }

 private:
  // Closes everything that is still open.
  void CloseAll() {
    for (const uint32_t handle : handles_) {
      for (const auto close : {sora_factory_close, sora_audio_sink_close, sora_video_sink_close, sora_video_frame_release,
                               sora_transformer_close, sora_encoded_frame_release, sora_vad_close, sora_queue_close})
        close(handle);
    }
  }

  uint32_t Below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }

  uint32_t Number() {
    switch (Below(4)) {
      case 0: return Below(4);
      case 1: return Below(100'000);
      case 2: return 0xffff'ffff - Below(3);
      default: return static_cast<uint32_t>(random_());
    }
  }

  uint32_t Rate() {
    constexpr uint32_t kRates[] = {0, 8'000, 16'000, 44'100, 48'000, 96'000, 192'000, 22'050};
    return Below(20) ? kRates[Below(8)] : Number();
  }

  double Time() {
    constexpr double kTimes[] = {-1, 0, 1e6, 1e15, 1e18, 1e300, __builtin_inf(), __builtin_nan("")};
    return kTimes[Below(8)];
  }

  // A handle that was given, one similar to it, or anything.
  uint32_t Handle() {
    if (handles_.empty() || Below(20) == 0) return Number();
    const uint32_t given = handles_[handles_.size() - 1 - Below(std::min<uint32_t>(64, Count()))];
    return Below(20) ? given : given ^ 1u << Below(32);
  }

  uint32_t Count() const { return static_cast<uint32_t>(handles_.size()); }

  // Seldom, or else nothing would be open.
  void MaybeClose(int32_t (*close)(uint32_t), uint32_t handle) {
    if (Below(8) == 0) close(handle);
  }

  std::mt19937 random_;
  std::vector<uint8_t> buffer_;
  std::vector<std::string> texts_;
  std::vector<uint32_t> handles_;
};

}  // namespace

TEST(misuse_of_every_function_harms_nothing) {
  const uint32_t seed = Seed();
  std::printf("# SORA_TEST_SEED=%u\n", seed);
  Misuse misuse(seed);
  const Queue queue;
  const std::string offer = SoraOffer();
  for (int i = 0; i < kCalls; ++i) {
    if (i % 500 == 0) {
      // Something open and alive for the calls to meet: only they close it.
      uint32_t factory = 0, peer = 0;
      sora_log_enable(queue.handle(), i % 2000 ? SORA_LOG_SEVERITY_WARNING : SORA_LOG_SEVERITY_NONE);
      REQUIRE_RESULT(sora_factory_create(queue.handle(), nullptr, 0, &factory), SORA_OK);
      REQUIRE_RESULT(sora_peer_create(factory, Bytes("{}"), 2, &peer), SORA_OK);
      REQUIRE_RESULT(sora_peer_set_remote_offer(peer, Bytes(offer), Size(offer), 1), SORA_OK);
      misuse.Remember(factory);
      misuse.Remember(peer);
    }
    if (i % 100 == 0) misuse.RememberTracks(queue.handle());
    misuse.Call();
  }
  sora_log_enable(queue.handle(), SORA_LOG_SEVERITY_NONE);
}
