#include "os/thread.h"

#include <pthread.h>

namespace sora {

void NameThread(const std::string& name) { pthread_setname_np(name.substr(0, 63).c_str()); }

// Classes of service (pthread_set_qos_class_self_np) would do it here.
std::string RaiseThread(ThreadRole) { return "that of the process"; }

const char* ThreadLimit() { return "the system's limit for a process (kern.num_taskthreads) is reached; close connections"; }

}  // namespace sora
