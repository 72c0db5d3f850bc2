// What the benchmarks of the server are compared with: the system calls and the cipher alone.
#ifndef SORA_BENCH_LOAD_PRIMITIVES_H
#define SORA_BENCH_LOAD_PRIMITIVES_H

#include <cstdint>

namespace load {

// Each prints one line of JSON with microseconds of processor time for one datagram of 1,200 bytes on loopback.

// Protects packets and sends them to 20 sockets, by sendto, one after another, and by sendmmsg: {"protect","sendto","sendmmsg"}.
int Limit();

// Prints {"port"}, receives so many datagrams, which come with pauses, by recvmmsg, and prints {"receive"}.
int ReceiveDatagrams(uint32_t count);

// Sends so many datagrams to a port by sendmmsg, 20 at a time, `rate` in a second, and prints {"send"}.
int SendDatagrams(uint16_t port, uint32_t count, uint32_t rate);

}  // namespace load

#endif
