#include "core/object.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "core/canary.h"

namespace sora {
namespace {

constexpr uint32_t kSlots = 1u << kSlotBits, kGenerations = 1u << kGenerationBits;
constexpr size_t kReuseDistance = 1024;  // that many slots must be free before the oldest of them is used again

struct Slot {
  uint32_t generation = 1;
  Kind kind{};
  uint32_t realm = 0;
  std::shared_ptr<Object> object;
};

struct Table {
  std::mutex mutex;
  std::vector<Slot> slots;
  std::deque<uint32_t> free;
};

Table& table() {
  static Table* const instance = new Table;
  return *instance;
}

std::atomic<uint32_t> live{0};
thread_local uint32_t thread_realm = 0;

uint32_t Encode(Kind kind, uint32_t generation, uint32_t slot) {
  return static_cast<uint32_t>(kind) << (kSlotBits + kGenerationBits) | generation << kSlotBits | slot;
}

// With the table locked: the slot of a handle; null when the handle is not open.
Slot* OpenSlot(uint32_t handle) {
  Table& t = table();
  const uint32_t slot = SlotOf(handle);
  if (slot >= t.slots.size()) return nullptr;
  Slot& found = t.slots[slot];
  const bool open =
      found.generation == (handle >> kSlotBits & (kGenerations - 1)) && found.kind == KindOf(handle) && found.object;
  return open ? &found : nullptr;
}

// With the table locked.
Slot& Locate(Kind kind, uint32_t handle) {
  if (KindOf(handle) != kind) {
    const char* const other = KindName(KindOf(handle));
    throw Error(SORA_ERROR_INVALID_HANDLE, std::string("the handle must be of a ") + KindName(kind) + ", not " +
                                               (other ? std::string("of a ") + other : std::to_string(handle)));
  }
  if (Slot* const slot = OpenSlot(handle)) return *slot;
  if (SlotOf(handle) >= table().slots.size() || (handle >> kSlotBits & (kGenerations - 1)) == 0)
    throw Error(SORA_ERROR_INVALID_HANDLE, std::string("the handle was never given to a ") + KindName(kind));
  throw Error(SORA_ERROR_CLOSED, std::string("the ") + KindName(kind) + " is closed");
}

// With the table locked: frees a slot and returns what was in it.
std::shared_ptr<Object> Free(Slot& slot) {
  Table& t = table();
  if constexpr (IsPlanted("handle")) new std::shared_ptr<Object>(slot.object);  // never freed
  std::shared_ptr<Object> object = std::move(slot.object);
  slot.object = nullptr;
  slot.generation = slot.generation + 1 == kGenerations ? 1 : slot.generation + 1;
  t.free.push_back(static_cast<uint32_t>(&slot - t.slots.data()));
  return object;
}

}  // namespace

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kQueue: return "queue";
    case Kind::kFactory: return "factory";
    case Kind::kPeer: return "peer";
    case Kind::kDataChannel: return "data channel";
    case Kind::kTrack: return "track";
    case Kind::kAudioSource: return "audio source";
    case Kind::kVideoSource: return "video source";
    case Kind::kAudioSink: return "audio sink";
    case Kind::kVideoSink: return "video sink";
    case Kind::kVideoFrame: return "video frame";
    case Kind::kVad: return "voice activity detector";
    case Kind::kTransformer: return "transformer";
    case Kind::kEncodedFrame: return "encoded frame";
    case Kind::kUdpPort: return "UDP port";
    case Kind::kTransport: return "transport";
  }
  return nullptr;
}

Object::Object() { live.fetch_add(1, std::memory_order_relaxed); }
Object::~Object() { live.fetch_sub(1, std::memory_order_relaxed); }
uint32_t LiveObjects() { return live.load(std::memory_order_relaxed); }

uint32_t Open(Kind kind, std::shared_ptr<Object> object) {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  uint32_t index;
  if (t.free.size() > kReuseDistance || (t.slots.size() == kSlots && !t.free.empty())) {
    index = t.free.front();
    t.free.pop_front();
  } else if (t.slots.size() < kSlots) {
    index = static_cast<uint32_t>(t.slots.size());
    t.slots.emplace_back();
  } else {
    throw Error(SORA_ERROR_LIMIT, std::to_string(kSlots) + " native objects are open: close some, video frames first");
  }
  Slot& slot = t.slots[index];
  slot.kind = kind;
  slot.realm = thread_realm;
  slot.object = std::move(object);
  return Encode(kind, slot.generation, index);
}

void SetThreadRealm(uint32_t realm) noexcept { thread_realm = realm; }

std::vector<uint32_t> HandlesOf(uint32_t realm) {
  Table& t = table();
  std::lock_guard lock(t.mutex);
  std::vector<uint32_t> handles;
  for (uint32_t index = 0; index < t.slots.size(); ++index) {
    const Slot& slot = t.slots[index];
    if (slot.object && slot.realm == realm) handles.push_back(Encode(slot.kind, slot.generation, index));
  }
  return handles;
}

std::shared_ptr<Object> Find(Kind kind, uint32_t handle) {
  std::lock_guard lock(table().mutex);
  return Locate(kind, handle).object;
}

std::shared_ptr<Object> Take(Kind kind, uint32_t handle) {
  std::lock_guard lock(table().mutex);
  return Free(Locate(kind, handle));
}

std::shared_ptr<Object> FindIfOpen(uint32_t handle) noexcept {
  std::lock_guard lock(table().mutex);
  const Slot* const slot = OpenSlot(handle);
  return slot ? slot->object : nullptr;
}

std::shared_ptr<Object> TakeIfOpen(uint32_t handle) noexcept {
  std::lock_guard lock(table().mutex);
  Slot* const slot = OpenSlot(handle);
  return slot ? Free(*slot) : nullptr;
}

void Abandon(uint32_t handle) noexcept {
  std::shared_ptr<Object> object = TakeIfOpen(handle);
  if (!object) return;
  Object* const abandoned = object.get();
  abandoned->Abandon(std::move(object), handle);
}

bool IsOpen(uint32_t handle) noexcept {
  std::lock_guard lock(table().mutex);
  return OpenSlot(handle) != nullptr;
}

}  // namespace sora
