#include "net/settings.h"

#include <algorithm>
#include <array>

namespace sora {
namespace {

constexpr size_t kMaxText = 4096;

bool IsPrintable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c != 0x7f; });
}

std::string Limited(const Json& json, const char* key) {
  const std::string value = OptionalText(json, key, "proxy.").value_or("");
  if (value.size() > kMaxText) Refuse(std::string("proxy.") + key, "at most 4096 bytes");
  return value;
}

TlsOptions ParseTls(const Json& json) {
  TlsOptions options;
  options.insecure = OptionalBool(json, "insecure", "tls.").value_or(false);
  options.ca_cert = OptionalText(json, "caCert", "tls.");
  options.client_cert = OptionalText(json, "clientCert", "tls.");
  options.client_key = OptionalText(json, "clientKey", "tls.");
  return options;
}

std::shared_ptr<const ProxySettings> ParseProxy(const Json& json) {
  auto proxy = std::make_shared<ProxySettings>();
  const std::string host = Text(json, "host", "proxy.");
  if (host.empty() || host.size() > 255) Refuse("proxy.host", "a host name or an address");
  const auto port = OptionalNumber(json, "port", 1, 65'535, "proxy.");
  if (!port || *port != static_cast<int>(*port)) Refuse("proxy.port", "an integer from 1 to 65535");
  proxy->address = rtc::SocketAddress(host, static_cast<int>(*port));
  proxy->username = Limited(json, "username");
  proxy->password = Limited(json, "password");
  proxy->agent = Limited(json, "agent");
  if (!IsPrintable(proxy->agent)) Refuse("proxy.agent", "without control characters");
  return proxy;
}

// For connections without certificates of their own: OpenSSL's context takes 16 kB. Kept until the process ends.
std::shared_ptr<const TlsClient> SharedClient(bool insecure) {
  const auto make = [](bool insecure) {
    TlsOptions options;
    options.insecure = insecure;
    return std::make_shared<const TlsClient>(options);
  };
  // Never freed: OpenSSL cleans up before statics are destroyed.
  static const auto& clients = *new std::array{make(false), make(true)};
  return clients[insecure];
}

std::shared_ptr<const TlsClient> ClientFor(const TlsOptions& options) {
  const bool own = options.ca_cert || options.client_cert || options.client_key;
  return own ? std::make_shared<TlsClient>(options) : SharedClient(options.insecure);
}

// An object within the configuration; null when it is not there.
const Json* Section(const Json& configuration, const char* key) {
  const Json* const found = configuration.Find(key);
  if (found && !found->object()) Refuse(key, "an object");
  return found;
}

}  // namespace

NetworkSettings ParseNetworkSettings(const Json& configuration) {
  NetworkSettings settings;
  const Json* tls = Section(configuration, "tls");
  settings.tls = ClientFor(tls ? ParseTls(*tls) : TlsOptions());
  if (const Json* proxy = Section(configuration, "proxy")) settings.proxy = ParseProxy(*proxy);
  return settings;
}

}  // namespace sora
