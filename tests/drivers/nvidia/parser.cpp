// The parser of libnvcuvid. It takes coded frames, one with each packet, and calls its client for each sequence, each frame to decode
// and each picture to display, all within the call. As with the real one, a frame is complete with CUVID_PKT_ENDOFPICTURE, or else when
// the next one begins.
#include <algorithm>
#include <map>
#include <mutex>

#include "nvidia/decoder.h"
#include "nvidia/nvidia.h"
#include "soft/headers.h"

namespace standin {
namespace {

struct Parser {
  CUVIDPARSERPARAMS parameters = {};
  Codec codec = Codec::kH264;
  // Parameter sets that came with the parser, for the first frame.
  std::vector<uint8_t> preface;
  std::vector<uint8_t> waiting;
  long long waiting_time = 0;
  Header format;
  bool begun = false;
  int surfaces = 1, next = 0;
};

std::map<CUvideoparser, std::unique_ptr<Parser>>& Parsers() {
  static auto& parsers = *new std::map<CUvideoparser, std::unique_ptr<Parser>>();
  return parsers;
}

// Reports the format of the frames that follow; false when the client refuses it.
bool Begin(Parser& parser, const Header& header) {
  parser.format = header;
  CUVIDEOFORMAT format = {};
  format.codec = parser.parameters.CodecType;
  format.frame_rate = {30, 1};
  format.progressive_sequence = 1;
  format.min_num_decode_surfaces = parser.codec == Codec::kAv1 || parser.codec == Codec::kVp9 ? 9 : 4;
  format.coded_width = static_cast<unsigned>((header.coded_width + 7) / 8 * 8);
  format.coded_height = static_cast<unsigned>((header.coded_height + 7) / 8 * 8);
  format.display_area = {0, 0, header.width, header.height};
  format.chroma_format = cudaVideoChromaFormat_420;
  format.display_aspect_ratio = {header.width, header.height};
  const int answer = parser.parameters.pfnSequenceCallback(parser.parameters.pUserData, &format);
  if (answer > 1) parser.surfaces = answer;
  parser.begun = answer > 0;
  parser.next = 0;
  return parser.begun;
}

bool Submit(Parser& parser) {
  std::vector<uint8_t> frame = std::move(parser.preface);
  parser.preface.clear();
  frame.insert(frame.end(), parser.waiting.begin(), parser.waiting.end());
  parser.waiting.clear();
  const Header header = ReadHeader(parser.codec, frame.data(), frame.size());
  const bool other = header.sequence && (header.width != parser.format.width || header.height != parser.format.height);
  if (header.sequence && (!parser.begun || other) && !Begin(parser, header)) return false;
  // Nothing can be decoded before the first sequence.
  if (!parser.begun) return true;
  static constexpr unsigned kStart = 0;
  CUVIDPICPARAMS picture = {};
  picture.PicWidthInMbs = (parser.format.coded_width + 15) / 16;
  picture.FrameHeightInMbs = (parser.format.coded_height + 15) / 16;
  picture.CurrPicIdx = parser.next;
  picture.nBitstreamDataLen = static_cast<unsigned>(frame.size());
  picture.pBitstreamData = frame.data();
  picture.nNumSlices = 1;
  picture.pSliceDataOffsets = &kStart;
  picture.ref_pic_flag = 1;
  picture.intra_pic_flag = header.sequence;
  if (parser.parameters.pfnDecodePicture(parser.parameters.pUserData, &picture) <= 0) return false;
  if (!LastFrameIsShown()) return true;
  parser.next = (parser.next + 1) % parser.surfaces;
  if (!parser.parameters.pfnDisplayPicture) return true;
  CUVIDPARSERDISPINFO display = {};
  display.picture_index = picture.CurrPicIdx;
  display.progressive_frame = 1;
  display.timestamp = parser.waiting_time;
  return parser.parameters.pfnDisplayPicture(parser.parameters.pUserData, &display) > 0;
}

Parser* Find(const char* function, CUvideoparser handle, CUresult& result, bool closing = false) {
  result = EnterCuda(function, closing);
  if (result) return nullptr;
  const auto found = Parsers().find(handle);
  if (found != Parsers().end()) return found->second.get();
  Misuse("%s: not a parser", function);
  result = kInvalidHandle;
  return nullptr;
}

}  // namespace

STANDIN_EXPORT CUresult cuvidCreateVideoParser(CUvideoparser* handle, CUVIDPARSERPARAMS* parameters) {
  std::lock_guard lock(Mutex());
  if (const CUresult result = EnterCuda("cuvidCreateVideoParser")) return result;
  if (!handle || !parameters) return kInvalidValue;
  auto parser = std::make_unique<Parser>();
  if (!DecoderCodec(parameters->CodecType, parser->codec)) return kNotSupported;
  if (!parameters->pfnSequenceCallback || !parameters->pfnDecodePicture || !parameters->ulMaxNumDecodeSurfaces) {
    Misuse("cuvidCreateVideoParser: a callback or ulMaxNumDecodeSurfaces is missing");
    return kInvalidValue;
  }
  parser->parameters = *parameters;
  parser->surfaces = static_cast<int>(parameters->ulMaxNumDecodeSurfaces);
  if (const CUVIDEOFORMATEX* extra = parameters->pExtVideoInfo) {
    const size_t size = std::min(size_t{extra->format.seqhdr_data_length}, sizeof extra->raw_seqhdr_data);
    parser->preface.assign(extra->raw_seqhdr_data, extra->raw_seqhdr_data + size);
  }
  *handle = parser.get();
  Parsers()[*handle] = std::move(parser);
  Opened(Kind::kParser);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuvidParseVideoData(CUvideoparser handle, CUVIDSOURCEDATAPACKET* packet) {
  std::lock_guard lock(Mutex());
  CUresult result;
  Parser* parser = Find("cuvidParseVideoData", handle, result);
  if (!parser) return result;
  if (!packet || (packet->payload_size && !packet->payload)) {
    Misuse("cuvidParseVideoData: there is no packet");
    return kInvalidValue;
  }
  bool taken = true;
  if (packet->payload_size) {
    if (!parser->waiting.empty()) taken = Submit(*parser);
    const Work work;
    parser->waiting.assign(packet->payload, packet->payload + packet->payload_size);
    parser->waiting_time = packet->flags & CUVID_PKT_TIMESTAMP ? packet->timestamp : 0;
  }
  if (packet->flags & (CUVID_PKT_ENDOFPICTURE | CUVID_PKT_ENDOFSTREAM) && !parser->waiting.empty())
    taken = Submit(*parser) && taken;
  if (packet->flags & CUVID_PKT_NOTIFY_EOS && parser->parameters.pfnDisplayPicture)
    parser->parameters.pfnDisplayPicture(parser->parameters.pUserData, nullptr);
  return taken ? CUDA_SUCCESS : static_cast<CUresult>(CUDA_ERROR_UNKNOWN);
}

STANDIN_EXPORT CUresult cuvidDestroyVideoParser(CUvideoparser handle) {
  std::lock_guard lock(Mutex());
  CUresult result;
  if (!Find("cuvidDestroyVideoParser", handle, result, true)) return result;
  Parsers().erase(handle);
  Closed(Kind::kParser);
  return CUDA_SUCCESS;
}

}  // namespace standin
