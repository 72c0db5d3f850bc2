// The object behind sora_ffi/factory.h: it owns the runtime and closes what was made from it.
#ifndef SORA_RUNTIME_FACTORY_H
#define SORA_RUNTIME_FACTORY_H

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "codecs/codec_options.h"
#include "core/object.h"
#include "runtime/runtime.h"

namespace sora {

struct FactoryOptions {
  CodecOptions codecs;
  bool raise_threads = true;  // threads come before those of other programs, as far as the system lets them
};

// Parses the options of sora_factory_create; throws SORA_ERROR_INVALID_ARGUMENT with the path of what is wrong.
FactoryOptions ParseFactoryOptions(std::string_view json);

class Factory : public Object {
 public:
  static constexpr Kind kKind = Kind::kFactory;

  Factory(std::shared_ptr<EventQueue> queue, const FactoryOptions& options)
      : runtime_(Runtime::Create(std::move(queue), CodecEngines(options.codecs), options.raise_threads)) {}

  // Throws SORA_ERROR_CLOSED after Close.
  std::shared_ptr<Runtime> runtime();

  // Remembers a peer or a source, so that Close closes it.
  void Adopt(uint32_t child);

  void Close(uint32_t handle);
  void Abandon(std::shared_ptr<Object>, uint32_t handle) override { Close(handle); }

 private:
  std::mutex mutex_;
  std::shared_ptr<Runtime> runtime_;
  std::vector<uint32_t> children_;
};

}  // namespace sora

#endif
