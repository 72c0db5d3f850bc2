// Offers, from the check of their size through libwebrtc's parser to what makes libwebrtc answer them.
#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "api/jsep.h"
#include "core/result.h"
#include "fuzz/fuzz.h"
#include "pc/session_description.h"
#include "peer/offer_limits.h"
#include "peer/offered_video.h"
#include "peer/stereo.h"
#include "peer/sync_group.h"
#include "tests/harness/offer.h"

namespace {

using fuzz::Bytes;

// A byte from here on stands for a line: mutations then move, repeat and leave out whole lines, and change others.
constexpr uint8_t kFirstLine = 128;

// As csrc/peer/offer_limits.cpp has it.
constexpr size_t kMostFeedback = 32;

const std::vector<std::string>& Lines() {
  static const std::vector<std::string> lines = [] {
    std::vector<std::string> lines = {
        "a=rtpmap:100 H265/90000\r\n",
        "a=fmtp:100 level-id=180;profile-id=1;tier-flag=0\r\n",
        "a=rtpmap:100 AV1/90000\r\n",
        "a=rtpmap:100 X/90000\r\n",
        "m=video 9 UDP/TLS/RTP/SAVPF 100 121\r\n",
        "a=fmtp:121 apt=100\r\n",
        "a=fmtp:109 stereo=1;sprop-stereo=1\r\n",
        "a=rtpmap:122 red/90000\r\n",
        "a=rtpmap:123 flexfec-03/90000\r\n",
        "b=TIAS:1000000\r\n",
        "b=AS:1000\r\n",
        "m=audio 0 UDP/TLS/RTP/SAVPF 109\r\n",
        "a=sendrecv\r\n",
        "a=inactive\r\n",
        "a=bundle-only\r\n",
        "a=msid:- remote-video\r\n",
    };
    const auto add = [&](const std::string& sdp) {
      for (size_t at = 0, end; (end = sdp.find('\n', at)) != sdp.npos; at = end + 1) {
        const std::string line = sdp.substr(at, end + 1 - at);
        if (std::ranges::find(lines, line) == lines.end()) lines.push_back(line);
      }
    };
    add(SimulcastOffer());
    FUZZ_REQUIRE(lines.size() <= 256 - kFirstLine);
    return lines;
  }();
  return lines;
}

std::string Expand(std::span<const uint8_t> script) {
  std::string text;
  for (const uint8_t byte : script) {
    if (byte < kFirstLine)
      text += static_cast<char>(byte);
    else
      text += Lines()[static_cast<size_t>(byte - kFirstLine) % Lines().size()];
  }
  return text;
}

// A text as a script that expands to it.
Bytes Shortened(uint8_t abilities, const std::string& sdp) {
  Bytes script = {abilities};
  for (size_t at = 0, end; (end = sdp.find('\n', at)) != sdp.npos; at = end + 1) {
    const std::string line = sdp.substr(at, end + 1 - at);
    const auto found = std::ranges::find(Lines(), line);
    if (found != Lines().end())
      script.push_back(static_cast<uint8_t>(kFirstLine + (found - Lines().begin())));
    else
      script.insert(script.end(), line.begin(), line.end());
  }
  return script;
}

// An offer with so many lines about one payload type.
Bytes WithFeedback(size_t lines) {
  std::string offer = SoraOffer();
  constexpr std::string_view kNack = "a=rtcp-fb:120 nack\r\n";
  const size_t at = offer.find(kNack);
  for (size_t i = 0; i < lines; ++i) offer.insert(at, kNack);
  return Shortened(0, offer);
}

// The most lines a=rtcp-fb of one payload type between two lines m=, of those that are written as here.
size_t MostFeedback(std::string_view sdp) {
  size_t most = 0, lines = 0;
  for (size_t at = 0; at < sdp.size(); at = std::min(sdp.size(), sdp.find('\n', at)) + 1) {
    const std::string_view line = sdp.substr(at, 30);
    if (line.starts_with("m=")) lines = 0;
    if (line.starts_with("a=rtcp-fb:120 ")) most = std::max(most, ++lines);
  }
  return most;
}

std::vector<Bytes> offer_seeds() {
  std::string foreign = SoraOffer();
  for (size_t at; (at = foreign.find("VP9")) != foreign.npos;) foreign.replace(at, 3, "H265");
  return {Shortened(0, SoraOffer()),
          Shortened(3, SimulcastOffer()),
          Shortened(1, foreign),
          Shortened(2, foreign),
          Shortened(4, SoraOffer()),
          Shortened(0, WithBandwidth(SoraOffer(), "b=AS:1000\r\n")),
          Shortened(0, "v=0\r\nnot an SDP\r\n"),
          WithFeedback(40)};
}

// What is encoded and decoded: nothing, VP8 alone, or in one direction alone.
sora::VideoAbilities Abilities(uint8_t choice) {
  const sora::VideoFormats some = {webrtc::SdpVideoFormat("VP8"), webrtc::SdpVideoFormat("VP9", {{"profile-id", "0"}})};
  sora::VideoAbilities abilities;
  if (choice % 5 != 1 && choice % 5 != 2) abilities.encoded = some;
  if (choice % 5 != 1 && choice % 5 != 3) abilities.decoded = some;
  if (choice % 5 != 4) abilities.undecodable = sora::UndecodableFormats(abilities.encoded, abilities.decoded);
  return abilities;
}

}  // namespace

FUZZ_TARGET(offer, 800, 1024) {
  fuzz::Script script(input);
  const sora::VideoAbilities abilities = Abilities(script.Byte());
  const std::string text = Expand(script.rest());
  try {
    sora::CheckOfferSize(text);
  } catch (const sora::Error& error) {
    FUZZ_REQUIRE(error.code() == SORA_ERROR_LIMIT);
    return;
  }
  FUZZ_REQUIRE(MostFeedback(text) <= kMostFeedback);
  webrtc::SdpParseError error;
  const auto offer = webrtc::CreateSessionDescription(webrtc::SdpType::kOffer, text, &error);
  if (!offer) return;
  // libwebrtc refuses it later, when it is set.
  std::set<std::string> mids;
  for (const auto& content : offer->description()->contents())
    if (!mids.insert(content.mid()).second) return;
  const auto sections = offer->description()->contents().size();
  const auto answer = offer->Clone();
  const auto offered = sora::AdaptVideo(*offer, abilities);
  FUZZ_REQUIRE(offer->description()->contents().size() == sections);
  for (size_t i = 0; i < sections; ++i) {
    const auto& before = answer->description()->contents()[i];
    if (before.rejected || before.media_description()->codecs().empty() || abilities.undecodable.empty()) continue;
    // libwebrtc refuses a section whose codecs are all gone.
    FUZZ_REQUIRE(!offer->description()->contents()[i].media_description()->codecs().empty());
  }
  for (const auto& [mid, video] : offered.undecodable)
    for (const auto& codec : video.codecs) sora::FormatParameters(codec);
  sora::LeaveSyncGroups(*offer);
  sora::RestoreCodecs(*answer, offered);
  sora::RequestStereo(*offer->description(), *answer->description());
  std::string written;
  FUZZ_REQUIRE(answer->ToString(&written) && !written.empty());
}
