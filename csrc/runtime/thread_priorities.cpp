#include "runtime/thread_priorities.h"

#include <system_error>
#include <thread>

#include "core/json.h"
#include "core/result.h"
#include "os/thread.h"

namespace sora {
namespace {

const char* NameOf(ThreadRole role) {
  switch (role) {
    case ThreadRole::kAudio: return "audio";
    case ThreadRole::kNetwork: return "network";
    case ThreadRole::kDecoder: return "decoder";
    case ThreadRole::kEncoder: return "encoder";
  }
  return "";
}

}  // namespace

std::string ThreadPriorities() {
  Json json = Json::object();
  try {
    for (const ThreadRole role : kThreadRoles) std::thread([&] { json[NameOf(role)] = RaiseThread(role); }).join();
  } catch (const std::system_error&) {
    throw Error(SORA_ERROR_LIMIT, std::string("cannot start a thread to try priorities on: ") + ThreadLimit());
  }
  return Dump(json);
}

}  // namespace sora
