#include "runtime/factory.h"

#include <utility>

#include "core/json.h"

namespace sora {

FactoryOptions ParseFactoryOptions(std::string_view text) {
  FactoryOptions options;
  if (text.empty()) return options;
  constexpr const char kRaiseThreads[] = "raiseThreads";
  const Json json = ParseObject(text, "options");
  options.raise_threads = OptionalBool(json, kRaiseThreads, "").value_or(true);
  options.codecs = ReadCodecOptions(json, kRaiseThreads);
  return options;
}

std::shared_ptr<Runtime> Factory::runtime() {
  std::lock_guard lock(mutex_);
  if (!runtime_) throw Error(SORA_ERROR_CLOSED, "the factory is closed");
  return runtime_;
}

void Factory::Adopt(uint32_t child) {
  {
    std::lock_guard lock(mutex_);
    if (runtime_) {
      ForgetClosed(children_);
      children_.push_back(child);
      return;
    }
  }
  sora::Abandon(child);
  throw Error(SORA_ERROR_CLOSED, "the factory is closed");
}

void Factory::Close(uint32_t handle) {
  std::shared_ptr<Runtime> runtime;
  std::vector<uint32_t> children;
  {
    std::lock_guard lock(mutex_);
    runtime = std::exchange(runtime_, nullptr);
    children = std::move(children_);
  }
  for (const uint32_t child : children) sora::Abandon(child);
  if (runtime) runtime->OnClosed(handle);
}

}  // namespace sora
