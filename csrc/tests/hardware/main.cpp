// The tests of the engines over drivers, on stand-ins for these (tests/drivers), which the loader finds by LD_LIBRARY_PATH.
#include "../harness/harness.h"

int main(int argc, char** argv) {
  return test::Run(argc, argv, /*limit_s=*/300, [] {});
}
