// Buffers and surfaces of AMF's stand-in.
#pragma once

#include <vector>

#include "amf/objects.h"
#include "soft/codec.h"

namespace standin {

class BufferObject : public HostData<amf::Buffer> {
 public:
  explicit BufferObject(std::vector<uint8_t> bytes) : HostData(Kind::kBuffer), bytes_(std::move(bytes)) {}
  amf::DataType GetDataType() override { return amf::kBuffer; }
  amf::Result SetSize(size_t size) override {
    bytes_.resize(size);
    return amf::kOk;
  }
  size_t GetSize() override { return bytes_.size(); }
  void* GetNative() override { return bytes_.data(); }
  void AddBufferObserver(void*) override {}
  void RemoveBufferObserver(void*) override {}

 protected:
  bool Is(const amf::Guid& id) const override { return id == amf::kBufferId; }

 private:
  std::vector<uint8_t> bytes_;
};

// A plane lives as long as its surface.
class PlaneObject : public amf::Plane {
 public:
  PlaneObject(amf::PlaneType type, int32_t pixel, int32_t width, int32_t height, int32_t pitch)
      : type_(type),
        pixel_(pixel),
        width_(width),
        height_(height),
        pitch_(pitch),
        bytes_(static_cast<size_t>(pitch) * height, 0xAA) {}
  long Acquire() override { return 1; }
  long Release() override { return 1; }
  amf::Result QueryInterface(const amf::Guid&, void**) override { return amf::kNoInterface; }
  amf::PlaneType GetType() override { return type_; }
  void* GetNative() override { return on_host_ ? bytes_.data() : nullptr; }
  int32_t GetPixelSizeInBytes() override { return pixel_; }
  int32_t GetOffsetX() override { return 0; }
  int32_t GetOffsetY() override { return 0; }
  int32_t GetWidth() override { return width_; }
  int32_t GetHeight() override { return height_; }
  int32_t GetHPitch() override { return pitch_; }
  int32_t GetVPitch() override { return height_; }
  bool IsTiled() override { return false; }

  void Move(bool on_host) { on_host_ = on_host; }
  // Wherever it is.
  uint8_t* bytes() { return bytes_.data(); }

 private:
  bool on_host_ = true;
  const amf::PlaneType type_;
  const int32_t pixel_, width_, height_, pitch_;
  std::vector<uint8_t> bytes_;
};

// NV12, with a pitch that is never the width.
class SurfaceObject : public HostData<amf::Surface> {
 public:
  SurfaceObject(int32_t width, int32_t height)
      : HostData(Kind::kSurface),
        width_(width),
        height_(height),
        pitch_(((width + 255) & ~255) + 256),
        y_(amf::kPlaneY, 1, width, height, pitch_),
        uv_(amf::kPlaneUv, 2, width / 2, (height + 1) / 2, pitch_) {}
  // What a device decoded, in its memory.
  explicit SurfaceObject(const Picture& picture) : SurfaceObject(picture.width, picture.height) {
    ToNv12(picture, y_.bytes(), static_cast<size_t>(pitch_), uv_.bytes(), static_cast<size_t>(pitch_));
    Move(amf::kVulkan);
  }
  amf::MemoryType GetMemoryType() override { return memory_; }
  amf::Result Convert(amf::MemoryType type) override {
    std::lock_guard lock(Mutex());
    if (const amf::Result result = EnterAmf("AMFData::Convert")) return result;
    if (type != amf::kHost && type != amf::kVulkan) return amf::kNotSupported;
    Move(type);
    return amf::kOk;
  }
  amf::Result Interop(amf::MemoryType type) override { return Convert(type); }
  amf::DataType GetDataType() override { return amf::kSurface; }
  amf::SurfaceFormat GetFormat() override { return amf::kNv12; }
  size_t GetPlanesCount() override { return 2; }
  amf::Plane* GetPlaneAt(size_t index) override { return index == 0 ? &y_ : index == 1 ? &uv_ : nullptr; }
  amf::Plane* GetPlane(amf::PlaneType type) override {
    return type == amf::kPlaneY ? &y_ : type == amf::kPlaneUv ? &uv_ : nullptr;
  }
  int32_t GetFrameType() override { return 0; }
  void SetFrameType(int32_t) override {}
  amf::Result SetCrop(int32_t x, int32_t y, int32_t width, int32_t height) override {
    return x || y || width > width_ || height > height_ ? amf::kInvalidArg : amf::kOk;
  }
  amf::Result CopySurfaceRegion(amf::Surface*, int32_t, int32_t, int32_t, int32_t, int32_t, int32_t) override {
    return amf::kNotImplemented;
  }
  void AddSurfaceObserver(void*) override {}
  void RemoveSurfaceObserver(void*) override {}

  // Planes in the device's memory cannot be reached.
  void Move(amf::MemoryType type) {
    memory_ = type;
    y_.Move(type == amf::kHost);
    uv_.Move(type == amf::kHost);
  }
  // What a device reads, wherever it is.
  void Read(Picture& picture) {
    FromNv12(picture, y_.bytes(), static_cast<size_t>(pitch_), uv_.bytes(), static_cast<size_t>(pitch_));
  }
  int32_t width() const { return width_; }
  int32_t height() const { return height_; }

 protected:
  bool Is(const amf::Guid& id) const override { return id == amf::kSurfaceId; }

 private:
  const int32_t width_, height_, pitch_;
  PlaneObject y_, uv_;
  amf::MemoryType memory_ = amf::kHost;
};

}  // namespace standin
