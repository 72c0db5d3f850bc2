// The certificate authorities that the system trusts.
#ifndef SORA_OS_CERTIFICATES_H
#define SORA_OS_CERTIFICATES_H

#include <span>

namespace sora {

// Where the system may have their certificates as one file of PEM, in the order to look.
std::span<const char* const> CertificateBundles();

}  // namespace sora

#endif
