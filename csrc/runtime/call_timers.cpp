#include "runtime/call_timers.h"

#include <utility>

namespace sora {
namespace {

class RelaxedMediaFactory : public webrtc::MediaFactory {
 public:
  RelaxedMediaFactory(std::unique_ptr<webrtc::MediaFactory> media, TimerThread& thread)
      : media_(std::move(media)), thread_(thread) {}

  std::unique_ptr<webrtc::Call> CreateCall(const webrtc::CallConfig& config) override {
    std::unique_ptr<webrtc::Call> call;
    thread_.Relax([&] { call = media_->CreateCall(config); });
    return call;
  }
  std::unique_ptr<cricket::MediaEngineInterface> CreateMediaEngine(
      const webrtc::Environment& environment, webrtc::PeerConnectionFactoryDependencies& dependencies) override {
    return media_->CreateMediaEngine(environment, dependencies);
  }

 private:
  const std::unique_ptr<webrtc::MediaFactory> media_;
  TimerThread& thread_;
};

}  // namespace

std::unique_ptr<webrtc::MediaFactory> RelaxCallTimers(std::unique_ptr<webrtc::MediaFactory> media, TimerThread& thread) {
  return std::make_unique<RelaxedMediaFactory>(std::move(media), thread);
}

}  // namespace sora
