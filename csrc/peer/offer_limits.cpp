#include "peer/offer_limits.h"

#include <algorithm>
#include <map>
#include <string>

#include "core/result.h"

namespace sora {
namespace {

constexpr size_t kMaxLines = 25'000;
constexpr size_t kMaxSections = 500;
constexpr size_t kMaxLinesOfSection = 1'000;
constexpr size_t kMaxLineBytes = 16 * 1024;
// Of a media description: candidates, and lines about one payload type.
constexpr size_t kMaxCandidates = 200;
constexpr size_t kMaxFeedback = 64;
constexpr size_t kMaxFormatParameters = 64;

void Check(size_t count, size_t limit, const std::string& what) {
  if (count > limit) throw Error(SORA_ERROR_LIMIT, "the offer has more than " + std::to_string(limit) + " " + what);
}

// The media description that is being read.
class Section {
 public:
  explicit Section(size_t number) : name_(number ? " in media description " + std::to_string(number) : " of the session") {}

  void Add(std::string_view line) {
    Check(++lines_, kMaxLinesOfSection, "lines" + name_);
    if (line.starts_with("a=candidate:")) Check(++candidates_, kMaxCandidates, "candidates" + name_);
    Count(line, "a=rtcp-fb:", feedback_, kMaxFeedback);
    Count(line, "a=fmtp:", parameters_, kMaxFormatParameters);
  }

 private:
  using Counts = std::map<std::string_view, size_t>;

  void Count(std::string_view line, std::string_view attribute, Counts& counts, size_t limit) const {
    if (!line.starts_with(attribute)) return;
    const auto type = line.substr(attribute.size(), line.find(' ') - attribute.size());
    // However it is written: "096" is 96 to who reads it as a number.
    const auto first = std::min(type.find_first_not_of('0'), type.size());
    Check(++counts[type.substr(first)], limit, "lines of " + std::string(attribute) + " for one payload type" + name_);
  }

  std::string name_;
  size_t lines_ = 0, candidates_ = 0;
  Counts feedback_, parameters_;
};

}  // namespace

void CheckOfferSize(std::string_view sdp) {
  size_t lines = 0, sections = 0;
  Section section(0);
  while (!sdp.empty()) {
    const size_t end = sdp.find('\n');
    const std::string_view line = sdp.substr(0, end);
    sdp.remove_prefix(end == sdp.npos ? sdp.size() : end + 1);
    Check(line.size(), kMaxLineBytes, "bytes in a line");
    Check(++lines, kMaxLines, "lines");
    if (line.starts_with("m=")) {
      Check(++sections, kMaxSections, "media descriptions");
      section = Section(sections);
    }
    section.Add(line);
  }
}

}  // namespace sora
