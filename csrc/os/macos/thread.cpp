#include "os/thread.h"

#include <pthread.h>

namespace sora {

void NameThread(const std::string& name) { pthread_setname_np(name.substr(0, 63).c_str()); }

const char* ThreadLimit() { return "the system's limit for a process (kern.num_taskthreads) is reached; close connections"; }

}  // namespace sora
