// sora_ffi_fuzz: the fuzz targets.
//
//   sora_ffi_fuzz [WORD...]         each target whose name has the words, briefly and always with the same inputs: the tests
//   sora_ffi_fuzz TARGET SECONDS    one target, for so long; what it finds is kept for the next time in .deps/fuzz/TARGET
//   sora_ffi_fuzz all SECONDS       each target in turn
//   sora_ffi_fuzz TARGET FILE...    inputs, as they were kept or reported; -OPTION=... goes to libFuzzer
//
// Inputs that showed a fault stand in csrc/fuzz/corpus/TARGET and belong to every run.
#include "fuzz/fuzz.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "fuzz/world.h"

// AddressSanitizer keeps freed memory for a while, to see uses of it, and where memory was allocated: less
// than by itself, for inputs are short.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=32:malloc_context_size=8"; }

// Of libFuzzer.
extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv, int (*run)(const uint8_t* data, size_t size));

namespace fuzz {
namespace {

namespace fs = std::filesystem;

constexpr int kTestLimitS = 300;

std::vector<const Target*>& Targets() {
  static std::vector<const Target*> targets;
  return targets;
}

const Target* running = nullptr;

// Counters that libFuzzer reads beside those of the compiler.
constexpr size_t kStates = 8192;
__attribute__((section("__libfuzzer_extra_counters"))) uint8_t states[kStates];

int RunOne(const uint8_t* data, size_t size) {
  BeginWorld();
  // A copy of its own size, so that AddressSanitizer sees a read behind its end.
  const Bytes input(data, data + size);
  running->run(input);
  return 0;
}

bool IsNumber(const std::string& word) { return !word.empty() && word.find_first_not_of("0123456789") == word.npos; }

void WriteSeeds(const Target& target, const fs::path& folder) {
  fs::create_directories(folder);
  size_t number = 0;
  for (const Bytes& seed : target.seeds()) {
    std::ofstream out(folder / ("seed-" + std::to_string(number++)), std::ios::binary);
    out.write(reinterpret_cast<const char*>(seed.data()), static_cast<std::streamsize>(seed.size()));
  }
}

// Runs a target in this process.
int Run(const Target& target, std::vector<std::string> words) {
  running = &target;
  const std::string name = target.name;
  fs::create_directories("out/fuzz");
  std::vector<std::string> options = {"sora_ffi_fuzz",
                                      "-artifact_prefix=out/fuzz/" + name + "-",
                                      "-timeout=5",
                                      "-rss_limit_mb=1024",
                                      "-print_final_stats=1",
                                      "-print_funcs=0",
                                      "-max_len=" + std::to_string(target.max_size)};
  const auto is_file = [](const std::string& word) { return word[0] != '-' && !IsNumber(word); };
  if (std::ranges::none_of(words, is_file)) {
    fs::path corpus = ".deps/fuzz/" + name;
    if (std::ranges::none_of(words, IsNumber)) {
      fs::remove_all(corpus = "out/fuzz/" + name);
      options.insert(options.end(), {"-seed=1", "-runs=" + std::to_string(target.runs), "-verbosity=0"});
    }
    BeginWorld();
    WriteSeeds(target, corpus);
    options.push_back(corpus);
    if (const fs::path found = "csrc/fuzz/corpus/" + name; fs::is_directory(found)) options.push_back(found);
  }
  for (std::string& word : words) options.push_back(IsNumber(word) ? "-max_total_time=" + word : std::move(word));
  std::vector<char*> arguments;
  for (std::string& option : options) arguments.push_back(option.data());
  int count = static_cast<int>(arguments.size());
  arguments.push_back(nullptr);
  char** values = arguments.data();
  return LLVMFuzzerRunDriver(&count, &values, RunOne);
}

// Runs a target in a process of its own; returns whether it found nothing.
bool RunApart(const Target& target, const char* seconds) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    execl("/proc/self/exe", "sora_ffi_fuzz", target.name, "-run", seconds, nullptr);
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int Main(int argc, char** argv) {
  const auto named = [&](const Target* target) { return std::strcmp(target->name, argv[1]) == 0; };
  if (argc > 2 && std::strcmp(argv[1], "all") == 0) {
    const auto found = [&](const Target* target) { return !RunApart(*target, argv[2]); };
    return std::ranges::count_if(Targets(), found) ? 1 : 0;
  }
  if (argc > 2) {
    const auto target = std::ranges::find_if(Targets(), named);
    std::vector<std::string> words(argv + 2, argv + argc);
    std::erase(words, "-run");
    if (target != Targets().end()) return Run(**target, std::move(words));
  }
  return test::Run(argc, argv, kTestLimitS, [] {});
}

}  // namespace

Registration::Registration(const Target& target) { Targets().push_back(&target); }

void RunShortly(const Target& target) {
  if (!RunApart(target, nullptr)) throw test::Failure{"an input of out/fuzz crashes, leaks, hangs or takes too much memory"};
}

void Reached(uint32_t state) { states[state * 0x9e37'79b1u % kStates] = 1; }

void Wrong(const char* file, int line, const char* what) {
  std::fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, what);
  std::abort();
}

}  // namespace fuzz

int main(int argc, char** argv) { return fuzz::Main(argc, argv); }
