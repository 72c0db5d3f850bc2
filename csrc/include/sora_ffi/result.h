/* Results, error texts and versions. */
#ifndef SORA_FFI_RESULT_H
#define SORA_FFI_RESULT_H

#include <stdint.h>

#ifdef __cplusplus
#define SORA_EXPORT extern "C" __attribute__((visibility("default")))
#else
#define SORA_EXPORT __attribute__((visibility("default")))
#endif

/* Changes with every incompatible change of this header; ffi/ refuses a library with another number. */
#define SORA_ABI_VERSION 1

typedef enum sora_result {
  SORA_OK = 0,
  SORA_ERROR_INVALID_ARGUMENT = -1, /* an argument is out of range or malformed */
  SORA_ERROR_INVALID_HANDLE = -2,   /* never given, or of another kind than the function expects */
  SORA_ERROR_CLOSED = -3,           /* the object was closed */
  SORA_ERROR_INVALID_STATE = -4,    /* not possible in the object's present state */
  SORA_ERROR_BUFFER_TOO_SMALL = -5, /* the buffer cannot hold the result */
  SORA_ERROR_LIMIT = -6,            /* a bound is reached: handles, held frames, buffered bytes, threads */
  SORA_ERROR_WOULD_BLOCK = -7,      /* nothing to read yet */
  SORA_ERROR_UNSUPPORTED = -8,      /* not available in this build or on this machine */
  SORA_ERROR_INTERNAL = -9          /* libwebrtc failed, or a C++ exception was caught */
} sora_result;

/* SORA_ABI_VERSION of the loaded library. Does nothing else, so that the cost of a call can be measured with it. */
SORA_EXPORT uint32_t sora_abi_version(void);

/* Writes a JSON object {"abi", "library", "libwebrtc", "platform"} into buffer, cut at size; returns its full length in
 * bytes. With size 0 only the length is returned. */
SORA_EXPORT int32_t sora_version(uint8_t* buffer, uint32_t size);

/* Writes the text of the last error on this thread into buffer, cut at size; returns its full length in bytes. */
SORA_EXPORT int32_t sora_last_error(uint8_t* buffer, uint32_t size);

/* The number of native objects alive in the process: open ones, and those that are still closing. */
SORA_EXPORT uint32_t sora_live_objects(void);

#endif
