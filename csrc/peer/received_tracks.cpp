#include "peer/received_tracks.h"

#include <utility>

#include "core/json_writer.h"
#include "media/track.h"
#include "rtc_base/logging.h"

namespace sora {
namespace {

// Describes video that is received but not decoded here, and logs it.
JsonObject Describe(const UndecodableVideo& video, const CodecEngines& engines) {
  JsonArray codecs;
  std::string names;
  for (const auto& codec : video.codecs) {
    codecs.Add(JsonObject().Add("name", codec.name).Add("parameters", FormatParameters(codec)));
    names += (names.empty() ? "" : ", ") + codec.name;
  }
  const std::string advice = video.codecs.empty() ? "" : engines.HowToDecode(video.codecs[0].name);
  RTC_LOG(LS_WARNING) << "The video of stream " << video.stream_id << " cannot be decoded here; its codec is " << names
                      << "; " << advice;
  return JsonObject().Add("codecs", codecs).Add("advice", advice);
}

}  // namespace

void ReceivedTracks::Start(uint32_t peer, const OfferedVideo* offered) {
  peer_ = peer;
  offered_ = offered;
}

void ReceivedTracks::Add(webrtc::RtpTransceiverInterface& transceiver) {
  const auto receiver = transceiver.receiver();
  const bool video = receiver->media_type() == cricket::MEDIA_TYPE_VIDEO;
  const auto mid = transceiver.mid().value_or("");
  const auto stream_ids = receiver->stream_ids();
  std::string stream_id = stream_ids.empty() ? "" : stream_ids[0];
  if (const auto found = stream_ids_.find(mid); found != stream_ids_.end()) stream_id = found->second;
  JsonObject description;
  description.Add("kind", video ? "video" : "audio")
      .Add("id", receiver->track()->id())
      .Add("streamId", stream_id)
      .Add("mid", mid);
  const auto undecodable = offered_->undecodable.find(mid);
  if (video && undecodable != offered_->undecodable.end())
    description.Add("undecodable", Describe(undecodable->second, runtime_->codecs()));
  uint32_t handle = 0;
  try {
    handle = Open(Kind::kTrack, std::make_shared<Track>(runtime_, receiver, video));
    tracks_[receiver.get()] = handle;
  } catch (const Error&) {
    // Reported with the handle 0.
  }
  runtime_->queue().Push(SORA_EVENT_TRACK, peer_, handle, description.text());
}

void ReceivedTracks::Remove(webrtc::RtpReceiverInterface& receiver) {
  const auto found = tracks_.find(&receiver);
  if (found == tracks_.end()) return;
  const uint32_t handle = found->second;
  tracks_.erase(found);
  if (const auto track = FindIfOpen(handle)) {
    static_cast<Track&>(*track).End();
    ForgetClosed(removed_);
    removed_.insert(handle);
  }
  runtime_->queue().Push(SORA_EVENT_TRACK_REMOVED, peer_, handle);
}

void ReceivedTracks::ReportUnreceivable() {
  std::map<std::string, std::string> unreceivable;
  for (const auto& [mid, video] : offered_->undecodable) {
    if (video.received) continue;
    unreceivable[mid] = video.stream_id;
    const auto known = unreceivable_.find(mid);
    if (known != unreceivable_.end() && known->second == video.stream_id) continue;
    runtime_->queue().Push(SORA_EVENT_TRACK, peer_, 0,
                           JsonObject()
                               .Add("kind", "video")
                               .Add("id", "")
                               .Add("streamId", video.stream_id)
                               .Add("mid", mid)
                               .Add("undecodable", Describe(video, runtime_->codecs()))
                               .text());
  }
  unreceivable_ = std::move(unreceivable);
}

void ReceivedTracks::Close() {
  for (const auto& [receiver, handle] : std::exchange(tracks_, {})) Abandon(handle);
  for (const uint32_t handle : std::exchange(removed_, {})) Abandon(handle);
}

}  // namespace sora
