// The tests of memory that runs out, which `zig build memory-test` runs: in a program of its own, whose operator new they replace.
#include <cstdlib>

#include "../api/support.h"

int main(int argc, char** argv) {
  // Under valgrind everything takes longer.
  const char* const limit = std::getenv("SORA_TEST_LIMIT_S");
  return test::Run(argc, argv, limit ? std::atoi(limit) : 60, RequireNothingAlive);
}
