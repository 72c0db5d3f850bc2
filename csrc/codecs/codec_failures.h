// Where encoders and decoders that give up report it.
#ifndef SORA_CODECS_CODEC_FAILURES_H
#define SORA_CODECS_CODEC_FAILURES_H

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace sora {

// Used by any thread. libwebrtc does not tell whose encoder it is: all that listen hear of it.
class CodecFailures {
 public:
  // Calls are short and made on the thread of the codec.
  using Listener = std::function<void(const std::string& text)>;

  void Listen(const void* owner, Listener listener) {
    std::lock_guard lock(mutex_);
    listeners_[owner] = std::move(listener);
  }
  // The listener is not called any more after this returns.
  void Forget(const void* owner) {
    std::lock_guard lock(mutex_);
    listeners_.erase(owner);
  }
  void Report(const std::string& text) {
    std::lock_guard lock(mutex_);
    for (const auto& [owner, listener] : listeners_) listener(text);
  }

 private:
  std::mutex mutex_;
  std::map<const void*, Listener> listeners_;
};

}  // namespace sora

#endif
