// The priorities that threads get on this machine.
#ifndef SORA_RUNTIME_THREAD_PRIORITIES_H
#define SORA_RUNTIME_THREAD_PRIORITIES_H

#include <string>

namespace sora {

// JSON: {"audio", "network", "decoder", "encoder"}, each as RaiseThread words it. Tries it on threads of its own; throws SORA_ERROR_LIMIT
// when the system starts none.
std::string ThreadPriorities();

}  // namespace sora

#endif
