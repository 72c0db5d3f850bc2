#include "codecs/undecodable_formats.h"

#include <absl/strings/match.h>

#include <algorithm>

#include "media/base/media_constants.h"
#include "modules/video_coding/include/video_error_codes.h"

namespace sora {
namespace {

// In the range of payload types whose codecs are distinguished by name.
constexpr int kDynamicPayloadType = 96;

bool Has(const VideoFormats& formats, const webrtc::SdpVideoFormat& wanted) {
  auto codec = cricket::CreateVideoCodec(wanted);
  codec.id = kDynamicPayloadType;
  return Matching(formats, codec);
}

bool HasCodec(const VideoFormats& formats, const webrtc::SdpVideoFormat& wanted) {
  return std::any_of(formats.begin(), formats.end(),
                     [&](const auto& format) { return absl::EqualsIgnoreCase(format.name, wanted.name); });
}

// The profiles of each codec, the common ones first.
VideoFormats Profiles() {
  VideoFormats formats{webrtc::SdpVideoFormat(cricket::kVp8CodecName)};
  for (const char* profile : {"0", "2", "1", "3"})
    formats.push_back({cricket::kVp9CodecName, {{cricket::kVP9ProfileId, profile}}});
  for (const char* profile : {"0", "1", "2"})
    formats.push_back(
        {cricket::kAv1CodecName,
         {{cricket::kAv1FmtpProfile, profile}, {cricket::kAv1FmtpLevelIdx, "5"}, {cricket::kAv1FmtpTier, "0"}}});
  for (const char* profile : {"42e01f", "42001f", "4d001f", "64001f", "f4001f"})
    formats.push_back({cricket::kH264CodecName,
                       {{cricket::kH264FmtpProfileLevelId, profile},
                        {cricket::kH264FmtpLevelAsymmetryAllowed, "1"},
                        {cricket::kH264FmtpPacketizationMode, "1"}}});
  for (const char* profile : {"1", "2"})
    formats.push_back({cricket::kH265CodecName,
                       {{cricket::kH265FmtpProfileId, profile},
                        {cricket::kH265FmtpTierFlag, "0"},
                        {cricket::kH265FmtpLevelId, "180"},
                        {cricket::kH265FmtpTxMode, "SRST"}}});
  return formats;
}

class SilentDecoder : public webrtc::VideoDecoder {
 public:
  bool Configure(const Settings&) override { return true; }
  int32_t Decode(const webrtc::EncodedImage&, int64_t) override { return WEBRTC_VIDEO_CODEC_OK; }
  int32_t RegisterDecodeCompleteCallback(webrtc::DecodedImageCallback*) override { return WEBRTC_VIDEO_CODEC_OK; }
  int32_t Release() override { return WEBRTC_VIDEO_CODEC_OK; }
  DecoderInfo GetDecoderInfo() const override { return {.implementation_name = "none"}; }
  const char* ImplementationName() const override { return "none"; }
};

}  // namespace

const webrtc::SdpVideoFormat* Matching(const VideoFormats& formats, const cricket::Codec& offered) {
  for (const auto& format : formats) {
    auto codec = cricket::CreateVideoCodec(format);
    codec.id = kDynamicPayloadType;
    if (codec.Matches(offered)) return &format;
  }
  return nullptr;
}

VideoFormats UndecodableFormats(const VideoFormats& encoded, const VideoFormats& decoded) {
  VideoFormats formats;
  for (const auto& format : encoded)
    if (!Has(decoded, format) && !Has(formats, format)) formats.emplace_back(format.name, format.parameters);
  for (const auto& format : Profiles())
    if (!HasCodec(formats, format) && !Has(decoded, format)) formats.push_back(format);
  return formats;
}

std::unique_ptr<webrtc::VideoDecoder> CreateSilentDecoder() { return std::make_unique<SilentDecoder>(); }

}  // namespace sora
