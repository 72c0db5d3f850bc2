#include "net/dns_resolver.h"

#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "api/task_queue/task_queue_base.h"
#include "os/sockets.h"
#include "rtc_base/ip_address.h"
#include "rtc_base/logging.h"
#include "rtc_base/socket_address.h"

namespace sora {
namespace {

struct Found {
  int error = 0;
  std::vector<rtc::IPAddress> addresses;
};

Found LookUp(const std::string& name, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  Found found;
  found.error = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (found.error != 0) return found;
  for (addrinfo* info = list; info; info = info->ai_next) {
    rtc::IPAddress address;
    if ((family == AF_UNSPEC || info->ai_family == family) && rtc::IPFromAddrInfo(info, &address))
      found.addresses.push_back(address);
  }
  freeaddrinfo(list);
  return found;
}

class Result : public webrtc::AsyncDnsResolverResult {
 public:
  bool GetResolvedAddress(int family, rtc::SocketAddress* address) const override {
    if (found_.error != 0) return false;
    for (const rtc::IPAddress& ip : found_.addresses) {
      if (ip.family() != family) continue;
      *address = requested_;
      address->SetResolvedIP(ip);
      return true;
    }
    return false;
  }
  int GetError() const override { return found_.error; }

  rtc::SocketAddress requested_;
  Found found_;
};

class DnsResolver : public webrtc::AsyncDnsResolverInterface {
 public:
  ~DnsResolver() override {
    std::lock_guard lock(life_->mutex);
    life_->resolver = nullptr;
  }

  void Start(const rtc::SocketAddress& address, absl::AnyInvocable<void()> callback) override {
    Start(address, address.family(), std::move(callback));
  }

  void Start(const rtc::SocketAddress& address, int family, absl::AnyInvocable<void()> callback) override {
    result_.requested_ = address;
    callback_ = std::move(callback);
    life_->resolver = this;
    auto* const caller = webrtc::TaskQueueBase::Current();
    const auto finish = [life = life_, caller](Found found) {
      std::lock_guard lock(life->mutex);
      // While the resolver exists, so does the thread that made it.
      if (life->resolver) caller->PostTask([life, found = std::move(found)]() mutable { Done(*life, std::move(found)); });
    };
    try {
      std::thread([finish, name = address.hostname(), family] { finish(LookUp(name, family)); }).detach();
    } catch (const std::system_error& error) {
      RTC_LOG(LS_ERROR) << "Cannot start a thread to resolve a name: " << error.what();
      finish({EAI_AGAIN, {}});
    }
  }

  const webrtc::AsyncDnsResolverResult& result() const override { return result_; }

 private:
  struct Life {
    std::mutex mutex;
    DnsResolver* resolver = nullptr;  // null once destroyed
  };

  // On the thread that made the resolver, which also destroys it.
  static void Done(const Life& life, Found found) {
    DnsResolver* const resolver = life.resolver;
    if (!resolver) return;
    resolver->result_.found_ = std::move(found);
    auto callback = std::move(resolver->callback_);
    callback();  // may destroy the resolver
  }

  const std::shared_ptr<Life> life_ = std::make_shared<Life>();
  Result result_;
  absl::AnyInvocable<void()> callback_;
};

class DnsResolverFactory : public webrtc::AsyncDnsResolverFactoryInterface {
 public:
  std::unique_ptr<webrtc::AsyncDnsResolverInterface> CreateAndResolve(const rtc::SocketAddress& address,
                                                                      absl::AnyInvocable<void()> callback) override {
    return CreateAndResolve(address, address.family(), std::move(callback));
  }
  std::unique_ptr<webrtc::AsyncDnsResolverInterface> CreateAndResolve(const rtc::SocketAddress& address, int family,
                                                                      absl::AnyInvocable<void()> callback) override {
    auto resolver = Create();
    resolver->Start(address, family, std::move(callback));
    return resolver;
  }
  std::unique_ptr<webrtc::AsyncDnsResolverInterface> Create() override { return CreateDnsResolver(); }
};

}  // namespace

std::unique_ptr<webrtc::AsyncDnsResolverInterface> CreateDnsResolver() { return std::make_unique<DnsResolver>(); }

std::unique_ptr<webrtc::AsyncDnsResolverFactoryInterface> CreateDnsResolverFactory() {
  return std::make_unique<DnsResolverFactory>();
}

}  // namespace sora
