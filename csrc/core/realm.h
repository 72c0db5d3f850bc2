// What belongs to the JavaScript of a thread, and is closed when that is gone: the inside of sora_ffi/realm.h.
#ifndef SORA_CORE_REALM_H
#define SORA_CORE_REALM_H

#include <cstdint>

namespace sora {

// The realm of this thread; 0 outside of realms.
uint32_t CurrentRealm() noexcept;

void EnterRealm(uint32_t key);
void LeaveRealm(uint32_t key);

}  // namespace sora

#endif
