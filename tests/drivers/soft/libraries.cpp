#include "soft/libraries.h"

#include <dirent.h>
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace standin {
namespace {

// Where this library was built to: CHECKOUT/zig-out/drivers/NAME.
std::string Folder() {
  if (const char* folder = getenv("STANDIN_LIBRARIES")) return folder;
  Dl_info info = {};
  if (!dladdr(reinterpret_cast<void*>(&LibraryFunction), &info) || !info.dli_fname) return ".";
  char real[4096];
  if (!realpath(info.dli_fname, real)) return ".";
  std::string path = real;
  const size_t out = path.rfind("/zig-out/");
  return (out == std::string::npos ? std::string(".") : path.substr(0, out)) + "/.deps/drivers/usr/lib/" STANDIN_TRIPLE;
}

void* Open(const std::string& name) {
  const std::string folder = Folder();
  DIR* directory = opendir(folder.c_str());
  if (!directory) return nullptr;
  std::string found;
  while (const dirent* entry = readdir(directory))
    if (!strncmp(entry->d_name, name.c_str(), name.size()) && found < entry->d_name) found = entry->d_name;
  closedir(directory);
  // x265 needs it, and looks for it by its name alone.
  dlopen((folder + "/libnuma.so.1").c_str(), RTLD_NOW | RTLD_LOCAL);
  return found.empty() ? nullptr : dlopen((folder + "/" + found).c_str(), RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

void* LibraryFunction(const char* library, const char* function) {
  static std::mutex mutex;
  static auto& handles = *new std::map<std::string, void*>();
  std::lock_guard lock(mutex);
  const auto [entry, added] = handles.try_emplace(library, nullptr);
  if (added) entry->second = Open(library);
  return entry->second ? dlsym(entry->second, function) : nullptr;
}

}  // namespace standin
