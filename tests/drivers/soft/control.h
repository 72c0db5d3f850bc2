// What a stand-in for a driver is told to do wrong, and the count of what it has open.
//
// Settings have names, and come from the environment (STANDIN_NVIDIA_FAIL_AT=20) or from standin_set():
//
//   fail_at, fail_count    the call with this number fails, counted from when this was set, and fail_count - 1 after it
//   busy_at, busy_count    the same, with the answer "busy" where the driver has such an answer
//   lost_at, lost_frame    from this call on, or this frame, the device is lost: everything but closing fails
//   session_limit          so many sessions of encoders can be open at once
//   session_error          the driver's number of that refusal, where drivers differ
//   absent                 1: the library is there, a device is not
//   version                the version that the driver claims, where it has one: major * 100 + minor
//   without                bits of codecs that the device lacks: 1 H.264, 2 H.265, 4 AV1, 8 VP8, 16 VP9;
//                          32: VP9 is decoded alone, as by many devices
//   layers                 the most temporal layers of H.264, AV1 and VP9; 3 by itself, as far as the vendor has them
//   out_of_turn            1: NVIDIA's driver reports another layer than the frame is in; VPL's runtime codes one layer in silence
//   level                  the highest level of H.265, times ten; 51 by itself
//   software               1: VPL's runtime is one without a device, as some clients want it
//   alignment              the device codes AV1 in multiples of so many columns and lines: columns * 100 + lines
//   null                   1: the codecs do no work: each coded frame, and each picture, is the first one
//
// standin_get() answers for these, and for what has been counted: calls, faults (what was made to fail), misuse (what a real driver
// would have refused or crashed on), frames (coded and decoded), work_ns (the time of what a device does by itself), and what is open:
// open, and open_sessions, open_buffers, ….
//
// STANDIN_REPORT=FILE appends a line of JSON with all of them when the library is unloaded.
#pragma once

#include <cstdint>
#include <mutex>

namespace standin {

// The name of the vendor in the environment and in reports; each stand-in defines it.
extern const char kVendor[];

enum class Setting {
  kFailAt,
  kFailCount,
  kBusyAt,
  kBusyCount,
  kLostAt,
  kLostFrame,
  kSessionLimit,
  kSessionError,
  kAbsent,
  kVersion,
  kWithout,
  kAlignment,
  kNull,
  kSoftware,
  kLevel,
  kLayers,
  kOutOfTurn,
  kLast
};

// What a client opens and must close.
enum class Kind {
  kSession,
  kContext,
  kBuffer,
  kLock,
  kMap,
  kMemory,
  kParser,
  kDecoder,
  kSurface,
  kComponent,
  kLoader,
  kLast
};

enum class Verdict { kGo, kFail, kBusy, kLost };

int64_t Get(Setting setting);

// Counts a call, and says what comes of it. `closing`: a call that gives something back, which never fails.
Verdict Enter(const char* function, bool closing = false);

// Counts a coded or decoded frame; the device may be lost with it.
void CountFrame();

void Opened(Kind kind, int64_t count = 1);
void Closed(Kind kind, int64_t count = 1);
int64_t CountOpen(Kind kind);

// Keeps in mind what a client did wrong, and prints it when STANDIN_TRACE is set.
void Misuse(const char* format, ...) __attribute__((format(printf, 1, 2)));

// Counts the time of its scope as the device's own: benchmarks leave it out.
class Work {
 public:
  Work();
  ~Work();
  Work(const Work&) = delete;

 private:
  const int64_t began_ns_;
};

// Guards all of a stand-in. Recursive, because parsers call their clients, who call them.
std::recursive_mutex& Mutex();

}  // namespace standin

extern "C" int64_t standin_get(const char* name);

#define STANDIN_EXPORT extern "C" __attribute__((visibility("default")))
