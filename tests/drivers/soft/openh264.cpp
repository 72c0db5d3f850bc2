// H.264 by OpenH264.
#include <wels/codec_api.h>

#include <cstring>

#include "soft/codec.h"

namespace standin {
namespace {

void Append(std::vector<uint8_t>& bytes, const SFrameBSInfo& info) {
  for (int i = 0; i < info.iLayerNum; ++i) {
    const SLayerBSInfo& layer = info.sLayerInfo[i];
    size_t size = 0;
    for (int nal = 0; nal < layer.iNalCount; ++nal) size += static_cast<size_t>(layer.pNalLengthInByte[nal]);
    bytes.insert(bytes.end(), layer.pBsBuf, layer.pBsBuf + size);
  }
}

class OpenH264Encoder : public Encoder {
 public:
  ~OpenH264Encoder() override {
    if (!encoder_) return;
    encoder_->Uninitialize();
    WelsDestroySVCEncoder(encoder_);
  }

  bool Init(const EncoderSettings& settings) {
    if (WelsCreateSVCEncoder(&encoder_) || !encoder_) return false;
    int level = WELS_LOG_QUIET;
    encoder_->SetOption(ENCODER_OPTION_TRACE_LEVEL, &level);
    SEncParamExt parameters;
    encoder_->GetDefaultParams(&parameters);
    parameters.iUsageType = CAMERA_VIDEO_REAL_TIME;
    parameters.iPicWidth = settings.width;
    parameters.iPicHeight = settings.height;
    parameters.fMaxFrameRate = static_cast<float>(settings.rates.frames_per_second);
    parameters.iTargetBitrate = static_cast<int>(settings.rates.bits_per_second);
    parameters.iRCMode = RC_BITRATE_MODE;
    parameters.bEnableFrameSkip = false;
    parameters.uiIntraPeriod = 0;
    parameters.iMultipleThreadIdc = 1;
    parameters.iEntropyCodingModeFlag = settings.h264_profile != 66;
    parameters.eSpsPpsIdStrategy = CONSTANT_ID;
    parameters.bEnableSceneChangeDetect = false;
    parameters.iTemporalLayerNum = settings.layers;
    // In front of each slice, with its layer.
    parameters.bPrefixNalAddingCtrl = settings.layers > 1 && settings.h264_prefix;
    SSpatialLayerConfig& layer = parameters.sSpatialLayers[0];
    layer.iVideoWidth = settings.width;
    layer.iVideoHeight = settings.height;
    layer.fFrameRate = parameters.fMaxFrameRate;
    layer.iSpatialBitrate = parameters.iTargetBitrate;
    layer.uiProfileIdc = static_cast<EProfileIdc>(settings.h264_profile);
    layer.sSliceArgument.uiSliceMode = SM_SINGLE_SLICE;
    width_ = settings.width;
    height_ = settings.height;
    return encoder_->InitializeExt(&parameters) == cmResultSuccess;
  }

  bool Encode(const Picture& picture, bool key, Coded& coded) override {
    if (key) encoder_->ForceIntraFrame(true);
    SSourcePicture source = {};
    source.iColorFormat = videoFormatI420;
    source.iPicWidth = width_;
    source.iPicHeight = height_;
    source.iStride[0] = width_;
    source.iStride[1] = source.iStride[2] = (width_ + 1) / 2;
    source.pData[0] = const_cast<uint8_t*>(picture.y.data());
    source.pData[1] = const_cast<uint8_t*>(picture.u.data());
    source.pData[2] = const_cast<uint8_t*>(picture.v.data());
    source.uiTimeStamp = static_cast<long long>(frame_++ * 1000 / 30);
    SFrameBSInfo info = {};
    if (encoder_->EncodeFrame(&source, &info) != cmResultSuccess || info.eFrameType == videoFrameTypeSkip) return false;
    coded.key = info.eFrameType == videoFrameTypeIDR;
    Append(coded.bytes, info);
    coded.temporal_id = info.sLayerInfo[info.iLayerNum - 1].uiTemporalId;
    SEncoderStatistics statistics = {};
    if (encoder_->GetOption(ENCODER_OPTION_GET_STATISTICS, &statistics) == cmResultSuccess)
      coded.qp = static_cast<int>(statistics.uiAverageFrameQP);
    return !coded.bytes.empty();
  }

  bool SetRates(const Rates& rates) override {
    float frame_rate = static_cast<float>(rates.frames_per_second);
    SBitrateInfo bit_rate = {SPATIAL_LAYER_ALL, static_cast<int>(rates.bits_per_second)};
    return encoder_->SetOption(ENCODER_OPTION_FRAME_RATE, &frame_rate) == cmResultSuccess &&
           encoder_->SetOption(ENCODER_OPTION_BITRATE, &bit_rate) == cmResultSuccess;
  }

  std::vector<uint8_t> Headers() override {
    SFrameBSInfo info = {};
    std::vector<uint8_t> bytes;
    if (encoder_->EncodeParameterSets(&info) == cmResultSuccess) Append(bytes, info);
    return bytes;
  }

 private:
  ISVCEncoder* encoder_ = nullptr;
  int width_ = 0, height_ = 0;
  int64_t frame_ = 0;
};

class OpenH264Decoder : public Decoder {
 public:
  ~OpenH264Decoder() override {
    if (!decoder_) return;
    decoder_->Uninitialize();
    WelsDestroyDecoder(decoder_);
  }

  bool Init() {
    if (WelsCreateDecoder(&decoder_) || !decoder_) return false;
    int level = WELS_LOG_QUIET;
    decoder_->SetOption(DECODER_OPTION_TRACE_LEVEL, &level);
    SDecodingParam parameters = {};
    parameters.eEcActiveIdc = ERROR_CON_DISABLE;
    parameters.sVideoProperty.eVideoBsType = VIDEO_BITSTREAM_AVC;
    return decoder_->Initialize(&parameters) == cmResultSuccess;
  }

  bool Decode(const uint8_t* data, size_t size, std::vector<Picture>& pictures) override {
    uint8_t* planes[3] = {};
    SBufferInfo info = {};
    if (decoder_->DecodeFrameNoDelay(data, static_cast<int>(size), planes, &info) != dsErrorFree) return false;
    // Above baseline it waits for frames that would come before in the order of display; nobody here sends any.
    if (info.iBufferStatus != 1 && decoder_->FlushFrame(planes, &info) != dsErrorFree) return false;
    if (info.iBufferStatus != 1) return true;
    const SSysMEMBuffer& format = info.UsrData.sSystemBuffer;
    Picture& picture = pictures.emplace_back();
    picture.Resize(format.iWidth, format.iHeight);
    FromI420(picture, planes[0], static_cast<size_t>(format.iStride[0]), planes[1], planes[2],
             static_cast<size_t>(format.iStride[1]));
    return true;
  }

 private:
  ISVCDecoder* decoder_ = nullptr;
};

}  // namespace

std::unique_ptr<Encoder> MakeOpenH264Encoder(const EncoderSettings& settings) {
  auto encoder = std::make_unique<OpenH264Encoder>();
  return encoder->Init(settings) ? std::move(encoder) : nullptr;
}

std::unique_ptr<Decoder> MakeOpenH264Decoder() {
  auto decoder = std::make_unique<OpenH264Decoder>();
  return decoder->Init() ? std::move(decoder) : nullptr;
}

}  // namespace standin
