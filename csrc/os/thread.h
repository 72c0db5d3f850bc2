// What of a thread is the system's.
#ifndef SORA_OS_THREAD_H
#define SORA_OS_THREAD_H

#include <string>

namespace sora {

// Gives this thread a name for debuggers and the system's tools, which may keep less of it: Linux 15 characters, macOS 63.
void NameThread(const std::string& name);

// What keeps a process from starting more threads, and what to do: the end of an error's text.
const char* ThreadLimit();

}  // namespace sora

#endif
