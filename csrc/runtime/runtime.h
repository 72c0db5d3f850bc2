// libwebrtc's threads and its peer connection factory, shared by everything that is made from one sora_factory.
#ifndef SORA_RUNTIME_RUNTIME_H
#define SORA_RUNTIME_RUNTIME_H

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "api/peer_connection_interface.h"
#include "codecs/engines.h"
#include "core/event_queue.h"
#include "net/port_allocator.h"
#include "runtime/audio_device.h"
#include "runtime/key_frame_log.h"
#include "runtime/task_queues.h"
#include "runtime/timer_thread.h"
#include "rtc_base/thread.h"

namespace sora {

class Runtime {
 public:
  // Releasing the last reference does not wait: another thread ends the threads, and then reports SORA_EVENT_CLOSED for the
  // handle given to OnClosed.
  // raise_threads: whether threads come before those of other programs, as far as the system lets them.
  static std::shared_ptr<Runtime> Create(std::shared_ptr<EventQueue> queue, const CodecEngines& codecs,
                                         bool raise_threads = true);
  ~Runtime();

  EventQueue& queue() { return *queue_; }
  const CodecEngines& codecs() const { return codecs_; }
  const VideoAbilities& video() const { return video_; }
  bool raises_threads() const { return raises_threads_; }
  CodecFailures& failures() { return *failures_; }
  const rtc::scoped_refptr<AudioDevice>& audio() const { return audio_; }
  // On any thread: as sora::RequireThreads, whose success counts for half a second.
  void RequireThreads();
  // On any thread; waits until libwebrtc is started, and throws SORA_ERROR_INTERNAL when it could not be.
  webrtc::PeerConnectionFactoryInterface& factory();

  // The following are called on the signaling thread.
  // Throws SORA_ERROR_INTERNAL when libwebrtc could not be started.
  void RequireFactory() const;
  // For one peer connection, which shares the runtime's networks but has its own settings for TURN servers.
  std::unique_ptr<cricket::PortAllocator> CreatePortAllocator(NetworkSettings settings) {
    return sora::CreatePortAllocator(*networks_, *sockets_, std::move(settings));
  }
  // on_request: see KeyFrameLogFactory.
  webrtc::RTCErrorOr<rtc::scoped_refptr<webrtc::PeerConnectionInterface>> CreateConnection(
      const webrtc::PeerConnectionInterface::RTCConfiguration& configuration,
      webrtc::PeerConnectionDependencies dependencies, OnKeyFrameRequest on_request);
  void OnClosed(uint32_t factory_handle) { factory_handle_ = factory_handle; }

  // Runs task on libwebrtc's signaling thread. What the task holds is released there as well, so that no object of libwebrtc is
  // ever destroyed on a thread of JavaScript's.
  template <typename Task>
  static void Post(const std::shared_ptr<Runtime>& runtime, Task&& task) {
    // The runtime outlives the task: it is the last thing that the posted closure releases.
    runtime->signaling_->PostTask(
        [runtime, task = std::make_unique<std::decay_t<Task>>(std::forward<Task>(task))]() mutable {
          (*task)();
          task.reset();
        });
  }

 private:
  Runtime(std::shared_ptr<EventQueue> queue, const CodecEngines& codecs, std::shared_ptr<TaskRunner> shared,
          bool raise_threads);
  void CreateFactory(std::shared_ptr<TaskRunner> shared);

  std::shared_ptr<EventQueue> queue_;
  const CodecEngines codecs_;
  const VideoAbilities video_;
  const bool raises_threads_;
  const std::shared_ptr<CodecFailures> failures_ = std::make_shared<CodecFailures>();
  std::atomic<std::chrono::steady_clock::duration> threads_until_{std::chrono::steady_clock::duration::min()};
  uint32_t factory_handle_ = 0;
  PacketSockets* sockets_ = nullptr;  // owned by the network thread
  std::unique_ptr<TimerThread> network_;
  std::unique_ptr<rtc::Thread> signaling_;
  std::unique_ptr<rtc::NetworkMonitorFactory> monitors_;
  rtc::scoped_refptr<AudioDevice> audio_;
  // From here on made, and used, on the signaling thread.
  KeyFrameLogFactory* logs_ = nullptr;  // owned by the factory
  Networks* networks_ = nullptr;        // owned by the factory and, with it, by every peer connection
  rtc::scoped_refptr<webrtc::PeerConnectionFactoryInterface> factory_;
};

}  // namespace sora

#endif
