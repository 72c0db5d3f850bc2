#include "media/frame_buffers.h"

#include <new>

#include "core/frame_memory.h"

namespace sora {
namespace {

constexpr std::align_val_t kAlignment{64};

uint8_t* Allocate(size_t size) {
  if (size < kLargeFrame) return static_cast<uint8_t*>(operator new(size, kAlignment));
  uint8_t* const memory = AllocateFrame(size);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

FrameBuffer::FrameBuffer(int width, int height)
    : width_(width),
      height_(height),
      luma_(static_cast<size_t>(width) * height),
      chroma_(static_cast<size_t>((width + 1) / 2) * ((height + 1) / 2)),
      memory_(Allocate(size())) {}

FrameBuffer::~FrameBuffer() {
  if (size() >= kLargeFrame) {
    FreeFrame(memory_);
  } else {
    operator delete(memory_, kAlignment);
  }
}

rtc::scoped_refptr<FrameBuffer> FrameBufferPool::Take(int width, int height) {
  ++frames_;
  std::erase_if(entries_, [&](const Entry& entry) {
    const FrameBuffer& buffer = *entry.buffer;
    if (buffer.width() != width || buffer.height() != height) return true;
    return entry.buffer->HasOneRef() && frames_ - entry.taken > kKeptFor;
  });
  for (Entry& entry : entries_) {
    if (!entry.buffer->HasOneRef()) continue;
    entry.taken = frames_;
    return entry.buffer;
  }
  if (entries_.size() == most_) return nullptr;
  entries_.push_back({decltype(Entry::buffer)(new rtc::RefCountedObject<FrameBuffer>(width, height)), frames_});
  return entries_.back().buffer;
}

}  // namespace sora
