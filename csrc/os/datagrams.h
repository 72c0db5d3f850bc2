// Datagrams by the dozen: sockets for them, and system calls that take several at once where the system has such.
#ifndef SORA_OS_DATAGRAMS_H
#define SORA_OS_DATAGRAMS_H

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>

namespace sora {

// A datagram, or several of one size as one.
struct DatagramMessage {
  msghdr header;
  unsigned size;  // what was received
};

// Room for what SetSegmentSize adds to a message.
struct alignas(cmsghdr) SegmentControl {
  std::array<uint8_t, CMSG_SPACE(sizeof(uint16_t))> data;
};

// Room for what the system says of a message that it received.
struct alignas(cmsghdr) ReceivedControl {
  std::array<uint8_t, CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(timespec))> data;
};

// A UDP socket that does not block and that no child process inherits; -1 with errno when there is none.
int OpenDatagramSocket(sa_family_t family);

void CloseDatagramSocket(int descriptor);

// Asks for buffers of so many bytes in both directions. The system may give less.
void SetDatagramBuffers(int descriptor, int bytes);

// Whether a message may hold several datagrams for one address: UDP_SEGMENT of Linux, which macOS has no counterpart of.
bool CanSegment(int descriptor);

// Makes a message several datagrams of so many bytes, where that can be; the last may be smaller.
void SetSegmentSize(msghdr& message, SegmentControl& control, uint16_t bytes);

// Receives datagrams of one sender and one size, the last of which may be smaller, as one message: UDP_GRO of Linux, which macOS has no
// counterpart of.
void CoalesceReceived(int descriptor);

// The size of the datagrams of a received message that is several; 0 when it is one.
size_t ReceivedSegmentSize(const msghdr& message);

// Reports the time at which each message arrived, where the system can.
void ReportArrivals(int descriptor);

// How many microseconds ago a message arrived, if the system says so. now: of WallClock.
std::optional<int64_t> AgeUs(const msghdr& message, const timespec& now);

// The clock of the times of arrival.
timespec WallClock();

// Sets the class of what is sent (DSCP, RFC 2474); false when the system refuses.
bool SetTrafficClass(int descriptor, sa_family_t family, int dscp);

// Receives what waits on a socket, as much as fits, without waiting for it; returns how many there were, or -1 with errno.
int ReceiveMessages(int descriptor, std::span<DatagramMessage> messages);

// Sends the first of these messages, as many as the system takes at once; returns how many, or -1 with errno.
int SendMessages(int descriptor, std::span<DatagramMessage> messages);

}  // namespace sora

#endif
