// The load of the server's benchmarks: see load.h, and primitives.h for the words "limit", "receive COUNT" and
// "send PORT COUNT RATE".
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "load.h"
#include "primitives.h"

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  const auto number = [&](int index) {
    return static_cast<uint32_t>(index < argc ? std::strtoul(argv[index], nullptr, 10) : 0);
  };
  try {
    if (what.empty()) return load::Run();
    if (what == "limit") return load::Limit();
    if (what == "receive") return load::ReceiveDatagrams(number(2));
    if (what == "send") return load::SendDatagrams(static_cast<uint16_t>(number(2)), number(3), number(4));
    std::fprintf(stderr, "no such word: %s\n", argv[1]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "load: %s\n", error.what());
  }
  return 1;
}
