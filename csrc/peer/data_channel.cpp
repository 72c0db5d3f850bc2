#include "peer/data_channel.h"

#include <algorithm>
#include <utility>

#include "core/json_writer.h"

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
  JsonObject json;
  json.Add("label", channel_->label()).Add("ordered", channel_->ordered()).Add("protocol", channel_->protocol());
  if (const auto value = channel_->maxPacketLifeTime()) json.Add("maxPacketLifeTime", *value);
  if (const auto value = channel_->maxRetransmitsOpt()) json.Add("maxRetransmits", *value);
  runtime_->queue().Push(SORA_EVENT_DATA_CHANNEL, peer_handle_, handle_, json.text());
}

void DataChannel::OnStateChange() {
  switch (channel_->state()) {
    case webrtc::DataChannelInterface::kConnecting: break;
    case webrtc::DataChannelInterface::kOpen: Announce(); break;
    case webrtc::DataChannelInterface::kClosing: open_ = false; break;
    case webrtc::DataChannelInterface::kClosed: {
      open_ = false;
      // Not within libwebrtc's call: removing the observer waits for it.
      Runtime::Post(runtime_, [self = shared_from_this()] {
        TakeIfOpen(self->handle_);
        Release(self);
      });
      break;
    }
  }
}

void DataChannel::OnMessage(const webrtc::DataBuffer& buffer) {
  Announce();
  const std::string_view payload(buffer.data.data<char>(), buffer.data.size());
  if (runtime_->queue().PushMessage(handle_, payload, buffer.binary, signaling_)) {
    ReportDropped();
  } else {
    ++dropped_;
    // Without it the connection cannot continue, so it is reported at once; other losses when there is room again.
    if (signaling_ && !std::exchange(lost_, true)) ReportDropped();
  }
}

void DataChannel::ReportDropped() {
  if (dropped_) runtime_->queue().Push(SORA_EVENT_MESSAGES_DROPPED, handle_, std::exchange(dropped_, 0));
}

uint64_t DataChannel::Subtract(uint64_t size) {
  uint64_t before = buffered_.load();
  while (!buffered_.compare_exchange_weak(before, before - std::min(size, before))) {
  }
  return before - std::min(size, before);
}

DataChannel::Hold::~Hold() {
  if (!channel_) return;
  const auto runtime = channel_->runtime_;
  Runtime::Post(runtime, [channel = std::move(channel_)] {});
}

void DataChannel::OnBufferedAmountChange(uint64_t sent) {
  runtime_->queue().Push(SORA_EVENT_BUFFERED_AMOUNT, handle_, static_cast<uint32_t>(Subtract(sent)));
}

void DataChannel::Send(const uint8_t* data, size_t size, bool binary) {
  if (!open_) throw Error(SORA_ERROR_INVALID_STATE, "the data channel is not open");
  if (buffered_.fetch_add(size) + size > kMaxBuffered) {
    Subtract(size);
    throw Error(SORA_ERROR_LIMIT, "the data channel must not buffer more than 16 MiB for sending");
  }
  channel_->SendAsync(webrtc::DataBuffer(rtc::CopyOnWriteBuffer(data, size), binary),
                      [self = Hold(shared_from_this()), size](webrtc::RTCError error) {
                        if (!error.ok()) self->Subtract(size);
                      });
}

void DataChannel::Close() {
  open_ = false;
  Runtime::Post(runtime_, [self = shared_from_this()] { self->channel_->Close(); });
}

void DataChannel::Release(std::shared_ptr<DataChannel> channel) {
  const auto runtime = channel->runtime_;
  channel->open_ = false;
  Runtime::Post(runtime, [self = std::move(channel)] {
    if (self->ended_) return;
    self->ended_ = true;
    self->channel_->UnregisterObserver();
    self->ReportDropped();
    self->runtime_->queue().Push(SORA_EVENT_DATA_CHANNEL_CLOSED, self->handle_);
  });
}

}  // namespace sora
