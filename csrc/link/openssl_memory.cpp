// Memory for OpenSSL, which keeps three buffers for 16 kB and more with each DTLS session: for messages of a handshake, for records
// that are read, for those that come before their keys. Of each, a kilobyte or two is ever used, since a datagram is no longer. Out
// of a heap all of a buffer is resident as a rule, because somebody else has used its pages before. Here each has pages of its own,
// and the system gives memory to those that are written to.
#include <openssl/buffer.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>

namespace {

// The buffers have from 15,336 bytes (early records) to 21,848 (the handshake). One that holds what is sent exists only while
// something is.
constexpr size_t kSmallest = 14 * 1024, kBlock = 24 * 1024;
// On a machine with larger pages everything is in the heap.
constexpr size_t kPage = 4096;
// Address space for some 3,600 sessions; what comes later is in the heap.
constexpr size_t kSpace = 256 << 20, kBlocks = kSpace / kBlock;
// Made writable at a time.
constexpr size_t kStep = 64;
// Blocks that keep their pages when they are free, for the next record to be sent.
constexpr size_t kWarm = 8;

// Fills with zeros, and gives whole pages back to the system.
void Discard(uint8_t* begin, size_t size) {
  const auto to_page = [](uint8_t* address) { return (kPage - reinterpret_cast<uintptr_t>(address) % kPage) % kPage; };
  const size_t before = to_page(begin), pages = size > before ? (size - before) / kPage * kPage : 0;
  // Refused where all memory is locked.
  if (pages == 0 || madvise(begin + before, pages, MADV_DONTNEED) != 0) {
    std::memset(begin, 0, size);
    return;
  }
  std::memset(begin, 0, before);
  std::memset(begin + before + pages, 0, size - before - pages);
}

class Blocks {
 public:
  bool Has(const void* memory) const {
    const auto space = reinterpret_cast<uintptr_t>(space_.load(std::memory_order_relaxed));
    return space && reinterpret_cast<uintptr_t>(memory) - space < kSpace;
  }

  // Null where there is none for this size. zeros: filled with them, none of its pages being there yet.
  void* Take(size_t size, bool zeros) {
    if (size < kSmallest || size > kBlock) return nullptr;
    std::lock_guard lock(mutex_);
    if (!zeros && warm_count_ > 0) return At(warm_[--warm_count_]);
    if (cold_count_ > 0) return At(cold_[--cold_count_]);
    if (made_ == writable_ && !Extend()) return nullptr;
    return At(made_++);
  }

  // secret: nobody may read any more what is in it.
  void Give(void* memory, bool secret) {
    const auto index = static_cast<uint16_t>((static_cast<uint8_t*>(memory) - At(0)) / kBlock);
    {
      std::lock_guard lock(mutex_);
      if (!secret && warm_count_ < kWarm) {
        warm_[warm_count_++] = index;
        return;
      }
    }
    // Before anybody else can take it.
    Discard(At(index), kBlock);
    std::lock_guard lock(mutex_);
    cold_[cold_count_++] = index;
  }

 private:
  uint8_t* At(size_t index) const { return space_.load(std::memory_order_relaxed) + index * kBlock; }

  bool Extend() {
    if (!space_.load(std::memory_order_relaxed)) {
      if (sysconf(_SC_PAGESIZE) != kPage) return false;
      void* const space = mmap(nullptr, kSpace, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (space == MAP_FAILED) return false;
      space_.store(static_cast<uint8_t*>(space), std::memory_order_relaxed);
    }
    const size_t more = kBlocks - made_ < kStep ? kBlocks - made_ : kStep;
    if (more == 0 || mprotect(At(made_), more * kBlock, PROT_READ | PROT_WRITE) != 0) return false;
    // Large pages would be resident as a whole.
    madvise(At(made_), more * kBlock, MADV_NOHUGEPAGE);
    writable_ += more;
    return true;
  }

  std::mutex mutex_;
  std::atomic<uint8_t*> space_ = nullptr;
  size_t made_ = 0, writable_ = 0;
  size_t warm_count_ = 0, cold_count_ = 0;
  uint16_t warm_[kWarm] = {};
  uint16_t cold_[kBlocks] = {};  // as many pages of it are resident as were needed at once
};
static_assert(kBlocks <= UINT16_MAX);

constinit Blocks blocks;

void* Allocate(size_t size, const char*, int) {
  if (size == 0) return nullptr;
  if (void* const block = blocks.Take(size, false)) return block;
  return std::malloc(size);
}

void Free(void* memory, const char*, int) {
  if (blocks.Has(memory)) return blocks.Give(memory, false);
  std::free(memory);
}

void* Reallocate(void* memory, size_t size, const char* file, int line) {
  if (!memory) return Allocate(size, file, line);
  if (size == 0) return Free(memory, file, line), nullptr;
  if (!blocks.Has(memory)) return std::realloc(memory, size);
  if (size <= kBlock) return memory;
  void* const larger = std::malloc(size);
  if (!larger) return nullptr;
  std::memcpy(larger, memory, kBlock);
  blocks.Give(memory, true);
  return larger;
}

// Before anything of OpenSSL's is called, which would take its functions for good.
__attribute__((constructor(101))) void SetFunctions() { CRYPTO_set_mem_functions(Allocate, Reallocate, Free); }

// Fills with zeros.
void Clear(char* from, size_t size) {
  if (blocks.Has(from)) return Discard(reinterpret_cast<uint8_t*>(from), size);
  std::memset(from, 0, size);
}

// Room for `size` bytes instead of those of `buffer`, whose content is kept; null when there is none.
char* Resize(BUF_MEM& buffer, size_t size, bool clean) {
  if (buffer.flags & BUF_MEM_FLAG_SECURE) {
    auto* const room = static_cast<char*>(OPENSSL_secure_malloc(size));
    if (!room || !buffer.data) return room;
    std::memcpy(room, buffer.data, buffer.length);
    OPENSSL_secure_clear_free(buffer.data, buffer.max);
    return room;
  }
  return static_cast<char*>(clean ? OPENSSL_clear_realloc(buffer.data, buffer.max, size)
                                  : OPENSSL_realloc(buffer.data, size));
}

// clean: what the buffer had beyond its new length is to be zeros.
size_t SetLength(BUF_MEM& buffer, size_t length, bool clean) {
  if (buffer.length >= length) {
    if (clean && buffer.data) Clear(buffer.data + length, buffer.length - length);
    return buffer.length = length;
  }
  char* zeros = nullptr;
  if (buffer.max < length) {
    if (length > 0x5ffffffc) {  // four thirds of more are no int
      ERR_raise(ERR_LIB_BUF, ERR_R_PASSED_INVALID_ARGUMENT);
      return 0;
    }
    const size_t size = (length + 3) / 3 * 4;
    if (!buffer.data && !(buffer.flags & BUF_MEM_FLAG_SECURE)) zeros = static_cast<char*>(blocks.Take(size, true));
    char* const room = zeros ? zeros : Resize(buffer, size, clean);
    if (!room) return 0;
    buffer.data = room;
    buffer.max = size;
  }
  if (!zeros && buffer.data) Clear(buffer.data + buffer.length, length - buffer.length);
  return buffer.length = length;
}

}  // namespace

// In place of OpenSSL's, which write zeros to all of a buffer when it is made, when it shrinks and when it is freed. They are all that
// its file of them has, so that the linker leaves that out.
#define BUFFER extern "C" __attribute__((visibility("hidden")))

BUFFER BUF_MEM* BUF_MEM_new() { return static_cast<BUF_MEM*>(OPENSSL_zalloc(sizeof(BUF_MEM))); }

BUFFER BUF_MEM* BUF_MEM_new_ex(unsigned long flags) {
  BUF_MEM* const buffer = BUF_MEM_new();
  if (buffer) buffer->flags = flags;
  return buffer;
}

BUFFER void BUF_MEM_free(BUF_MEM* buffer) {
  if (!buffer) return;
  if (blocks.Has(buffer->data))
    blocks.Give(buffer->data, true);
  else if (buffer->flags & BUF_MEM_FLAG_SECURE)
    OPENSSL_secure_clear_free(buffer->data, buffer->max);
  else
    OPENSSL_clear_free(buffer->data, buffer->max);
  OPENSSL_free(buffer);
}

BUFFER size_t BUF_MEM_grow(BUF_MEM* buffer, size_t length) { return SetLength(*buffer, length, false); }

BUFFER size_t BUF_MEM_grow_clean(BUF_MEM* buffer, size_t length) { return SetLength(*buffer, length, true); }

BUFFER void BUF_reverse(unsigned char* to, const unsigned char* from, size_t size) {
  if (from) std::memcpy(to, from, size);
  std::reverse(to, to + size);
}
