// The tests of threads that race on the same handles, which `zig build tsan-test` runs with ThreadSanitizer.
#include "../api/support.h"

int main(int argc, char** argv) { return test::Run(argc, argv, /*limit_s=*/4000, RequireNothingAlive); }
