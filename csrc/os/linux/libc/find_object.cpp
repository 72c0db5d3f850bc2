// _dl_find_object of glibc 2.35, which libgcc's unwinder asks for each function that an exception leaves, for older systems.
#include <dlfcn.h>
#include <link.h>

namespace {

using Segment = ElfW(Phdr);

struct Search {
  uintptr_t address;
  dl_find_object* found;
};

int Look(dl_phdr_info* object, size_t, void* context) {
  const auto& [address, found] = *static_cast<Search*>(context);
  const auto at = [&](const Segment& segment) { return object->dlpi_addr + segment.p_vaddr; };
  const Segment *holder = nullptr, *exceptions = nullptr;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const Segment& segment = object->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && address - at(segment) < segment.p_memsz) holder = &segment;
    if (segment.p_type == DLFO_EH_SEGMENT_TYPE) exceptions = &segment;
  }
  if (!holder) return 0;
  if (!exceptions) return -1;
  *found = {};
  found->dlfo_map_start = reinterpret_cast<void*>(at(*holder));
  found->dlfo_map_end = reinterpret_cast<void*>(at(*holder) + holder->p_memsz);
  found->dlfo_eh_frame = reinterpret_cast<void*>(at(*exceptions));
  return 1;
}

bool Find(void* address, dl_find_object& found) {
  Search search{reinterpret_cast<uintptr_t>(address), &found};
  return dl_iterate_phdr(Look, &search) == 1;
}

// The library or program that this is linked into, which is never unloaded. It catches what it throws, so hardly anything else is
// ever looked for.
dl_find_object own = {};

__attribute__((constructor(101))) void FindOwn() { Find(reinterpret_cast<void*>(&FindOwn), own); }

}  // namespace

extern "C" __attribute__((visibility("hidden"))) int _dl_find_object(void* address, dl_find_object* found) noexcept {
  if (address >= own.dlfo_map_start && address < own.dlfo_map_end) {
    *found = own;
    return 0;
  }
  return Find(address, *found) ? 0 : -1;
}
