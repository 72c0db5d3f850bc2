#include "transport/udp_port.h"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <system_error>

#include "core/result.h"

namespace sora {
namespace {

constexpr size_t kMaxTransports = 8192;

double PreciseNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

}  // namespace

int64_t UdpPort::Now() { return NowUs() / 1000; }

int64_t UdpPort::NowUs() { return static_cast<int64_t>(PreciseNow() * 1000); }

UdpPort::Turn::Turn(UdpPort& port, TransportObject* object)
    : port_(port), object_(object), call_(port.call_mutex_), lock_(port.mutex_), now_us_(NowUs()) {
  port_.batch_ = &port_.call_batch_;
}

UdpPort::Turn::~Turn() {
  if (object_) port_.Touch(*object_, now_ms());
  port_.batch_ = nullptr;
  const bool wake = port_.schedule_.next_ms() < port_.wakes_ms_;
  lock_.unlock();
  port_.refused_ += port_.call_batch_.Flush();
  if (wake) port_.poller_.Wake();
}

const DtlsContext& UdpPort::Context() {
  static const DtlsContext* const context = new DtlsContext;
  return *context;
}

UdpPort::UdpPort(std::shared_ptr<EventQueue> queue, const std::string& host) : queue_(std::move(queue)), host_(host) {
  if (!poller_.open()) throw Error(SORA_ERROR_LIMIT, "the process has no file descriptor left for a UDP port");
}

UdpPort::~UdpPort() {
  if (thread_.joinable()) thread_.detach();  // it holds this object until it ends, so this is its own end
}

uint32_t UdpPort::Create(std::shared_ptr<EventQueue> queue, const std::string& host) {
  Context();
  auto created = std::make_shared<UdpPort>(std::move(queue), host);
  {
    std::lock_guard lock(created->mutex_);
    created->AddLane();
  }
  created->handle_ = Open(kKind, created);
  try {
    // It may be closed already: its handle is open.
    std::lock_guard lock(created->mutex_);
    created->thread_ = std::thread([created] { created->Run(); });
  } catch (const std::system_error&) {
    TakeIfOpen(created->handle_);
    throw Error(SORA_ERROR_LIMIT, "the system gives no thread for a UDP port");
  } catch (...) {
    // Out of memory: nobody would know the handle.
    TakeIfOpen(created->handle_);
    throw;
  }
  return created->handle_;
}

Lane& UdpPort::AddLane() {
  const auto free = std::find(lanes_.begin(), lanes_.end(), nullptr);
  const auto number = static_cast<uint32_t>(free - lanes_.begin());
  auto lane = std::make_unique<Lane>(number, host_);
  if (!poller_.Add(lane->socket->descriptor(), number))
    throw Error(SORA_ERROR_LIMIT, "the system polls no further UDP socket");
  if (free == lanes_.end()) lanes_.emplace_back();
  return *(lanes_[number] = std::move(lane));
}

Lane& UdpPort::LaneWithRoom() {
  Lane* emptiest = nullptr;
  for (const auto& lane : lanes_) {
    if (!lane) continue;
    if (lane->transports.size() < Lane::kMaxTransports) return *lane;
    if (!emptiest || lane->transports.size() < emptiest->transports.size()) emptiest = lane.get();
  }
  try {
    return AddLane();
  } catch (const Error& error) {
    // Without another descriptor they share what there is.
    if (error.code() != SORA_ERROR_LIMIT || !emptiest) throw;
    return *emptiest;
  }
}

UdpPort::Created UdpPort::CreateTransport(size_t low_water_bytes) {
  std::lock_guard lock(mutex_);
  if (closed_) throw Error(SORA_ERROR_CLOSED, "the UDP port is closed");
  if (transports_ >= kMaxTransports) throw Error(SORA_ERROR_LIMIT, "8,192 transports are open on this UDP port");
  Lane& lane = LaneWithRoom();
  auto object = std::make_shared<TransportObject>(shared_from_this(), lane, low_water_bytes);
  lane.transports.reserve(lane.transports.size() + 1);
  object->handle = Open(TransportObject::kKind, object);
  const uint32_t slot = SlotOf(object->handle);
  try {
    if (slot >= by_slot_.size()) by_slot_.resize(slot + 1);
  } catch (...) {
    // Out of memory: nobody would know the handle. Nothing below allocates.
    TakeIfOpen(object->handle);
    throw;
  }
  by_slot_[slot] = object.get();
  lane.transports.push_back(object);
  ++transports_;
  return {object->handle, lane.socket->port()};
}

TransportObject* UdpPort::FindTransport(uint32_t handle) const {
  const uint32_t slot = SlotOf(handle);
  TransportObject* const found = slot < by_slot_.size() ? by_slot_[slot] : nullptr;
  return found && found->handle == handle ? found : nullptr;
}

void UdpPort::CloseTransport(const std::shared_ptr<TransportObject>& object) {
  const Turn turn(*this);
  Remove(*object, turn.now_ms());
}

void UdpPort::Remove(TransportObject& object, int64_t now_ms) {
  if (FindTransport(object.handle) != &object) return;  // its port was closed before
  object.transport.Close(now_ms);
  schedule_.Remove(&object, object.due_ms);
  by_slot_[SlotOf(object.handle)] = nullptr;
  Lane& lane = object.lane;
  std::erase_if(lane.by_peer, [&](const auto& entry) { return entry.second == &object; });
  --transports_;
  // Last: the lane may hold the last reference besides the caller's.
  std::erase_if(lane.transports, [&](const auto& other) { return other.get() == &object; });
  if (lane.transports.empty() && transports_ > 0) lanes_[lane.number] = nullptr;
}

void UdpPort::Close() {
  End();
  std::thread thread;
  {
    std::lock_guard lock(mutex_);
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
}

void UdpPort::End() {
  std::vector<std::shared_ptr<TransportObject>> all;
  {
    const Turn turn(*this);
    if (std::exchange(closed_, true)) return;
    for (const auto& lane : lanes_)
      if (lane) all.insert(all.end(), lane->transports.begin(), lane->transports.end());
    for (const auto& object : all) Remove(*object, turn.now_ms());
  }
  for (const auto& object : all) TakeIfOpen(object->handle);
  poller_.Wake();
}

void UdpPort::Touch(TransportObject& object, int64_t now_ms) {
  if (FindTransport(object.handle) == &object) schedule_.Add(&object, object.due_ms, object.transport.NextTimeout(now_ms));
}

void UdpPort::Run() {
  while (const auto wait_ms = ServeTimers())
    for (const uint32_t lane : poller_.Wait(*wait_ms)) ServeLane(lane);
}

std::optional<int> UdpPort::ServeTimers() {
  constexpr int64_t kLongestMs = 60'000;
  std::unique_lock lock(mutex_);
  if (closed_) return std::nullopt;
  batch_ = &thread_batch_;
  const int64_t now_us = NowUs(), now_ms = now_us / 1000;
  while (TransportObject* const object = schedule_.Due(now_ms)) {
    schedule_.Remove(object, object->due_ms);
    object->transport.HandleTimeouts(now_us);
    Touch(*object, now_ms);
    // A machine that wants to be called at once is called in the next turn, so that none can hold the thread.
    if (object->due_ms <= now_ms) {
      schedule_.Remove(object, object->due_ms);
      schedule_.Add(object, object->due_ms, now_ms + 1);
    }
  }
  batch_ = nullptr;
  if (media_.Due(PreciseNow())) queue_->Push(SORA_EVENT_READABLE, handle_);
  wakes_ms_ = std::min({schedule_.next_ms(), media_.due_ms(), now_ms + kLongestMs});
  const int wait_ms = static_cast<int>(wakes_ms_ - now_ms);
  lock.unlock();
  refused_ += thread_batch_.Flush();
  return wait_ms;
}

void UdpPort::ServeLane(uint32_t number) {
  std::shared_ptr<UdpSocket> socket;
  {
    std::lock_guard lock(mutex_);
    if (number < lanes_.size() && lanes_[number]) socket = lanes_[number]->socket;
  }
  const size_t count = socket ? received_.Receive(*socket) : 0;
  if (count == 0) return;
  {
    std::lock_guard lock(mutex_);
    // In the meantime its transports may have been closed, and another lane may have its number.
    if (!lanes_[number] || lanes_[number]->socket != socket) return;
    batch_ = &thread_batch_;
    arrived_ms_ = PreciseNow();
    const size_t too_large = received_.ForEach(
        count, kMaxDatagram, [&](std::span<uint8_t> datagram, const Endpoint& from, std::optional<int64_t>) {
          Take(*lanes_[number], datagram, from, static_cast<int64_t>(arrived_ms_ * 1000));
        });
    strays_ += static_cast<double>(too_large);
    batch_ = nullptr;
  }
  refused_ += thread_batch_.Flush();
}

void UdpPort::Take(Lane& lane, std::span<uint8_t> datagram, const Endpoint& from, int64_t now_us) {
  const int64_t now_ms = now_us / 1000;
  if (stun::IsStun(datagram)) {
    if (const auto request = stun::Parse(datagram)) {
      const std::string_view ufrag = request->username.substr(0, request->username.find(':'));
      for (const auto& object : lane.transports)
        if (object->transport.ice().ufrag() == ufrag)
          return object->transport.ReceiveCheck(datagram, *request, from, now_ms);
    }
  } else if (const auto found = lane.by_peer.find(from); found != lane.by_peer.end()) {
    TransportObject& object = *found->second;
    object.packets_received += 1;
    object.bytes_received += static_cast<double>(datagram.size());
    object.transport.Receive(datagram, from, now_us);
    // Feedback, which is RTCP, may lead to a probe.
    if (DtlsServer::IsDtls(datagram) || (object.transport.downlink() && Transport::IsRtcp(datagram))) Touch(object, now_ms);
    return;
  }
  strays_ += 1;
}

uint32_t UdpPort::Read(std::span<uint8_t> buffer) {
  std::lock_guard lock(mutex_);
  return media_.Read(buffer, PreciseNow());
}

uint32_t UdpPort::Send(MediaCommands media) {
  uint32_t sent = 0;
  for (bool more = media.Next(); more;) {
    // A turn for what fits into the batch: the thread receives meanwhile.
    const Turn turn(*this);
    for (; more && !batch_->full(); more = media.Next()) {
      TransportObject* const object = FindTransport(media.transport());
      if (!object || !object->transport.peer()) continue;  // closed or not connected
      uint8_t* const copy = batch_->Next();
      media.Write(copy);
      const size_t size =
          media.rtcp() ? object->transport.ProtectRtcp(copy, media.size())
                       : object->transport.SendRtp(copy, media.size(), media.number_at(), media.kind(), turn.now_us());
      if (size == 0) {
        if (object->transport.downlink()) Touch(*object, turn.now_ms());  // it may wait for its time
        continue;
      }
      batch_->Add(size, object->socket, *object->transport.peer());
      object->packets_sent += 1;
      object->bytes_sent += static_cast<double>(size);
      ++sent;
    }
  }
  return sent;
}

UdpPort::Figures UdpPort::figures() {
  std::lock_guard lock(mutex_);
  return {media_.dropped(), strays_, static_cast<double>(refused_.load())};
}

}  // namespace sora
