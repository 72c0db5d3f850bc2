// What of a thread is the system's.
#ifndef SORA_OS_THREAD_H
#define SORA_OS_THREAD_H

#include <string>

namespace sora {

// Gives this thread a name for debuggers and the system's tools, which may keep less of it: Linux 15 characters.
void NameThread(const std::string& name);

}  // namespace sora

#endif
