// The parameters of senders over several offers: what was requested, within what the present offer allows.
#include "peer/senders.h"

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "../harness/harness.h"
#include "../harness/offer.h"
#include "media/video_source.h"
#include "peer/observers.h"
#include "runtime/runtime.h"

namespace {

using namespace sora;

constexpr char kMid[] = "video";

class Observer : public webrtc::PeerConnectionObserver {
  void OnSignalingChange(webrtc::PeerConnectionInterface::SignalingState) override {}
  void OnIceGatheringChange(webrtc::PeerConnectionInterface::IceGatheringState) override {}
  void OnIceCandidate(const webrtc::IceCandidateInterface*) override {}
  void OnDataChannel(rtc::scoped_refptr<webrtc::DataChannelInterface>) override {}
};

// A peer connection that answers offers with Senders, as a Peer does. libwebrtc's proxies forward calls to its threads.
class Connection {
 public:
  Connection() : video_(std::make_shared<VideoSource>(runtime_)) {
    runtime_->OnClosed(kFactory);
    PeerConfiguration configuration = ParseConfiguration("{}");
    webrtc::PeerConnectionDependencies dependencies(&observer_);
    dependencies.allocator = runtime_->CreatePortAllocator(configuration.network);
    auto made = runtime_->CreateConnection(configuration.rtc, std::move(dependencies), nullptr);
    REQUIRE(made.ok());
    connection_ = made.MoveValue();
  }
  ~Connection() {
    connection_->Close();
    connection_ = nullptr;
    VideoSource::Close(std::move(video_));
    runtime_ = nullptr;
    queue_->Wait(10'000);  // for SORA_EVENT_CLOSED
  }

  void Offer(const std::string& sdp) {
    auto offer = webrtc::CreateSessionDescription(webrtc::SdpType::kOffer, sdp);
    REQUIRE(offer != nullptr);
    senders_.TakeLimits(*offer->description());
    std::promise<bool> done;
    connection_->SetRemoteDescription(
        std::move(offer), RemoteDescriptionObserver::Create([&](const auto& error) { done.set_value(error.ok()); }));
    REQUIRE(done.get_future().get());
  }

  void Add(std::string_view options) { senders_.Add(*connection_, {}, video_->track(), ParseSenderOptions(options)); }
  void SetEncodings(std::string_view encodings) { senders_.SetEncodings(*connection_, ParseEncodings(encodings)); }

  void Answer() {
    std::promise<std::unique_ptr<webrtc::SessionDescriptionInterface>> answer;
    connection_->CreateAnswer(CreateDescriptionObserver::Create([&](auto made) {
                                answer.set_value(made.ok() ? made.MoveValue() : nullptr);
                              }).get(),
                              webrtc::PeerConnectionInterface::RTCOfferAnswerOptions());
    std::promise<bool> done;
    connection_->SetLocalDescription(
        answer.get_future().get(), LocalDescriptionObserver::Create([&](const auto& error) { done.set_value(error.ok()); }));
    REQUIRE(done.get_future().get());
    senders_.RestoreParameters(*connection_);
  }

  void Negotiate(const std::string& sdp) {
    Offer(sdp);
    Answer();
  }

  webrtc::RtpParameters Parameters() const {
    for (const auto& transceiver : connection_->GetTransceivers())
      if (transceiver->mid() == kMid) return transceiver->sender()->GetParameters();
    test::Fail(__FILE__, __LINE__, "there is no sender");
  }

  // The maximum of each encoding in bit/s, such as "r0:1000 r1:2000 ".
  std::string Limits() const {
    std::string text;
    for (const auto& encoding : Parameters().encodings)
      text += encoding.rid + ":" + std::to_string(encoding.max_bitrate_bps.value_or(0)) + " ";
    return text;
  }

 private:
  static constexpr uint32_t kFactory = 1;

  const std::shared_ptr<EventQueue> queue_ = std::make_shared<EventQueue>(65'536);
  Observer observer_;
  std::shared_ptr<Runtime> runtime_ = Runtime::Create(queue_, CodecEngines(CodecOptions()));
  std::shared_ptr<VideoSource> video_;
  rtc::scoped_refptr<webrtc::PeerConnectionInterface> connection_;
  Senders senders_;
};

}  // namespace

TEST(senders_keep_each_degradation_preference_over_a_re_offer) {
  using webrtc::DegradationPreference;
  const std::pair<std::string, DegradationPreference> preferences[] = {
      {"disabled", DegradationPreference::DISABLED},
      {"balanced", DegradationPreference::BALANCED},
      {"maintain-framerate", DegradationPreference::MAINTAIN_FRAMERATE},
      {"maintain-resolution", DegradationPreference::MAINTAIN_RESOLUTION},
  };
  for (const auto& [name, preference] : preferences) {
    Connection connection;
    connection.Offer(SoraOffer());
    connection.Add("{\"mid\":\"video\",\"degradationPreference\":\"" + name + "\"}");
    connection.Answer();
    REQUIRE(connection.Parameters().degradation_preference == preference);
    connection.Negotiate(SoraOffer());
    REQUIRE(connection.Parameters().degradation_preference == preference);
  }
}

TEST(senders_limit_the_encoding_to_what_the_present_offer_allows) {
  Connection connection;
  connection.Offer(WithBandwidth(SoraOffer(), "b=TIAS:2500000\r\n"));
  connection.Add("{\"mid\":\"video\"}");
  connection.Answer();
  REQUIRE_EQ(connection.Limits(), ":2500000 ");
  connection.SetEncodings("{\"mid\":\"video\",\"encodings\":[{\"rid\":\"\",\"maxBitrate\":4000000}]}");
  REQUIRE_EQ(connection.Limits(), ":2500000 ");
  connection.Negotiate(WithBandwidth(SoraOffer(), "b=AS:300\r\n"));
  REQUIRE_EQ(connection.Limits(), ":300000 ");
  connection.Negotiate(WithBandwidth(SoraOffer(), "b=TIAS:9000000\r\n"));
  REQUIRE_EQ(connection.Limits(), ":4000000 ");
  std::string offer = WithBandwidth(SoraOffer(), "b=TIAS:2500000\r\n");
  constexpr std::string_view profile = "profile-id=0";
  for (size_t at = 0; (at = offer.find(profile, at)) != std::string::npos;)
    offer.insert(at += profile.size(), ";x-google-max-bitrate=700");
  connection.Negotiate(offer);
  REQUIRE_EQ(connection.Limits(), ":700000 ");
  connection.Negotiate(SoraOffer());
  REQUIRE_EQ(connection.Limits(), ":4000000 ");
}

TEST(senders_share_what_the_offer_allows_among_encodings) {
  Connection connection;
  bool added = false;
  const auto limits = [&](std::string_view bandwidth, std::string_view encodings) {
    connection.Offer(WithBandwidth(SimulcastOffer(), bandwidth));
    if (!std::exchange(added, true)) connection.Add("{\"mid\":\"video\"}");
    connection.SetEncodings(encodings);
    connection.Answer();
    return connection.Limits();
  };
  constexpr std::string_view asked =
      "{\"mid\":\"video\",\"encodings\":["
      "{\"rid\":\"r0\",\"scaleResolutionDownBy\":4,\"maxBitrate\":100000,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r1\",\"scaleResolutionDownBy\":2,\"maxBitrate\":300000,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r2\",\"scaleResolutionDownBy\":1,\"maxBitrate\":600000,\"scalabilityMode\":\"L1T1\"}]}";
  REQUIRE_EQ(limits("b=TIAS:500000\r\n", asked), "r0:50000 r1:150000 r2:300000 ");
  REQUIRE_EQ(limits("b=TIAS:5000000\r\n", asked), "r0:100000 r1:300000 r2:600000 ");
  // Of 21 parts, 16 are the largest encoding's pixels.
  constexpr std::string_view sizes =
      "{\"mid\":\"video\",\"encodings\":["
      "{\"rid\":\"r0\",\"scaleResolutionDownBy\":4,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r1\",\"scaleResolutionDownBy\":2,\"scalabilityMode\":\"L1T1\"},"
      "{\"rid\":\"r2\",\"scaleResolutionDownBy\":1,\"scalabilityMode\":\"L1T1\"}]}";
  REQUIRE_EQ(limits("b=TIAS:2100000\r\n", sizes), "r0:100000 r1:400000 r2:1600000 ");
}
