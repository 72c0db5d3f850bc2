// Datagrams by the dozen: sockets for them, and system calls that take several at once where the system has such.
#ifndef SORA_OS_DATAGRAMS_H
#define SORA_OS_DATAGRAMS_H

#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstdint>
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

// A UDP socket that does not block and that no child process inherits; -1 with errno when there is none.
int OpenDatagramSocket(sa_family_t family);

void CloseDatagramSocket(int descriptor);

// Asks for buffers of so many bytes in both directions. The system may give less.
void SetDatagramBuffers(int descriptor, int bytes);

// Whether a message may hold several datagrams for one address: UDP_SEGMENT of Linux, which macOS has no counterpart of.
bool CanSegment(int descriptor);

// Makes a message several datagrams of so many bytes, where that can be; the last may be smaller.
void SetSegmentSize(msghdr& message, SegmentControl& control, uint16_t bytes);

// Receives what waits on a socket, as much as fits, without waiting for it; returns how many there were, or -1 with errno.
int ReceiveMessages(int descriptor, std::span<DatagramMessage> messages);

// Sends the first of these messages, as many as the system takes at once; returns how many, or -1 with errno.
int SendMessages(int descriptor, std::span<DatagramMessage> messages);

}  // namespace sora

#endif
