// Changes of the machine's addresses and interfaces, as the system reports them.
#ifndef SORA_OS_NETWORK_CHANGES_H
#define SORA_OS_NETWORK_CHANGES_H

namespace sora {

// A descriptor, for CloseNetworkChanges, that can be read after each change; -1 with errno when the system gives none.
int OpenNetworkChanges();

// Reads what waits there, without blocking; whether it tells of a change.
bool ReadNetworkChanges(int descriptor);

void CloseNetworkChanges(int descriptor);

}  // namespace sora

#endif
