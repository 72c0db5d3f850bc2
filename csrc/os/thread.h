// What of a thread is the system's.
#ifndef SORA_OS_THREAD_H
#define SORA_OS_THREAD_H

#include <string>

namespace sora {

// Gives this thread a name for debuggers and the system's tools, which may keep less of it: Linux 15 characters, macOS 63.
void NameThread(const std::string& name);

// What a thread does, in the order in which threads come before others when there are too few processors: a block of audio that is
// late is heard, a frame that is encoded late is one frame fewer.
enum class ThreadRole { kAudio, kNetwork, kDecoder, kEncoder };
constexpr ThreadRole kThreadRoles[] = {ThreadRole::kAudio, ThreadRole::kNetwork, ThreadRole::kDecoder, ThreadRole::kEncoder};

// Puts this thread, and those that it starts, before other programs' as far as the system lets the process, and returns the priority
// that it has now, for people. Threads of a process that was itself put back (a positive nice value, another policy) stay there.
std::string RaiseThread(ThreadRole role);

// What keeps a process from starting more threads, and what to do: the end of an error's text.
const char* ThreadLimit();

}  // namespace sora

#endif
