#include "codecs/hardware/frame_layers.h"

#include <iterator>

#include "modules/video_coding/svc/create_scalability_structure.h"

namespace sora {
namespace {

constexpr webrtc::ScalabilityMode kModes[] = {webrtc::ScalabilityMode::kL1T1, webrtc::ScalabilityMode::kL1T2,
                                              webrtc::ScalabilityMode::kL1T3};

// The layer of a frame by its place behind a key frame.
int LayerAt(int position, int layers) {
  static constexpr int kThree[] = {0, 2, 1, 2};
  return layers == 1 ? 0 : layers == 2 ? position % 2 : kThree[position % 4];
}

}  // namespace

bool FrameLayers::Start(webrtc::VideoCodecType codec, webrtc::ScalabilityMode mode, int most) {
  for (int layers = 1; layers <= most && layers <= static_cast<int>(std::size(kModes)); ++layers) {
    if (kModes[layers - 1] != mode) continue;
    codec_ = codec;
    mode_ = mode;
    count_ = layers;
    position_ = 0;
    controller_ = codec == webrtc::kVideoCodecAV1 ? webrtc::CreateScalabilityStructure(mode) : nullptr;
    return true;
  }
  return false;
}

bool FrameLayers::Describe(const EncodedFrame& frame, int width, int height, webrtc::EncodedImage& image,
                           webrtc::CodecSpecificInfo& info) {
  if (frame.key) position_ = 0;
  const int layer = LayerAt(position_, count_);
  if (frame.temporal_id >= 0 && frame.temporal_id != layer) return false;
  if (count_ > 1) image.SetTemporalIndex(layer);
  info.codecType = codec_;
  info.end_of_picture = true;
  switch (codec_) {
    case webrtc::kVideoCodecH264: DescribeH264(layer, frame.key, info.codecSpecific.H264); break;
    case webrtc::kVideoCodecH265:
      info.codecSpecific.H265.packetization_mode = webrtc::H265PacketizationMode::NonInterleaved;
      info.codecSpecific.H265.idr_frame = frame.key;
      break;
    case webrtc::kVideoCodecVP9: DescribeVp9(frame.key, width, height, info.codecSpecific.VP9); break;
    default: break;
  }
  if (controller_) {
    info.scalability_mode = mode_;
    for (auto& next : controller_->NextFrameConfig(frame.key)) info.generic_frame_info = controller_->OnEncodeDone(next);
    if (frame.key) {
      info.template_structure = controller_->DependencyStructure();
      info.template_structure->resolutions = {webrtc::RenderResolution(width, height)};
    }
  }
  // Four frames are the longest pattern.
  position_ = (position_ + 1) % 4;
  return true;
}

void FrameLayers::DescribeH264(int layer, bool key, webrtc::CodecSpecificInfoH264& h264) {
  h264.packetization_mode = webrtc::H264PacketizationMode::NonInterleaved;
  h264.temporal_idx = count_ > 1 ? static_cast<uint8_t>(layer) : webrtc::kNoTemporalIdx;
  if (layer == 0) synced_below_ = count_;
  h264.base_layer_sync = layer > 0 && layer < synced_below_;
  if (h264.base_layer_sync) synced_below_ = layer;
  h264.idr_frame = key;
}

void FrameLayers::DescribeVp9(bool key, int width, int height, webrtc::CodecSpecificInfoVP9& vp9) {
  webrtc::GofInfoVP9 pattern;
  pattern.SetGofInfoVP9(count_ == 1   ? webrtc::kTemporalStructureMode1
                        : count_ == 2 ? webrtc::kTemporalStructureMode2
                                      : webrtc::kTemporalStructureMode3);
  const auto at = static_cast<size_t>(position_) % pattern.num_frames_in_gof;
  vp9 = {};
  vp9.inter_pic_predicted = !key;
  vp9.flexible_mode = false;
  vp9.ss_data_available = key;
  vp9.temporal_idx = count_ > 1 ? pattern.temporal_idx[at] : webrtc::kNoTemporalIdx;
  vp9.temporal_up_switch = pattern.temporal_up_switch[at];
  vp9.gof_idx = count_ > 1 ? static_cast<uint8_t>(at) : webrtc::kNoGofIdx;
  vp9.num_spatial_layers = 1;
  vp9.first_frame_in_picture = true;
  vp9.first_active_layer = 0;
  if (!key) return;
  vp9.spatial_layer_resolution_present = true;
  vp9.width[0] = static_cast<uint16_t>(width);
  vp9.height[0] = static_cast<uint16_t>(height);
  vp9.gof.CopyGofInfoVP9(pattern);
}

void FrameLayers::Allocate(webrtc::VideoEncoder::EncoderInfo& info) const {
  info.fps_allocation[0].clear();
  for (int layer = 0; layer < count_; ++layer)
    info.fps_allocation[0].push_back(
        static_cast<uint8_t>(webrtc::VideoEncoder::EncoderInfo::kMaxFramerateFraction >> (count_ - 1 - layer)));
}

}  // namespace sora
