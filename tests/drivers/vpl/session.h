// A session of the VPL runtime: one encoder and one decoder fit into it.
#pragma once

#include <vpl/mfx.h>

#include <map>
#include <memory>
#include <vector>

#include "soft/codec.h"
#include "soft/control.h"
#include "soft/headers.h"

namespace standin {

// What a sync point stands for. Bytes and pixels reach the client when it waits for it, as the work of a real device does.
struct Pending {
  mfxFrameSurface1* locked = nullptr;
  mfxBitstream* bitstream = nullptr;
  Coded coded;
  mfxU64 timestamp = 0;
  mfxFrameSurface1* surface = nullptr;
  Picture picture;
};

struct VplEncoder {
  mfxVideoParam parameters = {};
  EncoderSettings settings;
  std::unique_ptr<Encoder> encoder;
  Picture picture;
  // HRD is off, so that a new bit rate needs no new sequence.
  bool no_hrd = false;
  bool key_next = false;
  uint32_t period = 0, frames = 0;
};

struct VplDecoder {
  Codec codec = Codec::kH264;
  mfxVideoParam parameters = {};
  std::unique_ptr<Decoder> decoder;
  // A frame that is complete only when the next one begins.
  std::vector<uint8_t> waiting;
  mfxU64 waiting_time = 0;
};

struct VplSession {
  std::unique_ptr<VplEncoder> encoder;
  std::unique_ptr<VplDecoder> decoder;
  std::map<mfxSyncPoint, std::unique_ptr<Pending>> pending;

  ~VplSession();
  mfxSyncPoint Await(std::unique_ptr<Pending> work);
};

// Counts a call and finds its session; null with the status that the call must return.
VplSession* Find(const char* function, mfxSession session, mfxStatus& status, bool closing = false);
// Says what is wrong with a call, and what that returns.
mfxStatus Wrong(const char* function, const char* reason, mfxStatus status);

bool CodecOf(mfxU32 id, Codec& codec);

struct VplSizes {
  mfxU32 min_width, min_height, max_width, max_height;
};
VplSizes EncoderSizes(Codec codec);
VplSizes DecoderSizes(Codec codec);

// Why frames of this format are refused, or null.
const char* Refuse(const mfxFrameInfo& info, const VplSizes& sizes);
// Why pixels cannot be read from or written to there, or null.
const char* RefuseSurface(const mfxFrameSurface1* surface, const mfxFrameInfo& info);
size_t Pitch(const mfxFrameData& data);

// An extension of a structure, or null.
template <typename Extension>
Extension* Find(mfxExtBuffer** list, mfxU16 count, mfxU32 id) {
  for (mfxU16 i = 0; list && i < count; ++i)
    if (list[i] && list[i]->BufferId == id) return reinterpret_cast<Extension*>(list[i]);
  return nullptr;
}

}  // namespace standin
