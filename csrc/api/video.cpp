#include "sora_ffi/video.h"

#include <algorithm>
#include <utility>

#include "api/arguments.h"
#include "media/caller_time.h"
#include "media/video_format.h"
#include "media/video_sink.h"
#include "media/video_source.h"
#include "runtime/factory.h"

using namespace sora;

namespace {

constexpr int kMinSide = 2;  // of frames to send

void RequireSize(uint32_t size, const VideoLayout& layout) {
  if (size < layout.size)
    throw Error(SORA_ERROR_BUFFER_TOO_SMALL,
                "size must be at least " + std::to_string(layout.size) + " bytes, not " + std::to_string(size));
}

}  // namespace

SORA_EXPORT int32_t sora_video_frame_size(uint32_t format, uint32_t width, uint32_t height, uint32_t stride) {
  return Guard([&] { return static_cast<int32_t>(Layout(format, width, height, stride).size); });
}

SORA_EXPORT int32_t sora_video_source_create(uint32_t factory, uint32_t* out_source) {
  return Guard([&] {
    Require(out_source, "out_source is null");
    const auto owner = Find<Factory>(factory);
    const uint32_t handle = Open(VideoSource::kKind, std::make_shared<VideoSource>(owner->runtime()));
    owner->Adopt(handle);
    *out_source = handle;
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_source_push(uint32_t source, const uint8_t* data, uint32_t size, uint32_t width,
                                           uint32_t height, uint32_t stride, uint32_t format, uint32_t rotation,
                                           double timestamp_us) {
  return Guard([&] {
    Require(data, "data is null");
    const VideoLayout layout = Layout(format, width, height, stride);
    RequireSize(size, layout);
    const auto video_rotation = Rotation(rotation);
    const int64_t time_us = CallerTime(timestamp_us);
    const auto found = Find<VideoSource>(source);
    if (layout.width < kMinSide || layout.height < kMinSide)
      throw Error(SORA_ERROR_INVALID_ARGUMENT, "a frame to send must be at least 2 x 2, not " + std::to_string(width) +
                                                   " x " + std::to_string(height) +
                                                   ": encoders produce nothing for one pixel");
    return found->Push(layout, data, video_rotation, time_us) ? 1 : 0;
  });
}

SORA_EXPORT int32_t sora_video_source_push_frame(uint32_t source, uint32_t frame) {
  return Guard([&] {
    const auto found = Find<VideoSource>(source);
    const auto pushed = Find<VideoFrame>(frame);
    // No error: its sender chose the size, not the caller.
    if (pushed->frame().width() < kMinSide || pushed->frame().height() < kMinSide) return 0;
    return found->Push(pushed->frame(), pushed->time_us()) ? 1 : 0;
  });
}

SORA_EXPORT int32_t sora_video_source_close(uint32_t source) {
  return Guard([&] {
    VideoSource::Close(Take<VideoSource>(source));
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_sink_create(uint32_t track, uint32_t capacity, uint32_t* out_sink) {
  return Guard([&] {
    Require(out_sink, "out_sink is null");
    RequireRange("capacity", capacity, 1, 32);
    auto found = Find<Track>(track);
    Require(found->video(), "track must be a video track, and it is audio");
    *out_sink = VideoSink::Create(std::move(found), capacity);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_sink_take(uint32_t sink, double* info) {
  return Guard([&]() -> int32_t {
    Require(info, "info is null");
    if (!Find<VideoSink>(sink)->Take(info)) return Fail(SORA_ERROR_WOULD_BLOCK, "the sink has no frame");
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_sink_dropped(uint32_t sink) {
  return Guard([&] { return static_cast<int32_t>(std::min(Find<VideoSink>(sink)->dropped(), 2'147'483'647.0)); });
}

SORA_EXPORT int32_t sora_video_sink_close(uint32_t sink) {
  return Guard([&] {
    sora::Take<VideoSink>(sink)->Detach(/*ended=*/false);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_frame_copy(uint32_t frame, uint32_t format, uint8_t* buffer, uint32_t size, uint32_t stride,
                                          uint32_t upright) {
  return Guard([&] {
    Require(buffer, "buffer is null");
    RequireFlag("upright", upright);
    const auto found = Find<VideoFrame>(frame);
    const auto& source = found->frame();
    auto width = static_cast<uint32_t>(source.width()), height = static_cast<uint32_t>(source.height());
    if (upright == 1 && source.rotation() % 180 != 0) std::swap(width, height);
    const VideoLayout layout = Layout(format, width, height, stride);
    RequireSize(size, layout);
    found->Copy(upright == 1, layout, buffer);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_frame_transfer(uint32_t frame, double* info) {
  return Guard([&] {
    Require(info, "info is null");
    auto taken = sora::Take<VideoFrame>(frame);
    taken->Describe(info);
    taken->Transfer();
    info[SORA_VIDEO_INFO_FRAME] = Open(VideoFrame::kKind, std::move(taken));
    info[SORA_VIDEO_INFO_DROPPED] = 0;
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_video_frame_release(uint32_t frame) {
  return Guard([&] {
    sora::Take<VideoFrame>(frame);
    return SORA_OK;
  });
}
