// A header of Apple's SDK that Zig does not bring, as far as libwebrtc's headers use it. With the SDK its own is taken.
#ifndef SORA_OS_MACOS_SDK_PTHREAD_SPIS_H
#define SORA_OS_MACOS_SDK_PTHREAD_SPIS_H

#include <pthread.h>

#define _PTHREAD_MUTEX_POLICY_FIRSTFIT PTHREAD_MUTEX_POLICY_FIRSTFIT_NP

#endif
