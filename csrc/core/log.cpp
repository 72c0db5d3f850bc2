#include "core/log.h"

#include <cctype>
#include <chrono>
#include <mutex>
#include <utility>

#include "rtc_base/logging.h"

namespace sora {
namespace {

constexpr size_t kMaxLine = 4096;
constexpr int kMaxLinesPerSecond = 1000;

rtc::LoggingSeverity ToWebrtc(sora_log_severity severity) {
  switch (severity) {
    case SORA_LOG_SEVERITY_VERBOSE: return rtc::LS_VERBOSE;
    case SORA_LOG_SEVERITY_INFO: return rtc::LS_INFO;
    case SORA_LOG_SEVERITY_WARNING: return rtc::LS_WARNING;
    case SORA_LOG_SEVERITY_ERROR: return rtc::LS_ERROR;
    case SORA_LOG_SEVERITY_NONE: return rtc::LS_NONE;
  }
  return rtc::LS_NONE;
}

// The line, cut to kMaxLine bytes at the end of a UTF-8 character.
std::string_view Cut(std::string_view line) {
  if (line.size() <= kMaxLine) return line;
  size_t end = kMaxLine;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  return line.substr(0, end);
}

sora_log_severity FromWebrtc(rtc::LoggingSeverity severity) {
  switch (severity) {
    case rtc::LS_VERBOSE: return SORA_LOG_SEVERITY_VERBOSE;
    case rtc::LS_INFO: return SORA_LOG_SEVERITY_INFO;
    case rtc::LS_WARNING: return SORA_LOG_SEVERITY_WARNING;
    default: return SORA_LOG_SEVERITY_ERROR;
  }
}

class Sink : public rtc::LogSink {
 public:
  Sink(const void* owner, WriteLine write) : owner_(owner), write_(std::move(write)) {}
  const void* owner() const { return owner_; }

  void OnLogMessage(const std::string& message) override { OnLogMessage(message, rtc::LS_INFO); }

  void OnLogMessage(const std::string& message, rtc::LoggingSeverity severity) override {
    uint64_t left_out = 0;
    bool gap = false;
    {
      std::lock_guard lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      if (now - second_ >= std::chrono::seconds(1)) {
        second_ = now;
        lines_ = 0;
      }
      if (++lines_ > kMaxLinesPerSecond) {
        gap = left_out_++ == 0;
        if (!gap) return;
      } else {
        std::swap(left_out, left_out_);
      }
    }
    if (gap) {
      // The line after the gap, which states its length, may never come.
      write_(SORA_LOG_SEVERITY_WARNING, "Lines are left out from here on: 1,000 were logged within a second");
      return;
    }
    std::string line = Redact(Cut(message));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    if (left_out) line = "(" + std::to_string(left_out) + " lines were left out before this one) " + line;
    if (write_(FromWebrtc(severity), Cut(line))) return;
    std::lock_guard lock(mutex_);
    left_out_ += left_out + 1;
  }

 private:
  const void* const owner_;
  const WriteLine write_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point second_;
  int lines_ = 0;
  uint64_t left_out_ = 0;
};

std::mutex& log_mutex() {
  static std::mutex* const mutex = new std::mutex;
  return *mutex;
}
Sink* current = nullptr;  // guarded by log_mutex()

// With the mutex locked.
void RemoveSink() {
  if (!current) return;
  rtc::LogMessage::RemoveLogToStream(current);  // waits for calls in progress
  delete current;
  current = nullptr;
}

// What stands around names and values.
bool IsAround(char c) { return c == ' ' || c == '"' || c == '\''; }

}  // namespace

std::string Redact(std::string_view line) {
  static constexpr std::string_view kWords[] = {"password", "passwd", "pwd",    "credential",   "token",
                                                "secret",   "key",    "inline", "authorization"};
  std::string lower(line);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string out;
  size_t at = 0;
  while (at < line.size()) {
    // The next of the words, also inside a longer one.
    size_t begin = std::string::npos, end = 0;
    for (const auto word : kWords) {
      const size_t found = lower.find(word, at);
      if (found < begin || (found == begin && found != std::string::npos && found + word.size() > end)) {
        begin = found;
        end = found + word.size();
      }
    }
    if (begin == std::string::npos) break;
    // A value follows when there is a : or = behind the word, with or without quotes and blanks around it.
    size_t value = end;
    while (value < line.size() && (line[value] == '"' || line[value] == '\'')) ++value;
    while (value < line.size() && line[value] == ' ') ++value;
    const bool assigned = value < line.size() && (line[value] == ':' || line[value] == '=');
    if (!assigned) {
      // The next word may begin within this one: "secretoken".
      out.append(line.substr(at, begin + 1 - at));
      at = begin + 1;
      continue;
    }
    ++value;
    while (value < line.size() && (line[value] == ' ' || line[value] == '"' || line[value] == '\'')) ++value;
    out.append(line.substr(at, value - at));
    size_t stop = value;
    for (;;) {
      const size_t word = stop;
      while (stop < line.size() && !std::isspace(static_cast<unsigned char>(line[stop])) && line[stop] != '"' &&
             line[stop] != ',' && line[stop] != ';')
        ++stop;
      if (stop == word || stop == line.size()) break;
      size_t next = stop;
      while (next < line.size() && IsAround(line[next])) ++next;
      // What looks like a value may be another name: "secret: Authorization: Basic abc", "token":"key":"abc".
      bool goes_on = line[stop - 1] == ':' || line[stop - 1] == '=';
      if (!goes_on && next < line.size() && (line[next] == ':' || line[next] == '=')) {
        goes_on = true;
        for (++next; next < line.size() && IsAround(line[next]);) ++next;
      }
      // "Basic abc" and "Bearer abc" are one value of two words.
      const std::string_view first = std::string_view(lower).substr(word, stop - word);
      if (!goes_on && first != "basic" && first != "bearer" && first != "digest") break;
      stop = next;
    }
    if (stop > value) out.append("***");
    at = stop;
  }
  out.append(line.substr(at));
  return out;
}

void EnableLog(const void* owner, WriteLine write, sora_log_severity severity) {
  std::lock_guard lock(log_mutex());
  RemoveSink();
  if (severity == SORA_LOG_SEVERITY_NONE) return;
  current = new Sink(owner, std::move(write));
  rtc::LogMessage::AddLogToStream(current, ToWebrtc(severity));
}

void DisableLog(const void* owner) {
  std::lock_guard lock(log_mutex());
  if (current && current->owner() == owner) RemoveSink();
}

void WriteLog(sora_log_severity severity, std::string_view text) {
  if (severity == SORA_LOG_SEVERITY_NONE) return;
  RTC_LOG_V(ToWebrtc(severity)) << text;
}

}  // namespace sora
