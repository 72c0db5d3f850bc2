#include "harness.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>
#include <vector>

namespace test {
namespace {

using Clock = std::chrono::steady_clock;

struct Outcome {
  const Case* test;
  std::string reason;  // empty: passed
  double seconds;
};

std::vector<Case>& Cases() {
  static std::vector<Case> cases;
  return cases;
}

const char* running = "";
std::vector<Outcome> outcomes;

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
  return out;
}

// The file as the repository names it, whatever the compiler was called with.
std::string Relative(std::string_view file) {
  const size_t at = file.rfind("csrc/");
  return std::string(at == std::string_view::npos ? file : file.substr(at));
}

void WriteReport(const char* path) {
  FILE* out = std::fopen(path, "w");
  if (!out) {
    std::fprintf(stderr, "%s: %s\n", path, std::strerror(errno));
    return;
  }
  std::fputs("<?xml version=\"1.0\"?>\n<testsuites>\n<testsuite name=\"C API\">\n", out);
  for (const Outcome& outcome : outcomes) {
    std::fprintf(out, "<testcase name=\"%s\" file=\"%s\" time=\"%.3f\"", outcome.test->name,
                 Escape(Relative(outcome.test->file)).c_str(), outcome.seconds);
    if (outcome.reason.empty()) {
      std::fputs("/>\n", out);
    } else {
      std::fprintf(out, "><failure message=\"%s\"/></testcase>\n", Escape(outcome.reason).c_str());
    }
  }
  std::fputs("</testsuite>\n</testsuites>\n", out);
  std::fclose(out);
}

int Report() {
  const auto failed = std::count_if(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return !o.reason.empty(); });
  if (const char* path = std::getenv("SORA_TEST_REPORT"); path && *path) WriteReport(path);
  std::printf("%zu passed, %zu failed\n", outcomes.size() - static_cast<size_t>(failed), static_cast<size_t>(failed));
  std::fflush(stdout);
  return failed || outcomes.empty() ? 1 : 0;
}

void Note(const Case& test, std::string reason, double seconds) {
  if (reason.empty()) {
    std::printf("ok %s\n", test.name);
  } else {
    std::printf("not ok %s: %s\n", test.name, reason.c_str());
  }
  std::fflush(stdout);
  outcomes.push_back({&test, std::move(reason), seconds});
}

// Reports the test that crashed.
void OnCrash(int number) {
  char text[256];
  const int size =
      std::snprintf(text, sizeof(text), "not ok %s: crashed with signal %d (%s)\n", running, number, strsignal(number));
  if (write(STDOUT_FILENO, text, static_cast<size_t>(size)) < 0) _exit(3);
  signal(number, SIG_DFL);
  raise(number);
}

// Ends the process when a test exceeds its limit: there is no other way to end a test that hangs.
class Watchdog {
 public:
  explicit Watchdog(int limit_s) : limit_s_(limit_s), thread_([this] { Watch(); }) {}
  ~Watchdog() {
    {
      std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void Start(const Case* test) {
    {
      std::lock_guard lock(mutex_);
      test_ = test;
      deadline_ = Clock::now() + std::chrono::seconds(limit_s_);
    }
    changed_.notify_all();
  }

 private:
  void Watch() {
    std::unique_lock lock(mutex_);
    while (!done_) {
      if (!test_) {
        changed_.wait(lock);
      } else if (changed_.wait_until(lock, deadline_) == std::cv_status::timeout && Clock::now() >= deadline_) {
        Note(*test_, "ran past its limit of " + std::to_string(limit_s_) + " s", limit_s_);
        Report();
        _exit(1);
      }
    }
  }

  const int limit_s_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const Case* test_ = nullptr;
  Clock::time_point deadline_{};
  bool done_ = false;
  std::thread thread_;
};

// Whether a name has a word in it, or, with a word behind "-", has it not.
bool Matches(const char* name, const char* word) {
  return *word == '-' ? !std::strstr(name, word + 1) : std::strstr(name, word) != nullptr;
}

}  // namespace

Registration::Registration(const char* name, const char* file, void (*run)()) { Cases().push_back({name, file, run}); }

void Fail(const char* file, int line, const std::string& reason) {
  throw Failure{reason + " (" + Relative(file) + ":" + std::to_string(line) + ")"};
}

int Run(int argc, char** argv, int limit_s, void (*after)()) {
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) signal(number, OnCrash);
  auto& cases = Cases();
  std::stable_sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return std::strcmp(a.file, b.file) < 0; });
  Watchdog watchdog(limit_s);
  for (const Case& test : cases) {
    if (!std::all_of(argv + 1, argv + argc, [&](const char* word) { return Matches(test.name, word); })) continue;
    running = test.name;
    watchdog.Start(&test);
    const auto began = Clock::now();
    std::string reason;
    for (const auto step : {test.run, after}) {
      try {
        step();
      } catch (const Failure& failure) {
        reason += (reason.empty() ? "" : "; ") + failure.reason;
      } catch (const std::exception& error) {
        reason += std::string(reason.empty() ? "" : "; ") + "threw " + error.what();
      }
    }
    Note(test, std::move(reason), std::chrono::duration<double>(Clock::now() - began).count());
  }
  watchdog.Start(nullptr);
  return Report();
}

}  // namespace test
