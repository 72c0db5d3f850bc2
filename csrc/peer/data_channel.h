// The object behind sora_data_channel_*.
#ifndef SORA_PEER_DATA_CHANNEL_H
#define SORA_PEER_DATA_CHANNEL_H

#include <atomic>

#include "api/data_channel_interface.h"
#include "core/object.h"
#include "runtime/runtime.h"

namespace sora {

class DataChannel : public Object, public webrtc::DataChannelObserver, public std::enable_shared_from_this<DataChannel> {
 public:
  static constexpr Kind kKind = Kind::kDataChannel;

  DataChannel(std::shared_ptr<Runtime> runtime, rtc::scoped_refptr<webrtc::DataChannelInterface> channel,
              uint32_t peer_handle)
      : runtime_(std::move(runtime)),
        peer_handle_(peer_handle),
        channel_(std::move(channel)),
        signaling_(!channel_->label().starts_with('#')) {}

  // On the signaling thread: opens a handle for the channel and observes it. 0 when no handle is free.
  static uint32_t Start(const std::shared_ptr<DataChannel>& self);

  void Send(const uint8_t* data, size_t size, bool binary);
  uint32_t buffered_amount() const { return static_cast<uint32_t>(buffered_.load()); }
  void Close();

  // Ends a channel that was taken out of the table: SORA_EVENT_DATA_CHANNEL_CLOSED is its last event.
  static void Release(std::shared_ptr<DataChannel> channel);
  void Abandon(std::shared_ptr<Object> self, uint32_t) override { Release(std::static_pointer_cast<DataChannel>(self)); }

  void OnStateChange() override;
  void OnMessage(const webrtc::DataBuffer& buffer) override;
  void OnBufferedAmountChange(uint64_t sent) override;

 private:
  static constexpr uint64_t kMaxBuffered = 16 * 1024 * 1024;

  // Holds a channel for a callback that libwebrtc calls, or drops without a call, on its network thread: the channel is
  // released on the signaling thread, because its destruction waits for the network thread.
  class Hold {
   public:
    explicit Hold(std::shared_ptr<DataChannel> channel) : channel_(std::move(channel)) {}
    Hold(Hold&&) = default;
    ~Hold();
    DataChannel* operator->() const { return channel_.get(); }

   private:
    std::shared_ptr<DataChannel> channel_;
  };

  void Announce();
  // Subtracts bytes that were sent, or failed, from those that are buffered; returns the rest.
  uint64_t Subtract(uint64_t size);
  void ReportDropped();

  const std::shared_ptr<Runtime> runtime_;  // outlives the channel below
  const uint32_t peer_handle_;
  const rtc::scoped_refptr<webrtc::DataChannelInterface> channel_;
  const bool signaling_;  // belongs to the signaling protocol; labels of users start with #
  uint32_t handle_ = 0;
  std::atomic<bool> open_{false};
  std::atomic<uint64_t> buffered_{0};
  // On the signaling thread:
  bool announced_ = false;
  bool ended_ = false;
  bool lost_ = false;     // a signaling message was dropped
  uint32_t dropped_ = 0;  // messages since the last SORA_EVENT_MESSAGES_DROPPED
};

}  // namespace sora

#endif
