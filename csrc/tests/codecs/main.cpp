// The tests of the inner parts, which are linked in below the C functions. Words narrow them down: `zig build codec-test -- AV1`.
#include "../harness/harness.h"

int main(int argc, char** argv) {
  return test::Run(argc, argv, /*limit_s=*/300, [] {});
}
