// The tests of codecs, pictures and queues, with the sources themselves linked in. Words narrow them down:
// `zig build codec-test -- AV1`.
#include "../harness/harness.h"

int main(int argc, char** argv) {
  return test::Run(argc, argv, /*limit_s=*/300, [] {});
}
