// Buffers of a session, and memory that clients register with it.
#include "nvidia/session.h"

namespace standin {
namespace {

template <typename Map>
auto* Get(Session* session, Map& map, void* handle, const char* function) {
  const auto found = map.find(handle);
  if (found == map.end()) {
    Misuse("%s: not a buffer of this session", function);
    session->last_error = NV_ENC_ERR_INVALID_PTR;
  }
  return found == map.end() ? nullptr : found->second.get();
}

NVENCSTATUS CreateInput(void* encoder, NV_ENC_CREATE_INPUT_BUFFER* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncCreateInputBuffer", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncCreateInputBuffer", session, parameters->version, 1)) return status;
  if (!session->initialized) return Refused(session, NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  if (const char* reason = session->Refuse(parameters->bufferFmt, parameters->width, parameters->height)) {
    Misuse("nvEncCreateInputBuffer: %s", reason);
    return Refused(session, NV_ENC_ERR_INVALID_PARAM);
  }
  auto input = std::make_unique<Input>();
  input->format = parameters->bufferFmt;
  input->width = parameters->width;
  input->height = (parameters->height + 1) & ~1u;
  // Never the width, so that who leaves the pitch out gets a picture that is askew.
  input->pitch = ((parameters->width + 255) & ~255u) + 256;
  input->own.assign(static_cast<size_t>(input->pitch) * input->height * 3 / 2, 0xAA);
  input->data = input->own.data();
  parameters->inputBuffer = input.get();
  session->inputs[parameters->inputBuffer] = std::move(input);
  Opened(Kind::kBuffer);
  return NV_ENC_SUCCESS;
}

// Ends a buffer, or memory that was registered.
NVENCSTATUS Drop(const char* function, void* encoder, void* handle) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find(function, encoder, result, true);
  if (!session) return result;
  Input* input = Get(session, session->inputs, handle, function);
  if (!input) return NV_ENC_ERR_INVALID_PTR;
  if (input->locked || input->mapped) Misuse("%s: the buffer is locked or mapped", function);
  Closed(Kind::kLock, input->locked);
  Closed(Kind::kMap, input->mapped);
  session->inputs.erase(handle);
  Closed(Kind::kBuffer);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS DestroyInput(void* encoder, void* handle) { return Drop("nvEncDestroyInputBuffer", encoder, handle); }

NVENCSTATUS LockInput(void* encoder, NV_ENC_LOCK_INPUT_BUFFER* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncLockInputBuffer", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncLockInputBuffer", session, parameters->version, 1)) return status;
  Input* input = Get(session, session->inputs, parameters->inputBuffer, "nvEncLockInputBuffer");
  if (!input) return NV_ENC_ERR_INVALID_PTR;
  if (input->locked || input->registered) {
    Misuse("nvEncLockInputBuffer: the buffer is locked or the client's own");
    return Refused(session, NV_ENC_ERR_LOCK_BUSY);
  }
  input->locked = 1;
  Opened(Kind::kLock);
  parameters->bufferDataPtr = input->data;
  parameters->pitch = input->pitch;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS UnlockInput(void* encoder, void* handle) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncUnlockInputBuffer", encoder, result, true);
  if (!session) return result;
  Input* input = Get(session, session->inputs, handle, "nvEncUnlockInputBuffer");
  if (!input) return NV_ENC_ERR_INVALID_PTR;
  if (!input->locked) {
    Misuse("nvEncUnlockInputBuffer: the buffer is not locked");
    return Refused(session, NV_ENC_ERR_INVALID_CALL);
  }
  input->locked = 0;
  Closed(Kind::kLock);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS CreateOutput(void* encoder, NV_ENC_CREATE_BITSTREAM_BUFFER* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncCreateBitstreamBuffer", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncCreateBitstreamBuffer", session, parameters->version, 1)) return status;
  if (!session->initialized) return Refused(session, NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  auto output = std::make_unique<Output>();
  parameters->bitstreamBuffer = output.get();
  session->outputs[parameters->bitstreamBuffer] = std::move(output);
  Opened(Kind::kBuffer);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS DestroyOutput(void* encoder, void* handle) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncDestroyBitstreamBuffer", encoder, result, true);
  if (!session) return result;
  Output* output = Get(session, session->outputs, handle, "nvEncDestroyBitstreamBuffer");
  if (!output) return NV_ENC_ERR_INVALID_PTR;
  if (output->locked) Misuse("nvEncDestroyBitstreamBuffer: the buffer is locked"), Closed(Kind::kLock);
  session->outputs.erase(handle);
  Closed(Kind::kBuffer);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS LockOutput(void* encoder, NV_ENC_LOCK_BITSTREAM* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncLockBitstream", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncLockBitstream", session, parameters->version, 1)) return status;
  Output* output = Get(session, session->outputs, parameters->outputBitstream, "nvEncLockBitstream");
  if (!output) return NV_ENC_ERR_INVALID_PTR;
  if (!output->filled || output->locked) {
    Misuse("nvEncLockBitstream: the buffer is %s", output->locked ? "locked" : "empty");
    return Refused(session, output->locked ? NV_ENC_ERR_LOCK_BUSY : NV_ENC_ERR_INVALID_PARAM);
  }
  output->locked = true;
  Opened(Kind::kLock);
  parameters->bitstreamBufferPtr = output->coded.bytes.data();
  parameters->bitstreamSizeInBytes = static_cast<uint32_t>(output->coded.bytes.size());
  parameters->outputTimeStamp = output->timestamp;
  parameters->frameIdx = output->index;
  parameters->pictureType = output->coded.key ? NV_ENC_PIC_TYPE_IDR : NV_ENC_PIC_TYPE_P;
  parameters->pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
  parameters->frameAvgQP = static_cast<uint32_t>(output->coded.qp);
  const int layers = session->settings.layers;
  parameters->temporalId =
      static_cast<uint32_t>(Get(Setting::kOutOfTurn) ? (output->coded.temporal_id + 1) % layers : output->coded.temporal_id);
  parameters->numSlices = 1;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS UnlockOutput(void* encoder, void* handle) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncUnlockBitstream", encoder, result, true);
  if (!session) return result;
  Output* output = Get(session, session->outputs, handle, "nvEncUnlockBitstream");
  if (!output) return NV_ENC_ERR_INVALID_PTR;
  if (!output->locked) {
    Misuse("nvEncUnlockBitstream: the buffer is not locked");
    return Refused(session, NV_ENC_ERR_INVALID_CALL);
  }
  output->locked = output->filled = false;
  Closed(Kind::kLock);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Register(void* encoder, NV_ENC_REGISTER_RESOURCE* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncRegisterResource", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncRegisterResource", session, parameters->version, 3)) return status;
  if (!session->initialized) return Refused(session, NV_ENC_ERR_ENCODER_NOT_INITIALIZED);
  const size_t size = static_cast<size_t>(parameters->pitch) * parameters->height * 3 / 2;
  const char* reason = session->Refuse(parameters->bufferFormat, parameters->width, parameters->height);
  if (parameters->resourceType != NV_ENC_INPUT_RESOURCE_TYPE_CUDADEVICEPTR)
    reason = "it is not memory of CUDA";
  else if (parameters->pitch < parameters->width)
    reason = "the pitch is less than the width";
  else if (!IsDeviceMemory(reinterpret_cast<CUdeviceptr>(parameters->resourceToRegister), size))
    reason = "it is too little memory";
  if (reason) {
    Misuse("nvEncRegisterResource: %s", reason);
    return Refused(session, NV_ENC_ERR_INVALID_PARAM);
  }
  auto input = std::make_unique<Input>();
  input->format = parameters->bufferFormat;
  input->width = parameters->width;
  input->height = parameters->height;
  input->pitch = parameters->pitch;
  input->data = static_cast<uint8_t*>(parameters->resourceToRegister);
  input->registered = true;
  parameters->registeredResource = input.get();
  session->inputs[parameters->registeredResource] = std::move(input);
  Opened(Kind::kBuffer);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Unregister(void* encoder, void* handle) { return Drop("nvEncUnregisterResource", encoder, handle); }

NVENCSTATUS MapInput(void* encoder, NV_ENC_MAP_INPUT_RESOURCE* parameters) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncMapInputResource", encoder, result);
  if (!session) return result;
  if (const NVENCSTATUS status = CheckVersion("nvEncMapInputResource", session, parameters->version, 4)) return status;
  Input* input = Get(session, session->inputs, parameters->registeredResource, "nvEncMapInputResource");
  if (!input || !input->registered) return Refused(session, NV_ENC_ERR_RESOURCE_NOT_REGISTERED);
  ++input->mapped;
  Opened(Kind::kMap);
  parameters->mappedResource = parameters->registeredResource;
  parameters->mappedBufferFmt = input->format;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS UnmapInput(void* encoder, void* handle) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  Session* session = Find("nvEncUnmapInputResource", encoder, result, true);
  if (!session) return result;
  Input* input = Get(session, session->inputs, handle, "nvEncUnmapInputResource");
  if (!input || !input->mapped) return Refused(session, NV_ENC_ERR_RESOURCE_NOT_MAPPED);
  --input->mapped;
  Closed(Kind::kMap);
  return NV_ENC_SUCCESS;
}

}  // namespace

void FillBuffers(NV_ENCODE_API_FUNCTION_LIST& list) {
  list.nvEncCreateInputBuffer = CreateInput;
  list.nvEncDestroyInputBuffer = DestroyInput;
  list.nvEncLockInputBuffer = LockInput;
  list.nvEncUnlockInputBuffer = UnlockInput;
  list.nvEncCreateBitstreamBuffer = CreateOutput;
  list.nvEncDestroyBitstreamBuffer = DestroyOutput;
  list.nvEncLockBitstream = LockOutput;
  list.nvEncUnlockBitstream = UnlockOutput;
  list.nvEncRegisterResource = Register;
  list.nvEncUnregisterResource = Unregister;
  list.nvEncMapInputResource = MapInput;
  list.nvEncUnmapInputResource = UnmapInput;
}

}  // namespace standin
