#include "peer/offer_limits.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/canary.h"
#include "core/result.h"

namespace sora {
namespace {

constexpr size_t kMaxLines = 25'000;
constexpr size_t kMaxSections = 500;
constexpr size_t kMaxLinesOfSection = 1'000;
constexpr size_t kMaxLineBytes = 16 * 1024;
constexpr size_t kMaxCandidatesOfSection = 200;
// Lines about codecs (a=rtcp-fb and a=fmtp): for each, libwebrtc copies all codecs of the section.
constexpr size_t kMaxCodecLines = 12'800;
constexpr size_t kMaxCodecLinesOfSection = 256;
// For each, libwebrtc compares all of them with each other.
constexpr size_t kMaxFeedbackOfType = 32;

void Check(size_t count, size_t limit, const std::string& what) {
  if (count > limit && !IsPlanted("limit"))
    throw Error(SORA_ERROR_LIMIT, "the offer has more than " + std::to_string(limit) + " " + what);
}

constexpr std::string_view kFeedback = "a=rtcp-fb:";

bool IsAboutCodec(std::string_view line) { return line.starts_with(kFeedback) || line.starts_with("a=fmtp:"); }

// The media description being read.
class Section {
 public:
  explicit Section(size_t number) : name_(number ? " in media description " + std::to_string(number) : " of the session") {}

  void Add(std::string_view line) {
    Check(++lines_, kMaxLinesOfSection, "lines" + name_);
    if (line.starts_with("a=candidate:")) Check(++candidates_, kMaxCandidatesOfSection, "candidates" + name_);
    if (!IsAboutCodec(line)) return;
    Check(++codec_lines_, kMaxCodecLinesOfSection, "lines of a=rtcp-fb and a=fmtp" + name_);
    if (!line.starts_with(kFeedback)) return;
    const auto type = line.substr(kFeedback.size(), line.find(' ') - kFeedback.size());
    // In any notation: "096" is parsed as 96.
    const auto first = std::min(type.find_first_not_of('0'), type.size());
    Check(++feedback_[type.substr(first)], kMaxFeedbackOfType, "lines of a=rtcp-fb for one payload type" + name_);
  }

 private:
  std::string name_;
  size_t lines_ = 0, candidates_ = 0, codec_lines_ = 0;
  std::map<std::string_view, size_t> feedback_;
};

}  // namespace

void CheckOfferSize(std::string_view sdp) {
  size_t lines = 0, sections = 0, codec_lines = 0;
  Section section(0);
  while (!sdp.empty()) {
    const size_t end = sdp.find('\n');
    const std::string_view line = sdp.substr(0, end);
    sdp.remove_prefix(end == sdp.npos ? sdp.size() : end + 1);
    Check(line.size(), kMaxLineBytes, "bytes in a line");
    Check(++lines, kMaxLines, "lines");
    if (IsAboutCodec(line)) Check(++codec_lines, kMaxCodecLines, "lines of a=rtcp-fb and a=fmtp");
    if (line.starts_with("m=")) {
      Check(++sections, kMaxSections, "media descriptions");
      section = Section(sections);
    }
    section.Add(line);
  }
}

}  // namespace sora
