// Planted defects: `zig build -Dcanary=NAME` compiles one of them in, and `make stress` requires that it is found by the row that it
// belongs to (tests/stress/rows/canaries.ts). Without the option there is none.
#ifndef SORA_CORE_CANARY_H
#define SORA_CORE_CANARY_H

#include <string_view>

#ifndef SORA_CANARY
#define SORA_CANARY ""
#endif

namespace sora {

constexpr bool IsPlanted(std::string_view canary) { return canary == SORA_CANARY; }

}  // namespace sora

#endif
