// The H.265 codecs that setup/drivers.sh fetches: libraries of the machine's own release, opened when they are asked for.
#pragma once

namespace standin {

// A function of the library whose file name begins like this, or null. STANDIN_LIBRARIES names their folder; by itself it is
// .deps/drivers of the checkout that the stand-in was built in.
void* LibraryFunction(const char* library, const char* function);

}  // namespace standin
