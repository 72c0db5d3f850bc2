#include "peer/data_channel.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace sora {

uint32_t DataChannel::Start(const std::shared_ptr<DataChannel>& self) {
  try {
    self->handle_ = Open(kKind, self);
  } catch (const Error&) {
    self->channel_->Close();
    return 0;
  }
  self->channel_->RegisterObserver(self.get());
  self->OnStateChange();
  return self->handle_;
}

void DataChannel::Announce() {
  if (announced_) return;
  announced_ = true;
  open_ = true;
  nlohmann::json json{{"label", channel_->label()}, {"ordered", channel_->ordered()}, {"protocol", channel_->protocol()}};
  if (const auto value = channel_->maxPacketLifeTime()) json["maxPacketLifeTime"] = *value;
  if (const auto value = channel_->maxRetransmitsOpt()) json["maxRetransmits"] = *value;
  engine_->queue().Push(SORA_EVENT_DATA_CHANNEL, peer_handle_, handle_,
                        json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void DataChannel::OnStateChange() {
  switch (channel_->state()) {
    case webrtc::DataChannelInterface::kConnecting: break;
    case webrtc::DataChannelInterface::kOpen: Announce(); break;
    case webrtc::DataChannelInterface::kClosing: open_ = false; break;
    case webrtc::DataChannelInterface::kClosed: {
      open_ = false;
      // Not from inside libwebrtc's call: taking the observer away waits for it.
      Engine::Post(engine_, [self = shared_from_this()] {
        Drop(kKind, self->handle_);
        Release(self);
      });
      break;
    }
  }
}

void DataChannel::OnMessage(const webrtc::DataBuffer& buffer) {
  Announce();
  const std::string_view payload(buffer.data.data<char>(), buffer.data.size());
  if (engine_->queue().PushMessage(handle_, payload, buffer.binary, signaling_)) {
    ReportDropped();
  } else {
    ++dropped_;
    // Without it the connection cannot go on, so its owner hears of it at once; of the rest when there is room again.
    if (signaling_ && !std::exchange(lost_, true)) ReportDropped();
  }
}

void DataChannel::ReportDropped() {
  if (dropped_) engine_->queue().Push(SORA_EVENT_MESSAGES_DROPPED, handle_, std::exchange(dropped_, 0));
}

uint64_t DataChannel::Subtract(uint64_t size) {
  uint64_t before = buffered_.load();
  while (!buffered_.compare_exchange_weak(before, before - std::min(size, before))) {
  }
  return before - std::min(size, before);
}

DataChannel::Hold::~Hold() {
  if (!channel_) return;
  const auto engine = channel_->engine_;
  Engine::Post(engine, [channel = std::move(channel_)] {});
}

void DataChannel::OnBufferedAmountChange(uint64_t sent) {
  engine_->queue().Push(SORA_EVENT_BUFFERED_AMOUNT, handle_, static_cast<uint32_t>(Subtract(sent)));
}

void DataChannel::Send(const uint8_t* data, size_t size, bool binary) {
  if (!open_) throw Error(SORA_ERROR_INVALID_STATE, "the data channel is not open");
  if (buffered_.fetch_add(size) + size > kMaxBuffered) {
    Subtract(size);
    throw Error(SORA_ERROR_LIMIT, "16 MiB wait for sending on the data channel already");
  }
  channel_->SendAsync(webrtc::DataBuffer(rtc::CopyOnWriteBuffer(data, size), binary),
                      [self = Hold(shared_from_this()), size](webrtc::RTCError error) {
                        if (!error.ok()) self->Subtract(size);
                      });
}

void DataChannel::Close() {
  open_ = false;
  Engine::Post(engine_, [self = shared_from_this()] { self->channel_->Close(); });
}

void DataChannel::Release(std::shared_ptr<DataChannel> channel) {
  const auto engine = channel->engine_;
  channel->open_ = false;
  Engine::Post(engine, [self = std::move(channel)] {
    if (self->ended_) return;
    self->ended_ = true;
    self->channel_->UnregisterObserver();
    self->ReportDropped();
    self->engine_->queue().Push(SORA_EVENT_DATA_CHANNEL_CLOSED, self->handle_);
  });
}

}  // namespace sora
