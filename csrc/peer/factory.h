// The object behind sora_ffi/factory.h: it owns the engine and knows its children.
#ifndef SORA_PEER_FACTORY_H
#define SORA_PEER_FACTORY_H

#include <memory>
#include <mutex>
#include <vector>

#include "core/object.h"
#include "peer/engine.h"

namespace sora {

class Factory : public Object {
 public:
  static constexpr Kind kKind = Kind::kFactory;

  Factory(std::shared_ptr<EventQueue> queue, const CodecEngines& codecs)
      : engine_(Engine::Create(std::move(queue), codecs)) {}

  // Throws SORA_ERROR_CLOSED once Close was called.
  std::shared_ptr<Engine> engine();

  // Remembers a peer or source, so that Close closes it.
  void Adopt(uint32_t child);

  void Close(uint32_t handle);
  void Abandon(std::shared_ptr<Object>, uint32_t handle) override { Close(handle); }

 private:
  std::mutex mutex_;
  std::shared_ptr<Engine> engine_;
  std::vector<uint32_t> children_;
};

}  // namespace sora

#endif
