// libwebrtc gives the threads of its encoders and decoders real-time priority (SCHED_FIFO) wherever the process may, such as root.
// Each pushed frame would then be encoded on the same processor before the call returns, and block JavaScript for as long (5 ms
// at 1280x720 instead of 0.7 ms). So its wishes are ignored: RaiseThread (os/thread.h)
// gives threads their priorities.
#include <pthread.h>
#include <sched.h>

extern "C" __attribute__((visibility("hidden"))) int pthread_setschedparam(pthread_t, int, const sched_param*) { return 0; }
