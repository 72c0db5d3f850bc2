// Decoders of libnvcuvid, and what its parser must know of them.
#pragma once

// Without which the next one does not compile.
#include <ffnvcodec/dynlink_cuda.h>

#include <ffnvcodec/dynlink_nvcuvid.h>

#include "soft/codec.h"

namespace standin {

bool DecoderCodec(cudaVideoCodec from, Codec& codec);

// Whether the frame that this thread decoded last is one to display: some frames are only referred to.
bool LastFrameIsShown();

}  // namespace standin
