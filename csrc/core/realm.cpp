#include "core/realm.h"

#include <pthread.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

#include "core/object.h"

namespace sora {
namespace {

// How long a program that is about to end may still use what is open.
constexpr std::chrono::seconds kLeaving{1};
// How many objects on their way from a realm that has ended are kept.
constexpr size_t kMaxInTransit = 32;

struct Realm {
  uint32_t key;
  uint32_t number;
};

std::atomic<uint32_t> last_number{0};

uint32_t NextNumber() {
  uint32_t number;
  do number = last_number.fetch_add(1) + 1;
  while (number == 0);
  return number;
}

// Keeps an object that is on its way, and drops the oldest beyond the bound.
void KeepInTransit(uint32_t handle) {
  static std::mutex* const mutex = new std::mutex;
  static auto* const kept = new std::deque<uint32_t>;
  uint32_t oldest = 0;
  {
    std::lock_guard lock(*mutex);
    kept->push_back(handle);
    if (kept->size() > kMaxInTransit) {
      oldest = kept->front();
      kept->pop_front();
    }
  }
  if (oldest) TakeIfOpen(oldest);
}

void Close(uint32_t handle) noexcept {
  // Its parent or another thread may have closed it.
  const auto object = FindIfOpen(handle);
  if (object && object->in_transit())
    KeepInTransit(handle);
  else
    Abandon(handle);
}

// Closes everything that a realm opened. Does not wait, as no closing does.
void End(uint32_t number) noexcept {
  try {
    const auto handles = HandlesOf(number);
    for (const uint32_t handle : handles)
      if (KindOf(handle) == Kind::kQueue) Close(handle);
    for (const uint32_t handle : handles)
      if (KindOf(handle) == Kind::kFactory) Close(handle);
    for (const uint32_t handle : handles) Close(handle);
  } catch (...) {
    // Out of memory at worst: the rest stays open.
  }
}

void OnThreadEnd(void* value) {
  const auto* const realm = static_cast<Realm*>(value);
  SetThreadRealm(0);
  End(realm->number);
  delete realm;
}

pthread_key_t Key() {
  static const pthread_key_t key = [] {
    pthread_key_t made;
    if (pthread_key_create(&made, &OnThreadEnd) != 0)
      throw Error(SORA_ERROR_LIMIT, "the process has no thread-specific key left (PTHREAD_KEYS_MAX)");
    return made;
  }();
  return key;
}

std::atomic<bool> entered{false};  // the key exists

Realm* Current() {
  return entered.load(std::memory_order_acquire) ? static_cast<Realm*>(pthread_getspecific(Key())) : nullptr;
}

}  // namespace

void EnterRealm(uint32_t key) {
  const pthread_key_t slot = Key();
  entered.store(true, std::memory_order_release);
  if (Realm* const before = Current()) {
    if (before->key == key) return;
    End(before->number);
    *before = {key, NextNumber()};
    SetThreadRealm(before->number);
    return;
  }
  auto realm = std::make_unique<Realm>(Realm{key, NextNumber()});
  if (pthread_setspecific(slot, realm.get()) != 0)
    throw Error(SORA_ERROR_LIMIT, "out of memory for the realm of this thread");
  SetThreadRealm(realm.release()->number);
}

void LeaveRealm(uint32_t key) {
  const Realm* const realm = Current();
  if (!realm || realm->key != key) return;
  try {
    std::thread([number = realm->number] {
      std::this_thread::sleep_for(kLeaving);
      End(number);
    }).detach();
  } catch (const std::system_error&) {
    // It ends with its thread then, or when the next one begins.
  }
}

}  // namespace sora
