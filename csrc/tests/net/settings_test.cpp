// What connections share of their settings for TURN over TLS.
#include "net/settings.h"

#include "../harness/harness.h"

TEST(network_settings_share_a_tls_client_unless_they_have_certificates) {
  const auto client = [](const char* configuration) {
    return sora::ParseNetworkSettings(sora::ParseObject(configuration, "configuration")).tls;
  };
  REQUIRE(client("{}"));
  REQUIRE(client("{}") == client(R"({"tls":{}})"));
  REQUIRE(client("{}") == client(R"({"tls":{"insecure":false}})"));
  REQUIRE(client(R"({"tls":{"insecure":true}})") == client(R"({"tls":{"insecure":true}})"));
  REQUIRE(client("{}") != client(R"({"tls":{"insecure":true}})"));
  REQUIRE(client("{}")->NewSession("turn.example"));
}
