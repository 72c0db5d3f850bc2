// Functions that the dispatcher insists on, which nobody here calls for a result.
#include "soft/control.h"

namespace standin {

// MFX_ERR_UNSUPPORTED
#define UNSUPPORTED(name) \
  STANDIN_EXPORT int name() { return -3; }
UNSUPPORTED(MFXInit)
UNSUPPORTED(MFXInitEx)
UNSUPPORTED(MFXJoinSession)
UNSUPPORTED(MFXDisjoinSession)
UNSUPPORTED(MFXCloneSession)
UNSUPPORTED(MFXSetPriority)
UNSUPPORTED(MFXGetPriority)
UNSUPPORTED(MFXVideoCORE_GetHandle)
UNSUPPORTED(MFXVideoENCODE_GetEncodeStat)
UNSUPPORTED(MFXVideoDECODE_GetDecodeStat)
UNSUPPORTED(MFXVideoDECODE_SetSkipMode)
UNSUPPORTED(MFXVideoDECODE_GetPayload)
UNSUPPORTED(MFXVideoVPP_Query)
UNSUPPORTED(MFXVideoVPP_QueryIOSurf)
UNSUPPORTED(MFXVideoVPP_Init)
UNSUPPORTED(MFXVideoVPP_Reset)
UNSUPPORTED(MFXVideoVPP_Close)
UNSUPPORTED(MFXVideoVPP_GetVideoParam)
UNSUPPORTED(MFXVideoVPP_GetVPPStat)
UNSUPPORTED(MFXVideoVPP_RunFrameVPPAsync)
UNSUPPORTED(MFXVideoVPP_ProcessFrameAsync)
UNSUPPORTED(MFXMemory_GetSurfaceForVPP)
UNSUPPORTED(MFXMemory_GetSurfaceForVPPOut)
UNSUPPORTED(MFXMemory_GetSurfaceForEncode)
UNSUPPORTED(MFXMemory_GetSurfaceForDecode)
UNSUPPORTED(MFXVideoDECODE_VPP_Init)
UNSUPPORTED(MFXVideoDECODE_VPP_DecodeFrameAsync)
UNSUPPORTED(MFXVideoDECODE_VPP_Reset)
UNSUPPORTED(MFXVideoDECODE_VPP_GetChannelParam)
UNSUPPORTED(MFXVideoDECODE_VPP_Close)

}  // namespace standin
