// Lines of the log: whatever stands around a secret, it does not pass.
#include <string>
#include <string_view>

#include "core/log.h"
#include "fuzz/fuzz.h"

namespace {

using fuzz::Bytes;

constexpr std::string_view kSecret = "hx7v9q2z";
constexpr std::string_view kNames[] = {"password=", "token: ", "\"secret\":\"", "Authorization: Basic ", "api_key = '"};

Bytes Seed(uint8_t name, std::string_view before, std::string_view behind) {
  Bytes seed = {name, static_cast<uint8_t>(before.size())};
  seed.insert(seed.end(), before.begin(), before.end());
  seed.insert(seed.end(), behind.begin(), behind.end());
  return seed;
}

std::vector<Bytes> log_seeds() {
  return {
      Seed(0, "(turn_port.cc:1): user=a ", " realm=b"),
      Seed(1, "secret: Authorization: ", ", next"),
      Seed(2, "{\"token\":", "\"}"),
      Seed(3, "", "\r\n"),
      Seed(4, "key = \"a\" 'b' : ", "'"),
  };
}

}  // namespace

FUZZ_TARGET(log, 30'000, 256) {
  fuzz::Script script(input);
  const std::string_view name = kNames[script.Byte() % std::size(kNames)];
  const auto before = script.Take(script.Byte());
  std::string line(before.begin(), before.end());
  if (line.find(kSecret) != line.npos) return;
  line += name;
  line += kSecret;
  line.append(script.rest().begin(), script.rest().end());
  const std::string redacted = sora::Redact(line);
  const size_t first = line.find(kSecret);
  // What follows is a text of its own; the first one has a name before it.
  if (line.find(kSecret, first + 1) == line.npos) FUZZ_REQUIRE(redacted.find(kSecret) == redacted.npos);
  FUZZ_REQUIRE(redacted.size() <= 2 * line.size());
}
