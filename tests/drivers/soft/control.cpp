#include "soft/control.h"

#include <atomic>
#include <cctype>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <string>

namespace standin {
namespace {

constexpr const char* kSettings[] = {"fail_at",       "fail_count",    "busy_at", "busy_count", "lost_at",    "lost_frame",
                                     "session_limit", "session_error", "absent",  "version",    "without",    "alignment",
                                     "null",          "software",      "level",   "layers",     "out_of_turn"};
static_assert(std::size(kSettings) == static_cast<size_t>(Setting::kLast));

constexpr const char* kKinds[] = {"sessions", "contexts", "buffers",  "locks",      "maps",   "memory",
                                  "parsers",  "decoders", "surfaces", "components", "loaders"};
static_assert(std::size(kKinds) == static_cast<size_t>(Kind::kLast));

struct State {
  int64_t settings[std::size(kSettings)] = {};
  int64_t open[std::size(kKinds)] = {};
  int64_t calls = 0, faults = 0, misuse = 0, frames = 0;
  // What had been counted when the setting was made that looks at it.
  int64_t fail_from = 0, busy_from = 0, lost_from = 0, frames_from = 0;
  bool lost = false;
  std::atomic<int64_t> work_ns = 0;
  char last_misuse[256] = "";

  State() {
    for (size_t i = 0; i < std::size(kSettings); ++i) {
      std::string name = std::string("STANDIN_") + kVendor + "_" + kSettings[i];
      for (char& letter : name) letter = static_cast<char>(toupper(letter));
      if (const char* value = getenv(name.c_str())) settings[i] = atoll(value);
    }
  }
  State(const State&) = delete;

  int64_t TotalOpen() const {
    int64_t sum = 0;
    for (const int64_t count : open) sum += count;
    return sum;
  }

  void Write(const char* path) const {
    FILE* file = fopen(path, "a");
    if (!file) return;
    fprintf(file, R"({"vendor":"%s","calls":%lld,"faults":%lld,"misuse":%lld,"frames":%lld,"open":%lld,"last_misuse":"%s")",
            kVendor, static_cast<long long>(calls), static_cast<long long>(faults), static_cast<long long>(misuse),
            static_cast<long long>(frames), static_cast<long long>(TotalOpen()), last_misuse);
    for (size_t i = 0; i < std::size(kKinds); ++i)
      fprintf(file, R"(,"open_%s":%lld)", kKinds[i], static_cast<long long>(open[i]));
    fputs("}\n", file);
    fclose(file);
  }
};

// Nothing of a stand-in is destroyed: clients call it while they end, some behind its own end.
State& Now() {
  static State& state = *new State();
  return state;
}

__attribute__((destructor)) void End() {
  if (const char* path = getenv("STANDIN_REPORT")) Now().Write(path);
}

int64_t NowNs() { return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count(); }

// Scopes within others are counted once.
thread_local int work_depth = 0;

bool Within(int64_t call, int64_t at, int64_t count) { return at > 0 && call >= at && call < at + (count > 0 ? count : 1); }

}  // namespace

std::recursive_mutex& Mutex() {
  static auto& mutex = *new std::recursive_mutex();
  return mutex;
}

int64_t Get(Setting setting) {
  std::lock_guard lock(Mutex());
  return Now().settings[static_cast<int>(setting)];
}

Verdict Enter(const char* function, bool closing) {
  std::lock_guard lock(Mutex());
  State& state = Now();
  ++state.calls;
  if (const int64_t at = Get(Setting::kLostAt); at > 0 && state.calls - state.lost_from >= at) state.lost = true;
  Verdict verdict = Verdict::kGo;
  if (closing)
    verdict = Verdict::kGo;
  else if (state.lost)
    verdict = Verdict::kLost;
  else if (Within(state.calls - state.fail_from, Get(Setting::kFailAt), Get(Setting::kFailCount)))
    verdict = Verdict::kFail;
  else if (Within(state.calls - state.busy_from, Get(Setting::kBusyAt), Get(Setting::kBusyCount)))
    verdict = Verdict::kBusy;
  if (verdict != Verdict::kGo) ++state.faults;
  static const bool traced = getenv("STANDIN_TRACE") != nullptr;
  if (traced)
    fprintf(stderr, "%s %lld %s%s\n", kVendor, static_cast<long long>(state.calls), function,
            verdict == Verdict::kGo ? "" : " is made to fail");
  return verdict;
}

void CountFrame() {
  std::lock_guard lock(Mutex());
  State& state = Now();
  ++state.frames;
  if (const int64_t at = Get(Setting::kLostFrame); at > 0 && state.frames - state.frames_from >= at) state.lost = true;
}

Work::Work() : began_ns_(work_depth++ == 0 ? NowNs() : 0) {}

Work::~Work() {
  if (--work_depth == 0) Now().work_ns += NowNs() - began_ns_;
}

void Opened(Kind kind, int64_t count) {
  std::lock_guard lock(Mutex());
  Now().open[static_cast<int>(kind)] += count;
}

void Closed(Kind kind, int64_t count) { Opened(kind, -count); }

int64_t CountOpen(Kind kind) {
  std::lock_guard lock(Mutex());
  return Now().open[static_cast<int>(kind)];
}

void Misuse(const char* format, ...) {
  std::lock_guard lock(Mutex());
  State& state = Now();
  ++state.misuse;
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(state.last_misuse, sizeof state.last_misuse, format, arguments);
  va_end(arguments);
  for (char* letter = state.last_misuse; *letter; ++letter)
    if (*letter == '"' || *letter == '\\') *letter = '\'';
  if (getenv("STANDIN_TRACE")) fprintf(stderr, "%s misuse: %s\n", kVendor, state.last_misuse);
}

STANDIN_EXPORT int64_t standin_get(const char* name) {
  std::lock_guard lock(Mutex());
  const State& state = Now();
  for (size_t i = 0; i < std::size(kSettings); ++i)
    if (!strcmp(name, kSettings[i])) return state.settings[i];
  if (!strncmp(name, "open_", 5)) {
    for (size_t i = 0; i < std::size(kKinds); ++i)
      if (!strcmp(name + 5, kKinds[i])) return state.open[i];
  }
  if (!strcmp(name, "open")) return state.TotalOpen();
  if (!strcmp(name, "calls")) return state.calls;
  if (!strcmp(name, "faults")) return state.faults;
  if (!strcmp(name, "misuse")) return state.misuse;
  if (!strcmp(name, "frames")) return state.frames;
  if (!strcmp(name, "lost")) return state.lost;
  if (!strcmp(name, "work_ns")) return state.work_ns;
  return -1;
}

// Returns 0, or -1 when there is no such setting. A lost device comes back with `lost_at` or `lost_frame`.
STANDIN_EXPORT int standin_set(const char* name, int64_t value) {
  std::lock_guard lock(Mutex());
  State& state = Now();
  for (size_t i = 0; i < std::size(kSettings); ++i) {
    if (strcmp(name, kSettings[i])) continue;
    state.settings[i] = value;
    switch (static_cast<Setting>(i)) {
      case Setting::kFailAt: state.fail_from = state.calls; break;
      case Setting::kBusyAt: state.busy_from = state.calls; break;
      case Setting::kLostAt:
        state.lost_from = state.calls;
        state.lost = false;
        break;
      case Setting::kLostFrame:
        state.frames_from = state.frames;
        state.lost = false;
        break;
      default: break;
    }
    return 0;
  }
  return -1;
}

// What the client did wrong last, or an empty text.
STANDIN_EXPORT const char* standin_misuse() { return Now().last_misuse; }

}  // namespace standin
