// The JSON options of the C functions: any text, read as each of them.
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "codecs/codec_options.h"
#include "core/json.h"
#include "core/json_writer.h"
#include "core/result.h"
#include "fuzz/fuzz.h"
#include "peer/configuration.h"

namespace {

using fuzz::Bytes;

enum Kind : uint8_t { kConfiguration, kSender, kEncodings, kCodecs, kAny, kKinds };

// What stands for a password: no error may name it.
constexpr std::string_view kSecret = "hunter2!";

Bytes Seed(Kind kind, std::string_view text) {
  Bytes seed = {kind};
  seed.insert(seed.end(), text.begin(), text.end());
  return seed;
}

std::vector<Bytes> options_seeds() {
  return {
      Seed(kConfiguration,
           R"({"iceTransportPolicy":"relay","sync":true,"iceServers":[{"urls":["turns:a:443?transport=tcp"],)"
           R"("username":"u","credential":"hunter2!"}]})"),
      Seed(kConfiguration, R"({"tls":{"insecure":true},"proxy":{"host":"a","port":1,"username":"u","password":"hunter2!",)"
                           R"("agent":"b"}})"),
      Seed(kConfiguration, R"({"tls":{"caCert":"-----BEGIN CERTIFICATE-----\nhunter2!\n-----END CERTIFICATE-----\n"}})"),
      Seed(kConfiguration, R"({"tls":{"clientCert":"hunter2!","clientKey":"-----BEGIN PRIVATE KEY-----\nAA==\n"}})"),
      Seed(kSender, R"({"mid":"video","streamId":"hunter2!","degradationPreference":"maintain-framerate"})"),
      Seed(kEncodings, R"({"mid":"v","encodings":[{"rid":"r0","active":true,"maxBitrate":1e6,"minBitrate":0,)"
                       R"("maxFramerate":30,"scaleResolutionDownBy":2,"scalabilityMode":"L1T2","adaptivePtime":true},)"
                       R"({"rid":"r1","scaleResolutionDownTo":{"maxWidth":640,"maxHeight":-360}}]})"),
      Seed(kCodecs, R"({"openh264":"/a","codecs":[{"type":"VP8","encoder":"INTERNAL","decoder":"INTERNAL"},)"
                    R"({"type":"H264","encoder":"a","decoder":"b","fallbackEncoder":"c","fallbackDecoder":"d"}]})"),
      Seed(kCodecs, R"([[[[{"":[0.1e-9,-1,"\ud800\u0000"]}]]]])"),
      Seed(kAny, R"( [null , true,false,-0,1.5e+300,{"a":{},"a":[ ]},"\ud83d\ude00\u00e9\/\b\f\n\r\t\\\"", "é😀"] )"),
  };
}

// Whether two readers understood the same.
bool IsSame(const sora::Json& one, const nlohmann::json& other) {
  if (const bool* const value = one.boolean()) return other.is_boolean() && *value == other.get<bool>();
  if (const double* const value = one.number()) return other.is_number() && *value == other.get<double>();
  if (const std::string* const value = one.text()) return other.is_string() && *value == other.get<std::string>();
  if (const auto* const elements = one.array()) {
    if (!other.is_array() || elements->size() != other.size()) return false;
    for (size_t i = 0; i < elements->size(); ++i)
      if (!IsSame((*elements)[i], other[i])) return false;
    return true;
  }
  if (one.object()) {
    if (!other.is_object()) return false;
    for (const auto& [name, value] : *one.object())
      if (!other.contains(name)) return false;
    for (const auto& [name, value] : other.items())
      if (!one.Find(name) || !IsSame(*one.Find(name), value)) return false;
    return true;
  }
  return other.is_null();
}

int DepthOf(const nlohmann::json& json) {
  int depth = 0;
  for (const auto& value : json.is_structured() ? json : nlohmann::json::array()) depth = std::max(depth, DepthOf(value));
  return json.is_structured() ? depth + 1 : depth;
}

// Any text is read as another reader reads it, but for how deep it goes, for a mark of its byte order, and for a NUL, which ends a text
// for the other one.
void ReadAny(std::string_view text) {
  const auto own = sora::Json::Parse(text);
  const auto other = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const bool ends_early = text.find('\0') != text.npos;
  if (other.is_discarded() || ends_early || text.starts_with("\xef\xbb\xbf") || DepthOf(other) > sora::Json::kMaxDepth) {
    FUZZ_REQUIRE(!own);
  } else {
    FUZZ_REQUIRE(own && IsSame(*own, other));
  }
  // Whatever bytes are written as a string are JSON.
  std::string quoted;
  sora::AppendQuoted(quoted, text);
  const auto back = nlohmann::json::parse(quoted, nullptr, /*allow_exceptions=*/false);
  FUZZ_REQUIRE(back.is_string());
  // What was UTF-8 is the same again.
  const auto as_utf8 = [&] { return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore); };
  if (nlohmann::json::parse(as_utf8()).get<std::string>() == text) FUZZ_REQUIRE(back.get<std::string>() == text);
}

void Read(Kind kind, std::string_view text) {
  switch (kind) {
    case kConfiguration: {
      const auto configuration = sora::ParseConfiguration(text);
      FUZZ_REQUIRE(configuration.network.tls != nullptr);
      const auto& proxy = configuration.network.proxy;
      if (proxy) FUZZ_REQUIRE(proxy->address.port() >= 1 && !proxy->address.hostname().empty());
      return;
    }
    case kSender: FUZZ_REQUIRE(sora::ParseSenderOptions(text).stream_ids.size() <= 1); return;
    case kEncodings: {
      const auto encodings = sora::ParseEncodings(text).encodings;
      FUZZ_REQUIRE(encodings.size() >= 1 && encodings.size() <= 16);
      for (const auto& encoding : encodings) {
        FUZZ_REQUIRE(encoding.max_bitrate_bps.value_or(0) >= 0 && encoding.min_bitrate_bps.value_or(0) >= 0);
        FUZZ_REQUIRE(encoding.scale_resolution_down_by.value_or(1) >= 1);
        if (const auto& to = encoding.requested_resolution) FUZZ_REQUIRE(to->width >= 1 && to->height >= 1);
      }
      return;
    }
    case kCodecs: {
      const auto codecs = sora::ParseCodecOptions(text).preferences;
      FUZZ_REQUIRE(!codecs || codecs->size() <= 16);
      return;
    }
    case kAny: return ReadAny(text);
    case kKinds: return;
  }
}

}  // namespace

FUZZ_TARGET(options, 3'000, 2048) {
  fuzz::Script script(input);
  const auto kind = static_cast<Kind>(script.Byte() % kKinds);
  const std::string text(script.rest().begin(), script.rest().end());
  try {
    Read(kind, text);
  } catch (const sora::Error& error) {
    FUZZ_REQUIRE(error.code() == SORA_ERROR_INVALID_ARGUMENT);
    const std::string_view reason = error.what();
    FUZZ_REQUIRE(!reason.empty());
    // An unknown option is named, and nothing else of a text.
    FUZZ_REQUIRE(reason.find(kSecret) == reason.npos || (kind == kCodecs && reason.ends_with(" is not known")));
  }
}
