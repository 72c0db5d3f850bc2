// Native objects that JavaScript holds by handle, and the table that finds them.
//
// A handle is 4 bits of kind, 14 bits of generation and 14 bits of slot. Freed slots are reused oldest first, and only when
// many are free, so that a stale handle names its closed object for long and never a new one by accident.
#ifndef SORA_CORE_OBJECT_H
#define SORA_CORE_OBJECT_H

#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.h"

namespace sora {

enum class Kind : uint32_t {
  kQueue = 1,
  kFactory,
  kPeer,
  kDataChannel,
  kTrack,
  kAudioSource,
  kVideoSource,
  kAudioSink,
  kVideoSink,
  kVideoFrame,
  kVad,
  kTransformer,
  kEncodedFrame,
};
const char* KindName(Kind kind);

class Object {
 public:
  Object();
  virtual ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // Closes it as its C function would, after it was taken out of the table: the realm that it belongs to is gone. Waits for
  // nobody, and may come on a thread that is ending.
  virtual void Abandon(std::shared_ptr<Object> self, uint32_t handle) {}
  // It is on its way to another realm.
  virtual bool in_transit() const { return false; }
};

// Objects that are not destroyed yet, whether their handles are still open or not.
uint32_t LiveObjects();

// Gives the object a handle, which belongs to the realm of this thread if there is one; throws SORA_ERROR_LIMIT when 16,384 are
// open.
uint32_t Open(Kind kind, std::shared_ptr<Object> object);

// The open handles of a realm.
std::vector<uint32_t> HandlesOf(uint32_t realm);

// The object of an open handle of this kind; throws SORA_ERROR_CLOSED or SORA_ERROR_INVALID_HANDLE.
std::shared_ptr<Object> Find(Kind kind, uint32_t handle);

// Takes the object out of the table; the handle is stale from now on. Throws as Find does.
std::shared_ptr<Object> Take(Kind kind, uint32_t handle);

// The same, but a handle that is closed already is no error.
void Drop(Kind kind, uint32_t handle) noexcept;

bool IsOpen(uint32_t handle) noexcept;

inline Kind KindOf(uint32_t handle) { return static_cast<Kind>(handle >> 28); }

template <typename T>
std::shared_ptr<T> Find(uint32_t handle) {
  return std::static_pointer_cast<T>(Find(T::kKind, handle));
}

template <typename T>
std::shared_ptr<T> Take(uint32_t handle) {
  return std::static_pointer_cast<T>(Take(T::kKind, handle));
}

}  // namespace sora

#endif
