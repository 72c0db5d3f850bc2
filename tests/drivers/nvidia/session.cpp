#include "nvidia/session.h"

#include <cstring>

namespace standin {
namespace {

std::map<void*, std::unique_ptr<Session>>& Sessions() {
  static auto& sessions = *new std::map<void*, std::unique_ptr<Session>>();
  return sessions;
}

// The newest version of the interface that the driver knows, as the interface writes it.
uint32_t DriverVersion() {
  const auto version = static_cast<uint32_t>(Get(Setting::kVersion) ? Get(Setting::kVersion) : 1300);
  return version / 100 << 4 | version % 100;
}

bool TooNew(uint32_t api) { return ((api & 0xffff) << 4 | api >> 24) > DriverVersion(); }

}  // namespace

bool operator==(const GUID& a, const GUID& b) { return !memcmp(&a, &b, sizeof a); }

bool CodecOf(const GUID& guid, Codec& codec) {
  if (guid == NV_ENC_CODEC_H264_GUID)
    codec = Codec::kH264;
  else if (guid == NV_ENC_CODEC_HEVC_GUID)
    codec = Codec::kH265;
  else if (guid == NV_ENC_CODEC_AV1_GUID)
    codec = Codec::kAv1;
  else
    return false;
  return CanEncode(codec);
}

Sizes SizesOf(Codec codec) {
  if (codec == Codec::kH264) return {145, 49, 4096, 4096};
  return {128, 96, 8192, 8192};
}

Session::~Session() {
  if (!inputs.empty() || !outputs.empty())
    Misuse("nvEncDestroyEncoder: %zu buffers are left", inputs.size() + outputs.size());
  for (const auto& [handle, input] : inputs)
    Closed(Kind::kBuffer), Closed(Kind::kLock, input->locked), Closed(Kind::kMap, input->mapped);
  for (const auto& [handle, output] : outputs) Closed(Kind::kBuffer), Closed(Kind::kLock, output->locked);
}

const char* Session::Refuse(NV_ENC_BUFFER_FORMAT format, uint32_t width, uint32_t height) const {
  if (format != NV_ENC_BUFFER_FORMAT_NV12 && format != NV_ENC_BUFFER_FORMAT_IYUV && format != NV_ENC_BUFFER_FORMAT_YV12)
    return "the format must be NV12, IYUV or YV12";
  if (width < static_cast<uint32_t>(settings.width) || height < static_cast<uint32_t>(settings.height))
    return "it is smaller than the frames";
  return nullptr;
}

Session* Find(const char* function, void* encoder, NVENCSTATUS& result, bool closing) {
  const Verdict verdict = Enter(function, closing);
  const auto found = Sessions().find(encoder);
  if (found == Sessions().end()) {
    if (encoder) Misuse("%s: not a session", function);
    result = encoder ? NV_ENC_ERR_INVALID_ENCODERDEVICE : NV_ENC_ERR_INVALID_PTR;
    return nullptr;
  }
  Session* session = found->second.get();
  switch (verdict) {
    case Verdict::kFail: result = NV_ENC_ERR_GENERIC; break;
    case Verdict::kBusy: result = NV_ENC_ERR_ENCODER_BUSY; break;
    case Verdict::kLost: result = NV_ENC_ERR_DEVICE_NOT_EXIST; break;
    case Verdict::kGo: result = NV_ENC_SUCCESS; return session;
  }
  session->last_error = result;
  return nullptr;
}

NVENCSTATUS CheckVersion(const char* function, const Session* session, uint32_t version, uint32_t number) {
  const uint32_t api = version & 0xff00ffff & ~(0xfu << 28), given = version >> 16 & 0xff;
  if ((version >> 28 & 7) == 7 && given >= number && given <= number + 2 && (!session || api == session->api))
    return NV_ENC_SUCCESS;
  Misuse("%s: version %08x is not %u of this session's interface", function, version, number);
  return NV_ENC_ERR_INVALID_VERSION;
}

NVENCSTATUS Refused(Session* session, NVENCSTATUS status) {
  session->last_error = status;
  return status;
}

NVENCSTATUS OpenSession(uint32_t api, NV_ENC_DEVICE_TYPE type, void* device, void** encoder) {
  std::lock_guard lock(Mutex());
  switch (Enter("nvEncOpenEncodeSessionEx")) {
    case Verdict::kFail: return NV_ENC_ERR_GENERIC;
    case Verdict::kBusy: return NV_ENC_ERR_ENCODER_BUSY;
    case Verdict::kLost: return NV_ENC_ERR_DEVICE_NOT_EXIST;
    case Verdict::kGo: break;
  }
  if (!encoder) return NV_ENC_ERR_INVALID_PTR;
  if (TooNew(api)) return NV_ENC_ERR_INVALID_VERSION;
  if (type != NV_ENC_DEVICE_TYPE_CUDA || !IsContext(static_cast<CUcontext>(device))) {
    Misuse("nvEncOpenEncodeSessionEx: the device is no context of CUDA");
    return NV_ENC_ERR_INVALID_DEVICE;
  }
  const int64_t limit = Get(Setting::kSessionLimit), error = Get(Setting::kSessionError);
  if (limit > 0 && CountOpen(Kind::kSession) >= limit)
    return error ? static_cast<NVENCSTATUS>(error) : NV_ENC_ERR_OUT_OF_MEMORY;
  auto session = std::make_unique<Session>();
  session->api = api;
  session->context = static_cast<CUcontext>(device);
  *encoder = session.get();
  Sessions()[*encoder] = std::move(session);
  Opened(Kind::kSession);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS CloseSession(void* encoder) {
  std::lock_guard lock(Mutex());
  NVENCSTATUS result;
  if (!Find("nvEncDestroyEncoder", encoder, result, true)) return result;
  Sessions().erase(encoder);
  Closed(Kind::kSession);
  return NV_ENC_SUCCESS;
}

STANDIN_EXPORT NVENCSTATUS NvEncodeAPIGetMaxSupportedVersion(uint32_t* version) {
  std::lock_guard lock(Mutex());
  if (Enter("NvEncodeAPIGetMaxSupportedVersion") == Verdict::kFail) return NV_ENC_ERR_GENERIC;
  if (!version) return NV_ENC_ERR_INVALID_PTR;
  *version = DriverVersion();
  return NV_ENC_SUCCESS;
}

STANDIN_EXPORT NVENCSTATUS NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST* list) {
  std::lock_guard lock(Mutex());
  if (Enter("NvEncodeAPICreateInstance") == Verdict::kFail) return NV_ENC_ERR_GENERIC;
  if (!list) return NV_ENC_ERR_INVALID_PTR;
  if (const NVENCSTATUS status = CheckVersion("NvEncodeAPICreateInstance", nullptr, list->version, 2)) return status;
  if (TooNew(list->version & 0xff00ffff & ~(0xfu << 28))) return NV_ENC_ERR_INVALID_VERSION;
  FillQueries(*list);
  FillBuffers(*list);
  FillEncoding(*list);
  return NV_ENC_SUCCESS;
}

}  // namespace standin
