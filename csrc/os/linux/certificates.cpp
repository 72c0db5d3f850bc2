#include "os/certificates.h"

namespace sora {
namespace {

// OpenSSL's default paths are those of the distribution that it was built for; these are those of others.
constexpr const char* kBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Alpine
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
    "/etc/pki/tls/certs/ca-bundle.crt",                   // older RHEL
    "/etc/ssl/ca-bundle.pem",                             // openSUSE
    "/etc/ssl/cert.pem",                                  // Alpine and others
};

}  // namespace

std::span<const char* const> CertificateBundles() { return kBundles; }

}  // namespace sora
