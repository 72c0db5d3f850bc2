// Native objects that JavaScript holds by handle, and the table that finds them.
//
// A handle is 4 bits of kind, 14 bits of generation and 14 bits of slot. Freed slots are reused oldest first, and only when
// many are free, so that a stale handle names its closed object for a long time and never a new one by accident.
#ifndef SORA_CORE_OBJECT_H
#define SORA_CORE_OBJECT_H

#include <cstdint>
#include <memory>
#include <vector>

#include "core/result.h"

namespace sora {

constexpr uint32_t kSlotBits = 14, kGenerationBits = 14;

// The slot that a handle names, whether or not it is open.
inline uint32_t SlotOf(uint32_t handle) { return handle & ((1u << kSlotBits) - 1); }

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
  kUdpPort,
  kTransport,
};
const char* KindName(Kind kind);

class Object {
 public:
  Object();
  virtual ~Object();
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // Closes the object as its C function would, after it was taken out of the table: its owner (a parent or a realm) is gone.
  // Does not wait, and may be called on a thread that is ending.
  virtual void Abandon(std::shared_ptr<Object> self, uint32_t handle) {}
  // Whether it is on its way to another realm.
  virtual bool in_transit() const { return false; }
};

// Objects that are not destroyed yet, whether their handles are still open or not.
uint32_t LiveObjects();

// Gives the object a handle, which belongs to the realm of this thread if there is one; throws SORA_ERROR_LIMIT when 16,384
// are open.
uint32_t Open(Kind kind, std::shared_ptr<Object> object);

// Handles that this thread opens from now on belong to this realm; 0: to none.
void SetThreadRealm(uint32_t realm) noexcept;

// The open handles of a realm.
std::vector<uint32_t> HandlesOf(uint32_t realm);

// The object of an open handle of this kind; throws SORA_ERROR_CLOSED or SORA_ERROR_INVALID_HANDLE.
std::shared_ptr<Object> Find(Kind kind, uint32_t handle);

// Takes the object out of the table; the handle is stale from now on. Throws as Find does.
std::shared_ptr<Object> Take(Kind kind, uint32_t handle);

// For handles that may be closed already: null then. Of any kind.
std::shared_ptr<Object> FindIfOpen(uint32_t handle) noexcept;
std::shared_ptr<Object> TakeIfOpen(uint32_t handle) noexcept;

// Takes the object out of the table and abandons it, unless the handle is closed already.
void Abandon(uint32_t handle) noexcept;

bool IsOpen(uint32_t handle) noexcept;

inline Kind KindOf(uint32_t handle) { return static_cast<Kind>(handle >> 28); }

// Removes closed handles from a growing list of handles: not each time, but often enough to keep it bounded.
template <typename Handles>
void ForgetClosed(Handles& handles) {
  if (handles.size() >= 64 && (handles.size() & (handles.size() - 1)) == 0)
    erase_if(handles, [](uint32_t handle) { return !IsOpen(handle); });
}

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
