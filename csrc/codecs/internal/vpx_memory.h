// libvpx's functions for its memory, which its archive has no header for.
#ifndef SORA_CODECS_INTERNAL_VPX_MEMORY_H
#define SORA_CODECS_INTERNAL_VPX_MEMORY_H

#include <cstddef>

extern "C" {
void* vpx_memalign(size_t align, size_t size);
void* vpx_malloc(size_t size);
void* vpx_calloc(size_t count, size_t size);
void vpx_free(void* memory);
}

#endif
