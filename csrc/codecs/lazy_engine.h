// An engine that is opened when it is first needed.
#ifndef SORA_CODECS_LAZY_ENGINE_H
#define SORA_CODECS_LAZY_ENGINE_H

#include <memory>
#include <mutex>
#include <string>

#include "codecs/codec_options.h"
#include "codecs/engine.h"

namespace sora {

// Used by any thread.
class LazyEngine {
 public:
  LazyEngine(const EngineKind& kind, const CodecOptions& options) : kind_(kind), options_(options) {}

  const EngineKind& kind() const { return kind_; }

  // Opens the engine unless that was done before; null, with the reason in why_not(), when it is not available. Throws
  // SORA_ERROR_UNSUPPORTED when what an option names is not usable.
  std::shared_ptr<CodecEngine> Open();
  // Without opening it.
  std::shared_ptr<CodecEngine> IfOpen();
  // Why it could not be opened, as a clause; empty before that was tried.
  std::string why_not();

 private:
  const EngineKind kind_;
  const CodecOptions options_;
  std::mutex mutex_;
  bool tried_ = false;
  std::shared_ptr<CodecEngine> engine_;
  std::string why_not_;
};

}  // namespace sora

#endif
