// One socket of a UDP port, and the transports on it.
#ifndef SORA_TRANSPORT_LANE_H
#define SORA_TRANSPORT_LANE_H

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "datagrams/endpoint.h"
#include "datagrams/udp_socket.h"

namespace sora {

class TransportObject;

struct Lane {
  // Transports that share a socket: its receive buffer holds about 92 datagrams at Linux's default of 212,992 bytes, and one
  // system call sends to all of them.
  static constexpr size_t kMaxTransports = 8;

  Lane(uint32_t number_of_port, const std::string& host)
      : number(number_of_port), socket(std::make_shared<UdpSocket>(host)) {}

  const uint32_t number;                    // its place among the port's lanes
  const std::shared_ptr<UdpSocket> socket;  // shared with the batches that send through it
  std::vector<std::shared_ptr<TransportObject>> transports;
  std::unordered_map<Endpoint, TransportObject*, EndpointHash> by_peer;
};

}  // namespace sora

#endif
