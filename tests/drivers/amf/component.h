// A component of AMF's stand-in, by its id; null for one that the device lacks.
#pragma once

#include "amf/interface.h"

namespace standin {

amf::Component* NewComponent(amf::Context* context, const wchar_t* id);

}  // namespace standin
