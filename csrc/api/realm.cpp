#include "sora_ffi/realm.h"

#include "core/realm.h"
#include "core/result.h"

using namespace sora;

SORA_EXPORT int32_t sora_realm_enter(uint32_t key) {
  return Guard([&] {
    Require(key != 0, "key must not be 0");
    EnterRealm(key);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_realm_leave(uint32_t key) {
  return Guard([&] {
    LeaveRealm(key);
    return SORA_OK;
  });
}
