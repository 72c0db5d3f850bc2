// The tests of the engines over drivers, on stand-ins for these (tests/drivers), which the loader finds by LD_LIBRARY_PATH.
#include "support.h"

// x265, which is behind a stand-in and none of ours, leaves a kilobyte behind with each encoder.
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265.so"; }
extern "C" const char* __lsan_default_options() { return "print_suppressions=0"; }

int main(int argc, char** argv) {
  // The whole sweep takes longer.
  return test::Run(argc, argv, /*limit_s=*/test::Count("SORA_TEST_CALLS", 0) > 0 ? 3600 : 300, [] {});
}
