#include "sora_ffi/transformer.h"

#include <algorithm>
#include <cstring>

#include "api/arguments.h"
#include "media/track.h"
#include "media/transformer.h"
#include "runtime/factory.h"
#include "peer/peer.h"

using namespace sora;

SORA_EXPORT int32_t sora_transformer_create(uint32_t factory, uint32_t video, uint32_t capacity, uint32_t* out_transformer) {
  return Guard([&] {
    Require(out_transformer, "out_transformer is null");
    RequireFlag("video", video);
    RequireRange("capacity", capacity, 1, 1024);
    const auto transformer = std::make_shared<Transformer>(Find<Factory>(factory)->runtime(), video == 1, capacity);
    *out_transformer = Open(Transformer::kKind, transformer);
    transformer->transformer()->Start(*out_transformer);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_peer_set_sender_transformer(uint32_t peer, const uint8_t* mid, uint32_t mid_size,
                                                     uint32_t transformer, uint32_t request) {
  return Guard([&] {
    Require(mid || mid_size == 0, "mid is null");
    Find<Peer>(peer)->SetSenderTransformer(std::string(reinterpret_cast<const char*>(mid), mid_size),
                                           Find<Transformer>(transformer)->transformer(), request);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_track_set_transformer(uint32_t track, uint32_t transformer) {
  return Guard([&] {
    auto found = Find<Track>(track);
    const auto frame_transformer = Find<Transformer>(transformer)->transformer();
    Require(found->video() == frame_transformer->video(), "track and transformer must be of the same kind, audio or video");
    const auto runtime = found->runtime();
    Runtime::Post(runtime, [track = std::move(found), frame_transformer] {
      track->receiver()->SetDepacketizerToDecoderFrameTransformer(frame_transformer);
    });
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transformer_take(uint32_t transformer, double* info, uint32_t size) {
  return Guard([&]() -> int32_t {
    Require(info, "info is null");
    Require(size >= SORA_TRANSFORMER_INFO_COUNT, "size must be at least SORA_TRANSFORMER_INFO_COUNT");
    if (!Find<Transformer>(transformer)->transformer()->Take({info, size}))
      return Fail(SORA_ERROR_WOULD_BLOCK, "the transformer has no frame");
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transformer_enqueue(uint32_t transformer, uint32_t frame) {
  return Guard([&] {
    const auto found = Find<Transformer>(transformer);
    found->transformer()->Enqueue(sora::Take<EncodedFrame>(frame)->Release());
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transformer_start_short_circuiting(uint32_t transformer) {
  return Guard([&] {
    Find<Transformer>(transformer)->transformer()->StartShortCircuiting();
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_transformer_close(uint32_t transformer) {
  return Guard([&] {
    sora::Take<Transformer>(transformer)->transformer()->StartShortCircuiting();
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_encoded_frame_data(uint32_t frame, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    Require(buffer || size == 0, "buffer is null");
    return static_cast<int32_t>(Find<EncodedFrame>(frame)->Data(buffer, size));
  });
}

SORA_EXPORT int32_t sora_encoded_frame_set_data(uint32_t frame, const uint8_t* data, uint32_t size) {
  return Guard([&] {
    Require(data || size == 0, "data is null");
    RequireRange("size", size, 0, 16 * 1024 * 1024);
    Find<EncodedFrame>(frame)->SetData(data, size);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_encoded_frame_mime_type(uint32_t frame, uint8_t* buffer, uint32_t size) {
  return Guard([&] {
    Require(buffer || size == 0, "buffer is null");
    const std::string text = Find<EncodedFrame>(frame)->MimeType();
    if (size) std::memcpy(buffer, text.data(), std::min<size_t>(size, text.size()));
    return static_cast<int32_t>(text.size());
  });
}

SORA_EXPORT int32_t sora_encoded_frame_release(uint32_t frame) {
  return Guard([&] {
    sora::Take<EncodedFrame>(frame);
    return SORA_OK;
  });
}
