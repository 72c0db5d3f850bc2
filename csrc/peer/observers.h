// libwebrtc's observers of one asynchronous result, as functions.
#ifndef SORA_PEER_OBSERVERS_H
#define SORA_PEER_OBSERVERS_H

#include <functional>
#include <memory>
#include <utility>

#include "api/jsep.h"
#include "api/make_ref_counted.h"
#include "api/rtc_error.h"
#include "api/set_local_description_observer_interface.h"
#include "api/set_remote_description_observer_interface.h"
#include "api/stats/rtc_stats_collector_callback.h"
#include "api/stats/rtc_stats_report.h"

namespace sora {

class RemoteDescriptionObserver : public webrtc::SetRemoteDescriptionObserverInterface {
 public:
  using Done = std::function<void(const webrtc::RTCError&)>;
  static rtc::scoped_refptr<RemoteDescriptionObserver> Create(Done done) {
    return rtc::make_ref_counted<RemoteDescriptionObserver>(std::move(done));
  }
  explicit RemoteDescriptionObserver(Done done) : done_(std::move(done)) {}
  void OnSetRemoteDescriptionComplete(webrtc::RTCError error) override { done_(error); }

 private:
  Done done_;
};

class LocalDescriptionObserver : public webrtc::SetLocalDescriptionObserverInterface {
 public:
  using Done = std::function<void(const webrtc::RTCError&)>;
  static rtc::scoped_refptr<LocalDescriptionObserver> Create(Done done) {
    return rtc::make_ref_counted<LocalDescriptionObserver>(std::move(done));
  }
  explicit LocalDescriptionObserver(Done done) : done_(std::move(done)) {}
  void OnSetLocalDescriptionComplete(webrtc::RTCError error) override { done_(error); }

 private:
  Done done_;
};

class CreateDescriptionObserver : public webrtc::CreateSessionDescriptionObserver {
 public:
  using Done = std::function<void(webrtc::RTCErrorOr<std::unique_ptr<webrtc::SessionDescriptionInterface>>)>;
  static rtc::scoped_refptr<CreateDescriptionObserver> Create(Done done) {
    return rtc::make_ref_counted<CreateDescriptionObserver>(std::move(done));
  }
  explicit CreateDescriptionObserver(Done done) : done_(std::move(done)) {}
  // libwebrtc passes ownership of the description.
  void OnSuccess(webrtc::SessionDescriptionInterface* description) override {
    done_(std::unique_ptr<webrtc::SessionDescriptionInterface>(description));
  }
  void OnFailure(webrtc::RTCError error) override { done_(std::move(error)); }

 private:
  Done done_;
};

class StatsObserver : public webrtc::RTCStatsCollectorCallback {
 public:
  using Done = std::function<void(const rtc::scoped_refptr<const webrtc::RTCStatsReport>&)>;
  static rtc::scoped_refptr<StatsObserver> Create(Done done) {
    return rtc::make_ref_counted<StatsObserver>(std::move(done));
  }
  explicit StatsObserver(Done done) : done_(std::move(done)) {}
  void OnStatsDelivered(const rtc::scoped_refptr<const webrtc::RTCStatsReport>& report) override { done_(report); }

 private:
  Done done_;
};

}  // namespace sora

#endif
