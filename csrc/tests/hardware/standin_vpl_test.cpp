// What the stand-in for Intel's runtime refuses, as this is documented to: one that takes everything would prove nothing.
#include <vpl/mfx.h>

#include "support.h"

namespace {

// A session of VPL.
class Vpl {
 public:
  Vpl() { REQUIRE_EQ((*Call<decltype(MFXInitialize)>("MFXInitialize"))({}, &session), MFX_ERR_NONE); }

  template <typename Function>
  Function* Call(const char* name) const {
    return driver.Find<Function>(name);
  }
  mfxStatus Init(mfxVideoParam parameters) const {
    return Call<decltype(MFXVideoENCODE_Init)>("MFXVideoENCODE_Init")(session, &parameters);
  }
  mfxStatus Reset(mfxVideoParam parameters) const {
    return Call<decltype(MFXVideoENCODE_Reset)>("MFXVideoENCODE_Reset")(session, &parameters);
  }
  mfxStatus Encode(mfxFrameSurface1& surface, mfxBitstream& bitstream, mfxSyncPoint& point) const {
    return Call<decltype(MFXVideoENCODE_EncodeFrameAsync)>("MFXVideoENCODE_EncodeFrameAsync")(session, nullptr, &surface,
                                                                                              &bitstream, &point);
  }
  mfxStatus Sync(mfxSyncPoint point) const {
    return Call<decltype(MFXVideoCORE_SyncOperation)>("MFXVideoCORE_SyncOperation")(session, point, 1000);
  }
  mfxStatus Close(mfxSession closed) const { return Call<decltype(MFXClose)>("MFXClose")(closed); }

  const test::Driver& driver = test::DriverOf("INTEL_VPL");
  mfxSession session = nullptr;
};

// 320x240 in H264.
mfxVideoParam VplParameters() {
  mfxVideoParam parameters{};
  parameters.AsyncDepth = 1;
  parameters.IOPattern = MFX_IOPATTERN_IN_SYSTEM_MEMORY;
  auto& mfx = parameters.mfx;
  mfx.CodecId = MFX_CODEC_AVC;
  mfx.TargetKbps = 500;
  mfx.BRCParamMultiplier = 1;
  auto& info = mfx.FrameInfo;
  info.FourCC = MFX_FOURCC_NV12;
  info.ChromaFormat = MFX_CHROMAFORMAT_YUV420;
  info.FrameRateExtN = 30;
  info.FrameRateExtD = 1;
  info.Width = info.CropW = 320;
  info.Height = info.CropH = 240;
  return parameters;
}

#define REFUSES(call, result, reason)             \
  do {                                            \
    REQUIRE_EQ(call, result);                     \
    REQUIRE_HAS(vpl.driver.TakeMisuse(), reason); \
  } while (false)

TEST(stand_in_of_VPL_refuses_wrong_order_sizes_pitches_and_double_destruction) {
  Vpl vpl;
  // The dispatcher does that after a failure: no mistake, but no session either.
  REQUIRE_EQ(vpl.Close(nullptr), MFX_ERR_INVALID_HANDLE);
  REQUIRE_EQ(vpl.driver.TakeMisuse(), std::string());

  std::vector<uint8_t> pixels(320 * 240 * 3 / 2), bytes(1'000'000);
  mfxFrameSurface1 surface{};
  surface.Info = VplParameters().mfx.FrameInfo;
  surface.Data.PitchLow = 320;
  mfxBitstream bitstream{};
  bitstream.Data = bytes.data();
  bitstream.MaxLength = 10;
  mfxSyncPoint point = nullptr;
  REFUSES(vpl.Encode(surface, bitstream, point), MFX_ERR_NOT_INITIALIZED, "there is no encoder");
  auto parameters = VplParameters();
  parameters.mfx.FrameInfo.Height = 250;
  REFUSES(vpl.Init(parameters), MFX_ERR_INVALID_VIDEO_PARAM, "multiples of 16");
  parameters = VplParameters();
  parameters.IOPattern = MFX_IOPATTERN_IN_VIDEO_MEMORY;
  REFUSES(vpl.Init(parameters), MFX_ERR_INVALID_VIDEO_PARAM, "system memory");
  parameters = VplParameters();
  REQUIRE_EQ(vpl.Init(parameters), MFX_ERR_NONE);
  REFUSES(vpl.Init(parameters), MFX_ERR_UNDEFINED_BEHAVIOR, "the session has an encoder");

  REFUSES(vpl.Encode(surface, bitstream, point), MFX_ERR_INVALID_VIDEO_PARAM, "the surface has no memory");
  surface.Data.Y = pixels.data();
  surface.Data.UV = pixels.data() + 320 * 240;
  surface.Data.PitchLow = 319;
  REFUSES(vpl.Encode(surface, bitstream, point), MFX_ERR_INVALID_VIDEO_PARAM, "the pitch is less than the width");
  surface.Data.PitchLow = 320;
  REFUSES(vpl.Encode(surface, bitstream, point), MFX_ERR_NOT_ENOUGH_BUFFER, "less room than BufferSizeInKB");
  bitstream.MaxLength = static_cast<mfxU32>(bytes.size());
  REQUIRE_EQ(vpl.Encode(surface, bitstream, point), MFX_ERR_NONE);
  REQUIRE_EQ(bitstream.DataLength, 0u);
  REQUIRE_EQ(surface.Data.Locked, 1);
  REFUSES(vpl.Reset(parameters), MFX_ERR_INVALID_VIDEO_PARAM, "a sync point was not waited for");
  REQUIRE_EQ(vpl.Sync(point), MFX_ERR_NONE);
  REQUIRE(bitstream.DataLength > 0);
  REQUIRE_EQ(surface.Data.Locked, 0);
  REFUSES(vpl.Sync(point), MFX_ERR_INVALID_HANDLE, "not a sync point");

  parameters.mfx.BRCParamMultiplier = 2;
  REFUSES(vpl.Reset(parameters), MFX_ERR_INVALID_VIDEO_PARAM, "BRCParamMultiplier must stay the same");
  mfxExtEncoderResetOption same{};
  same.Header = {MFX_EXTBUFF_ENCODER_RESET_OPTION, sizeof same};
  same.StartNewSequence = MFX_CODINGOPTION_OFF;
  mfxExtBuffer* extension = &same.Header;
  parameters = VplParameters();
  parameters.ExtParam = &extension;
  parameters.NumExtParam = 1;
  REFUSES(vpl.Reset(parameters), MFX_ERR_INVALID_VIDEO_PARAM, "while HRD is on");

  bitstream.DataLength = 0;
  REQUIRE_EQ(vpl.Encode(surface, bitstream, point), MFX_ERR_NONE);
  REFUSES(vpl.Close(vpl.session), MFX_ERR_NONE, "1 sync points were not waited for");
  REFUSES(vpl.Close(vpl.session), MFX_ERR_INVALID_HANDLE, "not a session");
  vpl.driver.Reset();
}

TEST(stand_in_of_VPL_refuses_to_decode_without_a_level_a_decoder_or_a_surface) {
  Vpl vpl;
  mfxBitstream bitstream{};
  uint8_t byte = 0;
  bitstream.Data = &byte;
  bitstream.DataLength = bitstream.MaxLength = 1;
  mfxFrameSurface1* out = nullptr;
  mfxSyncPoint point = nullptr;
  const auto decode = [&](mfxFrameSurface1* work) {
    return vpl.Call<decltype(MFXVideoDECODE_DecodeFrameAsync)>("MFXVideoDECODE_DecodeFrameAsync")(vpl.session, &bitstream,
                                                                                                  work, &out, &point);
  };
  REFUSES(decode(nullptr), MFX_ERR_NOT_INITIALIZED, "there is no decoder");
  auto parameters = VplParameters();
  parameters.IOPattern = MFX_IOPATTERN_OUT_SYSTEM_MEMORY;
  parameters.mfx.CodecId = MFX_CODEC_AV1;
  const auto init = [&] { return vpl.Call<decltype(MFXVideoDECODE_Init)>("MFXVideoDECODE_Init")(vpl.session, &parameters); };
  REFUSES(init(), MFX_ERR_INVALID_VIDEO_PARAM, "AV1 needs CodecLevel");
  parameters.mfx.CodecLevel = MFX_LEVEL_AV1_2;
  REQUIRE_EQ(init(), MFX_ERR_NONE);
  REFUSES(init(), MFX_ERR_UNDEFINED_BEHAVIOR, "the session has a decoder");
  REFUSES(decode(nullptr), MFX_ERR_NULL_PTR, "there is no surface");
  auto close = vpl.Call<decltype(MFXVideoDECODE_Close)>("MFXVideoDECODE_Close");
  REQUIRE_EQ(close(vpl.session), MFX_ERR_NONE);
  REQUIRE_EQ(close(vpl.session), MFX_ERR_NOT_INITIALIZED);
  REQUIRE_EQ(vpl.Close(vpl.session), MFX_ERR_NONE);
  vpl.driver.Reset();
}

#undef REFUSES

}  // namespace
