#include "member.h"

#include <algorithm>

#include "clock.h"

namespace load {
namespace {

// One packet of so many is decrypted for its time of sending.
constexpr uint16_t kSampled = 8;
constexpr int64_t kReportNs = 1000 * kMillisecond;

// Of WebRTC (RFC 8831, section 8).
constexpr uint32_t kDcep = 50, kText = 51, kBinary = 53;

int64_t Milliseconds(int64_t ns) { return ns / kMillisecond; }

uint16_t Read16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
uint32_t Read32(const uint8_t* at) { return uint32_t{Read16(at)} << 16 | Read16(at + 2); }

Path PathOf(const nlohmann::json& command) {
  return {command.value("loss", 0.0), static_cast<int64_t>(command.value("delayMs", 0.0) * kMillisecond)};
}

}  // namespace

void Tally::Message(size_t size, int64_t now_ns) {
  if (messages == 0) first_ns = now_ns;
  last_ns = now_ns;
  ++messages;
  bytes += size;
}

Member::Member(Shared& shared, uint32_t id, const nlohmann::json& command)
    : shared_(shared),
      id_(id),
      wire_(command.at("host"), command.at("port"), PathOf(command), command.value("seed", id)),
      take_([this](std::span<uint8_t> datagram, int64_t arrived_ns) { Take(datagram, arrived_ns); }),
      client_(shared.context, *this, command.at("localUfrag")) {
  client_.Start(command.at("ufrag"), command.at("password"), command.at("fingerprint"), Milliseconds(Now()));
  wire_.Flush(shared_.out);
}

void Member::Report(const char* event) { shared_.report({{"event", event}, {"id", id_}}); }

void Member::OnClientEnd(test::Client&, std::string_view reason) {
  shared_.report({{"event", "ended"}, {"id", id_}, {"reason", reason}});
}

void Member::Receive() {
  wire_.Receive(shared_.in, take_);
  SendNow(Now());
  wire_.Flush(shared_.out);
}

void Member::Take(std::span<uint8_t> datagram, int64_t arrived_ns) {
  const bool video =
      payload_type_ >= 0 && datagram.size() > 12 && (datagram[0] & 0xc0) == 0x80 && (datagram[1] & 0x7f) == payload_type_;
  if (video) return CountVideo(datagram, arrived_ns);
  client_.Receive(datagram, Milliseconds(arrived_ns));
}

void Member::CountVideo(std::span<uint8_t> datagram, int64_t arrived_ns) {
  ++shared_.tally.received;
  highest_ = Read16(&datagram[2]);
  received_ssrc_ = Read32(&datagram[8]);
  if (highest_ % kSampled != 0) return;
  const auto sent_ns = Video::SentAt(datagram.first(client_.UnprotectRtp(datagram)));
  if (sent_ns) shared_.tally.delays_us.push_back(static_cast<float>(arrived_ns - *sent_ns) / 1000);
}

void Member::Tick(int64_t now_ns) {
  if (wire_.delays()) wire_.Move(shared_.out, take_);
  if (publishing_) {
    uint8_t packet[Video::kPacket + test::Client::kMaxTrailer];
    while (video_->due_ns() <= now_ns) {
      video_->Write(packet, Now());
      wire_.Send(shared_.out, std::span(packet).first(client_.ProtectRtp(packet, Video::kPacket)));
      ++shared_.tally.sent;
    }
  }
  for (Stream& stream : streams_) {
    uint8_t packet[Stream::kMaxPacket + test::Client::kMaxTrailer];
    while (stream.due_ns() <= now_ns) {
      for (uint32_t left = stream.packets(); left > 0; --left) {
        const size_t size = stream.Write(packet, transport_sequence_++);
        wire_.Send(shared_.out, std::span(packet).first(client_.ProtectRtp(packet, size)));
        ++shared_.tally.sent;
      }
    }
  }
  SendNow(now_ns);
  wire_.Flush(shared_.out);
}

void Member::HandleTimeouts(int64_t now_ns) {
  const int64_t now_ms = Milliseconds(now_ns);
  if (const auto due = client_.NextTimeout(now_ms); due && *due <= now_ms) client_.HandleTimeouts(now_ms);
  if (client_.connected() && now_ns >= next_report_ns_ && (publishing_ || received_ssrc_)) {
    next_report_ns_ = now_ns + kReportNs;
    if (publishing_) {
      std::array<uint8_t, 28 + test::Client::kMaxTrailer> packet{};
      std::ranges::copy(video_->Report(now_ns), packet.begin());
      wire_.Send(shared_.out, std::span(packet).first(client_.ProtectRtcp(packet.data(), 28)));
    }
    if (received_ssrc_) SendReceiverReport();
  }
  wire_.Flush(shared_.out);
}

void Member::SendReceiverReport() {
  std::array<uint8_t, 32 + test::Client::kMaxTrailer> packet{0x81, 201, 0, 7, 0, 0, 0, 1};
  for (size_t i = 0; i < 4; ++i) packet[8 + i] = static_cast<uint8_t>(received_ssrc_ >> (24 - 8 * i));
  packet[18] = static_cast<uint8_t>(highest_ >> 8);
  packet[19] = static_cast<uint8_t>(highest_);
  wire_.Send(shared_.out, std::span(packet).first(client_.ProtectRtcp(packet.data(), 32)));
}

void Member::Publish(const nlohmann::json& command) {
  // Frames of many publishers do not come at the same moment.
  const int64_t begin_ns = Now() + static_cast<int64_t>(command.value("phaseMs", 0.0) * kMillisecond);
  publishing_ = true;
  if (video_) return video_->Resume(begin_ns);
  VideoSettings settings;
  settings.ssrc = command.at("ssrc");
  settings.payload_type = command.at("payloadType");
  settings.mid = command.value("mid", "");
  settings.mid_extension = command.value("midExtension", uint8_t{0});
  settings.sequence_extension = command.value("sequenceExtension", uint8_t{0});
  video_.emplace(settings, begin_ns);
}

void Member::AddStream(const nlohmann::json& command) {
  StreamSettings settings;
  settings.ssrc = command.at("ssrc");
  settings.payload_type = command.at("payloadType");
  settings.mid = command.value("mid", "");
  settings.mid_extension = command.value("midExtension", uint8_t{0});
  settings.rid = command.value("rid", "");
  settings.rid_extension = command.value("ridExtension", uint8_t{0});
  settings.level = command.value("level", uint8_t{127});
  settings.level_extension = command.value("levelExtension", uint8_t{0});
  settings.sequence_extension = command.value("sequenceExtension", uint8_t{0});
  settings.clock_rate = command.at("clockRate");
  settings.video = command.value("video", false);
  settings.bytes = command.at("bytes");
  settings.packets = command.value("packets", 1u);
  settings.interval_ns = static_cast<int64_t>(command.at("intervalMs").get<double>() * kMillisecond);
  streams_.emplace_back(settings, Now() + static_cast<int64_t>(command.value("phaseMs", 0.0) * kMillisecond));
}

void Member::Subscribe(const nlohmann::json& command) { payload_type_ = command.at("payloadType"); }

void Member::SendMessages(const nlohmann::json& command) {
  const auto channel = channels_.find(command.at("label"));
  if (channel == channels_.end()) throw std::runtime_error("no such data channel");
  stream_ = channel->second;
  message_.assign(std::max(command.at("size").get<size_t>(), size_t{16}), uint8_t{7});
  left_ = command.at("count");
  const double rate = command.value("rate", 0.0);
  interval_ns_ = rate > 0 ? static_cast<int64_t>(1e9 / rate) : 0;
  next_message_ns_ = Now();
  SendNow(next_message_ns_);
  wire_.Flush(shared_.out);
}

// So many bytes wait in the association that it never runs dry, and no more: it looks through what waits.
constexpr size_t kMostWaiting = 1024 * 1024;

void Member::SendNow(int64_t now_ns) {
  for (; left_ > 0; --left_) {
    if (interval_ns_ > 0 ? next_message_ns_ > now_ns : client_.buffered(stream_) > kMostWaiting) return;
    const int64_t sent_ns = Now();
    std::memcpy(message_.data(), &sent_ns, sizeof sent_ns);
    if (!client_.SendMessage(stream_, kBinary, message_, Milliseconds(sent_ns))) return;
    next_message_ns_ += interval_ns_;
    ++shared_.tally.messages_sent;
  }
}

void Member::OnClientMessage(test::Client&, uint16_t stream, uint32_t protocol, std::span<const uint8_t> data) {
  if (protocol == kDcep) return OpenChannel(stream, data);
  if (protocol != kBinary) {
    if (protocol == kText) shared_.report({{"event", "text"}, {"id", id_}, {"text", std::string(data.begin(), data.end())}});
    return;
  }
  const auto channel = std::ranges::find(channels_, stream, [](const auto& one) { return one.second; });
  if (channel == channels_.end() || !channel->first.starts_with('#')) return;
  const int64_t now_ns = Now();
  shared_.tally.Message(data.size(), now_ns);
  int64_t sent_ns = 0;
  if (data.size() < 16) return;
  std::memcpy(&sent_ns, data.data(), sizeof sent_ns);
  shared_.tally.delays_us.push_back(static_cast<float>(now_ns - sent_ns) / 1000);
}

// DATA_CHANNEL_OPEN (RFC 8832, section 5.1).
void Member::OpenChannel(uint16_t stream, std::span<const uint8_t> open) {
  if (open.size() < 12 || open[0] != 3) return;
  const size_t label = Read16(&open[8]);
  if (label > open.size() - 12) return;
  const std::string name(open.begin() + 12, open.begin() + 12 + static_cast<ptrdiff_t>(label));
  channels_[name] = stream;
  constexpr uint8_t kAck[] = {2};
  client_.SendMessage(stream, kDcep, kAck, Milliseconds(Now()));
  shared_.report({{"event", "channel"}, {"id", id_}, {"label", name}});
}

void Member::Stop() {
  publishing_ = false;
  streams_.clear();
  left_ = 0;
}

void Member::Close() {
  client_.Close(Milliseconds(Now()));
  wire_.Flush(shared_.out);
}

}  // namespace load
