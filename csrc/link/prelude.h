// Included before everything else (-include): what the archive's headers expect of an older abseil.
#ifndef SORA_LINK_PRELUDE_H
#define SORA_LINK_PRELUDE_H

#include "absl/base/attributes.h"
#include "absl/base/config.h"

// Sanitizers would add members to abseil's containers, and the archive was compiled without them.
#undef ABSL_HAVE_ADDRESS_SANITIZER

// On functions that return void, clang refuses the attribute that GCC ignored.
#undef ABSL_ATTRIBUTE_LIFETIME_BOUND
#define ABSL_ATTRIBUTE_LIFETIME_BOUND

// Dropped by abseil, still used by libwebrtc's headers.
namespace absl {
template <typename T>
using Nonnull = T;
template <typename T>
using Nullable = T;
}  // namespace absl

#endif
