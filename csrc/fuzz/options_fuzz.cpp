// The JSON options of the C functions: any text, read as each of them.
#include <string>
#include <string_view>

#include "codecs/codec_options.h"
#include "core/result.h"
#include "fuzz/fuzz.h"
#include "peer/configuration.h"

namespace {

using fuzz::Bytes;

enum Kind : uint8_t { kConfiguration, kSender, kEncodings, kCodecs, kKinds };

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
  };
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
