#include "runtime/thread_priorities.h"

#include <string>
#include <system_error>
#include <thread>

#include "core/json_writer.h"
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
  JsonObject json;
  try {
    for (const ThreadRole role : kThreadRoles) {
      std::string priority;
      std::thread([&] { priority = RaiseThread(role); }).join();
      json.Add(NameOf(role), priority);
    }
  } catch (const std::system_error&) {
    throw Error(SORA_ERROR_LIMIT, std::string("cannot start a thread to try priorities on: ") + ThreadLimit());
  }
  return json.text();
}

}  // namespace sora
