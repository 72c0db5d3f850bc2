// A session of an encoder of libnvidia-encode.
#pragma once

#include <ffnvcodec/nvEncodeAPI.h>

#include <map>
#include <memory>
#include <vector>

#include "nvidia/nvidia.h"
#include "soft/codec.h"

namespace standin {

// A buffer that a client fills, or memory of its own that it has registered.
struct Input {
  NV_ENC_BUFFER_FORMAT format = NV_ENC_BUFFER_FORMAT_UNDEFINED;
  uint32_t width = 0, height = 0, pitch = 0;
  std::vector<uint8_t> own;
  uint8_t* data = nullptr;
  bool registered = false;
  int locked = 0, mapped = 0;
};

// A buffer for a coded frame.
struct Output {
  Coded coded;
  uint64_t timestamp = 0;
  uint32_t index = 0;
  bool filled = false, locked = false;
};

struct Session {
  uint32_t api = 0;
  CUcontext context = nullptr;
  bool initialized = false;
  EncoderSettings settings;
  std::unique_ptr<Encoder> encoder;
  uint32_t max_width = 0, max_height = 0;
  // Frames from one key frame to the next, or 0 for none by itself.
  uint32_t period = 0;
  bool repeats_headers = false, key_next = false;
  uint32_t frames = 0;
  std::map<void*, std::unique_ptr<Input>> inputs;
  std::map<void*, std::unique_ptr<Output>> outputs;
  Picture picture;
  NVENCSTATUS last_error = NV_ENC_SUCCESS;

  ~Session();
  // Why a buffer or a frame with this format and size is refused, or null.
  const char* Refuse(NV_ENC_BUFFER_FORMAT format, uint32_t width, uint32_t height) const;
};

// The least and the greatest size of a codec.
struct Sizes {
  int min_width, min_height, max_width, max_height;
};
Sizes SizesOf(Codec codec);

bool CodecOf(const GUID& guid, Codec& codec);
bool operator==(const GUID& a, const GUID& b);

// Counts a call, and finds its session; null with the result that the call must return. `version` of the call's structure must be
// `number` or, as drivers take what newer clients say, one or two more.
Session* Find(const char* function, void* encoder, NVENCSTATUS& result, bool closing = false);
NVENCSTATUS CheckVersion(const char* function, const Session* session, uint32_t version, uint32_t number);
NVENCSTATUS Refused(Session* session, NVENCSTATUS status);

NVENCSTATUS OpenSession(uint32_t api, NV_ENC_DEVICE_TYPE type, void* device, void** encoder);
NVENCSTATUS CloseSession(void* encoder);

// Functions of the table, by file.
void FillQueries(NV_ENCODE_API_FUNCTION_LIST& list);
void FillBuffers(NV_ENCODE_API_FUNCTION_LIST& list);
void FillEncoding(NV_ENCODE_API_FUNCTION_LIST& list);

}  // namespace standin
