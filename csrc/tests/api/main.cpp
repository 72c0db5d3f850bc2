// The tests of the C API, and of the SRTP ciphers that are linked into it. Words narrow them down: `zig build test -- peer`.
#include "support.h"

int main(int argc, char** argv) { return test::Run(argc, argv, /*limit_s=*/30, RequireNothingAlive); }
