// The objects behind sora_udp_port_* and sora_transport_*: UDP sockets on one address with the transports on them, and the thread
// that serves all of them.
#ifndef SORA_TRANSPORT_UDP_PORT_H
#define SORA_TRANSPORT_UDP_PORT_H

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/event_queue.h"
#include "core/object.h"
#include "os/poller.h"
#include "transport/lane.h"
#include "transport/media_commands.h"
#include "transport/media_queue.h"
#include "datagrams/receive_batch.h"
#include "transport/schedule.h"
#include "datagrams/send_batch.h"
#include "transport/transport.h"

namespace sora {

class UdpPort;

// A transport of a port. The port's mutex guards all of it.
class TransportObject : public Object, private TransportEvents {
 public:
  static constexpr Kind kKind = Kind::kTransport;

  TransportObject(std::shared_ptr<UdpPort> port, Lane& lane, size_t low_water_bytes);
  void Abandon(std::shared_ptr<Object> self, uint32_t handle) override;

  // Gives received messages back to the window; throws when they were not received.
  void Release(size_t bytes, int64_t now_ms);

  const std::shared_ptr<UdpPort> port;
  const std::shared_ptr<UdpSocket> socket;
  Lane& lane;  // until it is closed
  uint32_t handle = 0;
  uint32_t video = UINT32_MAX;                         // see sora_transport_set_video
  int64_t due_ms = Schedule<TransportObject>::kNever;  // its place in the port's schedule
  double packets_received = 0, bytes_received = 0, packets_sent = 0, bytes_sent = 0;
  Transport transport;  // last: its end reports to the others

 private:
  bool OnPeer(const Endpoint& peer, int64_t now_ms) override;
  void OnPeerGone(const Endpoint& peer) override;
  void OnDatagram(const Endpoint& to, std::span<const uint8_t> datagram) override;
  void OnPacedMedia(const Endpoint& to, std::span<const uint8_t> datagram) override;
  void OnConnected() override;
  void OnMedia(std::span<const uint8_t> packet, bool rtcp) override;
  void OnBandwidth(uint32_t bits_per_second) override;
  void OnAssociation() override;
  void OnMessage(uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) override;
  void OnReset(std::span<const uint16_t> streams) override;
  void OnWritable() override;
  void OnEnd(std::string_view reason, bool bad_fingerprint) override;

  size_t held_ = 0;  // what messages that were reported and not released count
};

class UdpPort : public Object, public std::enable_shared_from_this<UdpPort> {
 public:
  static constexpr Kind kKind = Kind::kUdpPort;

  // Opens a port with its first socket and starts its thread; returns its handle.
  static uint32_t Create(std::shared_ptr<EventQueue> queue, const std::string& host);
  UdpPort(std::shared_ptr<EventQueue> queue, const std::string& host);
  ~UdpPort() override;

  // The certificate of the process.
  static const DtlsContext& Context();

  struct Created {
    uint32_t handle;
    uint16_t udp_port;
  };
  Created CreateTransport(size_t low_water_bytes);
  void CloseTransport(const std::shared_ptr<TransportObject>& object);

  // See sora_udp_port_read, sora_udp_port_send and sora_udp_port_stats.
  uint32_t Read(std::span<uint8_t> buffer);
  uint32_t Send(MediaCommands media);
  using Figures = std::array<double, 3>;
  Figures figures();

  // Runs work(transport, now_ms) on a transport and sends its datagrams.
  template <typename Work>
  auto With(TransportObject& object, Work&& work) {
    const Turn turn(*this, &object);
    return work(object.transport, turn.now_ms());
  }

  // Ends all transports and the thread, and waits for it.
  void Close();
  void Abandon(std::shared_ptr<Object>, uint32_t) override { End(); }

 private:
  friend class TransportObject;

  // The time in which a call has the port, and a transport of it, to itself. At its end the datagrams that came of it are sent,
  // and the thread is woken when a timer is due before it wakes by itself.
  class Turn {
   public:
    explicit Turn(UdpPort& port, TransportObject* object = nullptr);
    ~Turn();
    int64_t now_us() const { return now_us_; }
    int64_t now_ms() const { return now_us_ / 1000; }

   private:
    UdpPort& port_;
    TransportObject* const object_;
    std::lock_guard<std::mutex> call_;
    std::unique_lock<std::mutex> lock_;
    const int64_t now_us_;
  };

  static int64_t Now();
  static int64_t NowUs();

  // The thread.
  void Run();
  // Serves the timers that are due; returns how long the thread may sleep, or nothing when the port is closed.
  std::optional<int> ServeTimers();
  void ServeLane(uint32_t id);
  void Take(Lane& lane, std::span<uint8_t> datagram, const Endpoint& from, int64_t now_us);

  // With the mutex locked.
  Lane& LaneWithRoom();
  Lane& AddLane();
  void Remove(TransportObject& object, int64_t now_ms);
  void Touch(TransportObject& object, int64_t now_ms);
  TransportObject* FindTransport(uint32_t handle) const;
  // Ends all transports; the thread ends by itself.
  void End();

  const std::shared_ptr<EventQueue> queue_;
  const std::string host_;
  uint32_t handle_ = 0;
  Poller poller_;  // its numbers are those of the lanes

  // Of the thread alone.
  ReceiveBatch received_;
  SendBatch thread_batch_;

  // Held by calls around the other mutex and until their datagrams are sent, which the thread need not wait for.
  std::mutex call_mutex_;
  SendBatch call_batch_;

  std::mutex mutex_;  // everything below, and all transports
  SendBatch* batch_ = nullptr;
  std::vector<std::unique_ptr<Lane>> lanes_;  // by number; null: free
  std::vector<TransportObject*> by_slot_;     // by the slot of the handle
  Schedule<TransportObject> schedule_;
  MediaQueue media_;
  size_t transports_ = 0;
  double arrived_ms_ = 0;  // when the datagrams at hand were received
  double strays_ = 0;
  int64_t wakes_ms_ = 0;  // when the thread wakes by itself
  bool closed_ = false;

  std::atomic<uint64_t> refused_ = 0;  // datagrams that the system did not send
  std::thread thread_;
};

}  // namespace sora

#endif
