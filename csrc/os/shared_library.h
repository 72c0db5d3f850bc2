// Libraries of others, opened at run time.
#ifndef SORA_OS_SHARED_LIBRARY_H
#define SORA_OS_SHARED_LIBRARY_H

#include <string>

namespace sora {

// Opens a library at a path, for CloseLibrary; null with the system's reason when it cannot be opened.
void* OpenLibrary(const std::string& path, std::string& reason);

// Opens a library as the system's packages install it, for CloseLibrary; null when there is none with this version of its binary
// interface. On Linux dav1d's 7 is libdav1d.so.7, on macOS libdav1d.7.dylib, which is looked for where Homebrew has it as well.
void* OpenInstalledLibrary(const std::string& name, int version);

// The address of a function; null when the library has none of this name.
void* FindFunction(void* library, const char* name);

void CloseLibrary(void* library);

}  // namespace sora

#endif
