// Resolves names to addresses, on one thread for each name. libwebrtc's own resolver does the same but ends the process when the
// system starts no thread; this one fails then.
#ifndef SORA_NET_DNS_RESOLVER_H
#define SORA_NET_DNS_RESOLVER_H

#include <memory>

#include "api/async_dns_resolver.h"

namespace sora {

std::unique_ptr<webrtc::AsyncDnsResolverInterface> CreateDnsResolver();
std::unique_ptr<webrtc::AsyncDnsResolverFactoryInterface> CreateDnsResolverFactory();

}  // namespace sora

#endif
