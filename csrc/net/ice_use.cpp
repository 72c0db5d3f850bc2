#include "net/ice_use.h"

namespace sora {
namespace {

constexpr size_t kMaxRestarts = 64;
constexpr size_t kMaxCandidates = 200;

}  // namespace

bool IceUse::TakeSession() {
  if (sessions_++ <= kMaxRestarts) return true;
  sessions_exceeded_ = true;
  return false;
}

void IceUse::OnCandidates(size_t count) {
  if (count > kMaxCandidates) candidates_exceeded_ = true;
}

std::string IceUse::Exceeded() const {
  if (sessions_exceeded_) return "the offers have restarted ICE more than " + std::to_string(kMaxRestarts) + " times";
  if (candidates_exceeded_) return "the offers have more than " + std::to_string(kMaxCandidates) + " candidates together";
  return "";
}

}  // namespace sora
