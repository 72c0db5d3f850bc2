// What the JavaScript of a thread owns, which is closed when that JavaScript is gone: the inside of sora_ffi/realm.h.
#ifndef SORA_CORE_REALM_H
#define SORA_CORE_REALM_H

#include <cstdint>

namespace sora {

void EnterRealm(uint32_t key);
void LeaveRealm(uint32_t key);

}  // namespace sora

#endif
