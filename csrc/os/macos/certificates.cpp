#include "os/certificates.h"

namespace sora {
namespace {

// Apple's list. What a user or an administrator has added to a keychain is not in it: for such authorities there is the option caCert.
constexpr const char* kBundles[] = {"/etc/ssl/cert.pem"};

}  // namespace

std::span<const char* const> CertificateBundles() { return kBundles; }

}  // namespace sora
