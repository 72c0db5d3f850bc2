#include "codecs/lazy_engine.h"

namespace sora {

std::shared_ptr<CodecEngine> LazyEngine::Open() {
  std::lock_guard lock(mutex_);
  if (tried_) return engine_;
  std::shared_ptr<CodecEngine> engine = kind_.create(options_, why_not_);
  tried_ = true;
  if (engine && engine->EncoderFormats().empty() && engine->DecoderFormats().empty()) {
    why_not_ = engine->WhyNot(true);
    if (const std::string decoder = engine->WhyNot(false); !decoder.empty() && decoder != why_not_)
      why_not_ += (why_not_.empty() ? "" : "; ") + decoder;
    if (why_not_.empty()) why_not_ = "it encodes and decodes nothing on this machine";
    engine = nullptr;
  }
  return engine_ = std::move(engine);
}

std::shared_ptr<CodecEngine> LazyEngine::IfOpen() {
  std::lock_guard lock(mutex_);
  return engine_;
}

std::string LazyEngine::why_not() {
  std::lock_guard lock(mutex_);
  return why_not_;
}

}  // namespace sora
