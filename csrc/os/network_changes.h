// Changes of the machine's addresses and interfaces, as the system reports them.
#ifndef SORA_OS_NETWORK_CHANGES_H
#define SORA_OS_NETWORK_CHANGES_H

namespace sora {

// A descriptor, for the caller to close, that can be read after each change, without blocking; what is read does not matter. -1 with
// errno when the system gives none.
int OpenNetworkChanges();

}  // namespace sora

#endif
