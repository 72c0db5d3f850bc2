#include "os/thread.h"

#include <pthread.h>

namespace sora {

void NameThread(const std::string& name) { pthread_setname_np(pthread_self(), name.substr(0, 15).c_str()); }

const char* ThreadLimit() {
  return "the limit of the user (RLIMIT_NPROC) or of the container is reached; raise it or close connections";
}

}  // namespace sora
