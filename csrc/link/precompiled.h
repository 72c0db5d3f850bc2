// Headers of others that most files read, parsed once for all of them: see build/compiler.zig. Every file includes what it uses all
// the same.
#ifndef SORA_LINK_PRECOMPILED_H
#define SORA_LINK_PRECOMPILED_H

#include "link/prelude.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "api/jsep.h"
#include "api/media_stream_interface.h"
#include "api/peer_connection_interface.h"
#include "api/video/i420_buffer.h"
#include "api/video_codecs/video_codec.h"
#include "api/video_codecs/video_decoder.h"
#include "api/video_codecs/video_encoder.h"
#include "media/base/media_constants.h"
#include "modules/video_coding/include/video_codec_interface.h"
#include "pc/session_description.h"
#include "rtc_base/logging.h"
#include "rtc_base/network.h"

#endif
