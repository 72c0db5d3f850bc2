// RTP payloads of video as libwebrtc takes them apart: what any member of a channel can send to all others.
#include <memory>

#include "fuzz/fuzz.h"
#include "modules/rtp_rtcp/source/create_video_rtp_depacketizer.h"
#include "modules/rtp_rtcp/source/video_rtp_depacketizer.h"
#include "modules/video_coding/h264_sps_pps_tracker.h"
#include "modules/video_coding/h265_vps_sps_pps_tracker.h"

namespace {

using fuzz::Bytes;

constexpr webrtc::VideoCodecType kCodecs[] = {webrtc::kVideoCodecVP8,  webrtc::kVideoCodecVP9,  webrtc::kVideoCodecAV1,
                                              webrtc::kVideoCodecH264, webrtc::kVideoCodecH265, webrtc::kVideoCodecGeneric};

// A codec, then payloads with two bytes of length before each.
Bytes Payloads(uint8_t codec, const std::vector<Bytes>& payloads) {
  Bytes seed = {codec};
  for (const Bytes& payload : payloads) fuzz::AppendSized(seed, payload);
  return seed;
}

std::vector<Bytes> depacketizer_seeds() {
  return {
      Payloads(0, {{0x90, 0x80, 0x81, 0x02, 0x10, 0, 0, 0x9d, 1, 0x2a, 64, 0, 64, 0}, {0x80, 0x80, 0x02, 0x31, 0, 0}}),
      Payloads(1, {{0x9a, 0x81, 0x02, 0x01, 0x20, 0, 64, 0, 64, 0, 0x82, 0x49, 0x83}, {0xba, 0x01, 0x03, 0x02, 0x86}}),
      Payloads(2, {{0x18, 0x0a, 0x0b, 0, 0, 0, 0x04, 0x3c, 0xff, 0xbd, 0xff, 0xf8, 0x04, 0x10, 0x32}, {0x50, 0x30, 0x10}}),
      // H.264: parameters and a slice; an aggregate; a fragment
      Payloads(3, {{0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40},
                   {0x68, 0xce, 0x3c, 0x80},
                   {0x65, 0xb8, 0, 4},
                   {0x78, 0, 7, 0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0, 4, 0x68, 0xce, 0x3c, 0x80},
                   {0x7c, 0x85, 0xb8, 0, 4}}),
      // H.265: of a device, 64 x 64
      Payloads(4,
               {{0x40, 1, 0x0c, 1, 0xff, 0xff, 0x01, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x1e, 0x95, 0x98, 0x09},
                {0x42, 1, 1, 1, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x1e, 0xa0, 0x20, 0x81, 0x05, 0x96, 0x56, 0x69},
                {0x44, 1, 0xc1, 0x72, 0xb4, 0x62, 0x40},
                {0x26, 1, 0xac, 0x1d, 0x80},
                {0x60, 1, 0, 4, 0x44, 1, 0xc1, 0x72, 0, 3, 0x26, 1, 0xac},
                {0x62, 1, 0x93, 0xac, 0x1d}}),
      Payloads(5, {{0x01, 1, 2, 3}, {0x07, 0x80, 1, 2}}),
  };
}

}  // namespace

FUZZ_TARGET(depacketizer, 20'000, 3000) {
  fuzz::Script script(input);
  const webrtc::VideoCodecType codec = kCodecs[script.Byte() % std::size(kCodecs)];
  const auto depacketizer = webrtc::CreateVideoRtpDepacketizer(codec);
  webrtc::video_coding::H264SpsPpsTracker h264;
  webrtc::video_coding::H265VpsSpsPpsTracker h265;
  std::vector<rtc::CopyOnWriteBuffer> parts;
  while (!script.done()) {
    const auto taken = script.Take(script.Number(2) % 1500);
    auto parsed = depacketizer->Parse(rtc::CopyOnWriteBuffer(taken.data(), taken.size()));
    fuzz::Reached(parsed ? 1 + static_cast<uint32_t>(codec) * 2 + (parsed->video_header.width > 0) : 0);
    if (!parsed) continue;
    webrtc::RTPVideoHeader& header = parsed->video_header;
    header.codec = codec;
    if (codec == webrtc::kVideoCodecH264) {
      fuzz::Reached(100 + static_cast<uint32_t>(h264.CopyAndFixBitstream(parsed->video_payload, &header).action));
    } else if (codec == webrtc::kVideoCodecH265) {
      fuzz::Reached(200 + static_cast<uint32_t>(h265.CopyAndFixBitstream(parsed->video_payload, &header).action));
    }
    parts.push_back(std::move(parsed->video_payload));
  }
  if (parts.empty()) return;
  const std::vector<rtc::ArrayView<const uint8_t>> views(parts.begin(), parts.end());
  const auto frame = depacketizer->AssembleFrame(views);
  fuzz::Reached(frame ? 300 : 301);
}
