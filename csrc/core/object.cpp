#include "core/object.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "core/realm.h"

namespace sora {
namespace {

constexpr uint32_t kSlotBits = 14, kGenerationBits = 14;
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

uint32_t Encode(Kind kind, uint32_t generation, uint32_t slot) {
  return static_cast<uint32_t>(kind) << (kSlotBits + kGenerationBits) | generation << kSlotBits | slot;
}

// With the table locked.
Slot& Locate(Kind kind, uint32_t handle) {
  Table& t = table();
  const uint32_t slot = handle & (kSlots - 1);
  const uint32_t generation = handle >> kSlotBits & (kGenerations - 1);
  if (KindOf(handle) != kind) {
    throw Error(SORA_ERROR_INVALID_HANDLE, std::string("a ") + KindName(kind) + " was asked for, but the handle is " +
                                               (handle ? "of a " : "") + KindName(KindOf(handle)));
  }
  if (slot >= t.slots.size() || generation == 0)
    throw Error(SORA_ERROR_INVALID_HANDLE, std::string("no ") + KindName(kind) + " was ever given this handle");
  Slot& found = t.slots[slot];
  if (found.generation != generation || found.kind != kind || !found.object)
    throw Error(SORA_ERROR_CLOSED, std::string("the ") + KindName(kind) + " is closed");
  return found;
}

// With the table locked: what was in the slot, which is free from now on.
std::shared_ptr<Object> Free(Slot& slot) {
  Table& t = table();
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
  }
  return "not a handle";
}

Object::Object() { live.fetch_add(1, std::memory_order_relaxed); }
Object::~Object() { live.fetch_sub(1, std::memory_order_relaxed); }
uint32_t LiveObjects() { return live.load(std::memory_order_relaxed); }

uint32_t Open(Kind kind, std::shared_ptr<Object> object) {
  const uint32_t realm = CurrentRealm();
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
  slot.realm = realm;
  slot.object = std::move(object);
  return Encode(kind, slot.generation, index);
}

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

bool IsOpen(uint32_t handle) noexcept {
  try {
    std::lock_guard lock(table().mutex);
    Locate(KindOf(handle), handle);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void Drop(Kind kind, uint32_t handle) noexcept {
  std::shared_ptr<Object> object;  // destroyed after the table is unlocked
  try {
    object = Take(kind, handle);
  } catch (const Error&) {
  }
}

}  // namespace sora
