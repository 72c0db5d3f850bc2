#include "codecs/openh264/decoder.h"

#include <libyuv.h>

#include "api/video/i420_buffer.h"
#include "common_video/h264/h264_common.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {

bool OpenH264Decoder::Configure(const Settings&) {
  Release();
  return Renew();
}

bool OpenH264Decoder::Open() {
  Close();
  decoder_ = library_->CreateDecoder();
  if (!decoder_) return false;
  int silent = WELS_LOG_QUIET;
  decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &silent);
  SDecodingParam parameters{};
  parameters.eEcActiveIdc = ERROR_CON_DISABLE;  // incomplete frames are errors: libwebrtc requests a key frame
  parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
  if (decoder_->Initialize(&parameters) != 0) {
    Close();
    return false;
  }
  return true;
}

bool OpenH264Decoder::StandsAlone(const webrtc::EncodedImage& image) const {
  bool sequence = false, picture = false;
  for (const auto& index : webrtc::H264::FindNaluIndices(image.data(), image.size())) {
    if (index.payload_size == 0) continue;
    const auto type = webrtc::H264::ParseNaluType(image.data()[index.payload_start_offset]);
    sequence |= type == webrtc::H264::NaluType::kSps;
    picture |= type == webrtc::H264::NaluType::kPps;
  }
  return sequence && picture;
}

int32_t OpenH264Decoder::DecodeFrame(const webrtc::EncodedImage& image) {
  unsigned char* planes[3] = {};
  SBufferInfo info{};
  if (decoder_->DecodeFrameNoDelay(image.data(), static_cast<int>(image.size()), planes, &info) != dsErrorFree)
    return WEBRTC_VIDEO_CODEC_ERROR;
  // In baseline no frame waits for another: without a result the frame was incomplete.
  if (info.iBufferStatus != 1 || !planes[0] || !planes[1] || !planes[2]) return WEBRTC_VIDEO_CODEC_ERROR;
  const auto& layout = info.UsrData.sSystemBuffer;
  if (layout.iFormat != videoFormatI420 || layout.iWidth < 1 || layout.iHeight < 1) return WEBRTC_VIDEO_CODEC_ERROR;
  const auto buffer = pool_.CreateI420Buffer(layout.iWidth, layout.iHeight);
  if (!buffer) return WEBRTC_VIDEO_CODEC_MEMORY;
  libyuv::I420Copy(planes[0], layout.iStride[0], planes[1], layout.iStride[1], planes[2], layout.iStride[1],
                   buffer->MutableDataY(), buffer->StrideY(), buffer->MutableDataU(), buffer->StrideU(),
                   buffer->MutableDataV(), buffer->StrideV(), layout.iWidth, layout.iHeight);
  parser_.ParseBitstream(image);
  Deliver(image, buffer, parser_.GetLastSliceQp().value_or(-1));
  return WEBRTC_VIDEO_CODEC_OK;
}

int32_t OpenH264Decoder::Release() {
  Close();
  pool_.Release();
  return WEBRTC_VIDEO_CODEC_OK;
}

void OpenH264Decoder::Close() {
  if (decoder_) {
    decoder_->Uninitialize();
    library_->Destroy(decoder_);
  }
  decoder_ = nullptr;
}

}  // namespace sora
