// Included before everything else (-include): adapts abseil to libwebrtc's headers, which expect an older version.
#ifndef SORA_LINK_PRELUDE_H
#define SORA_LINK_PRELUDE_H

#include "absl/base/attributes.h"
#include "absl/base/config.h"

// With sanitizers abseil's containers have more members, and the libwebrtc archive was compiled without.
#undef ABSL_HAVE_ADDRESS_SANITIZER

// Clang refuses the attribute on functions that return void, where GCC ignores it.
#undef ABSL_ATTRIBUTE_LIFETIME_BOUND
#define ABSL_ATTRIBUTE_LIFETIME_BOUND

// Removed from abseil after its release 20250512, but still used by libwebrtc's headers. Between releases, as Chromium has it, it has
// no version; what goes with our libwebrtc is older.
#if defined(ABSL_LTS_RELEASE_VERSION) && ABSL_LTS_RELEASE_VERSION > 20250512
namespace absl {
template <typename T>
using Nonnull = T;
template <typename T>
using Nullable = T;
}  // namespace absl
#endif

#endif
