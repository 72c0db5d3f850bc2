// Functions that loaders of foreign clients insist on, and that do nothing here: streams and events have nothing to wait for, as each
// call ends when its work is done; what belongs to graphics, kernels or other systems answers "not supported".
#include "nvidia/nvidia.h"

namespace standin {

STANDIN_EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned) {
  static int one;
  *stream = reinterpret_cast<CUstream>(&one);
  return CUDA_SUCCESS;
}

STANDIN_EXPORT CUresult cuEventCreate(CUevent* event, unsigned) {
  static int one;
  *event = reinterpret_cast<CUevent>(&one);
  return CUDA_SUCCESS;
}

#define SUCCEEDS(name) \
  STANDIN_EXPORT int name() { return CUDA_SUCCESS; }
SUCCEEDS(cuStreamQuery)
SUCCEEDS(cuStreamSynchronize)
SUCCEEDS(cuStreamDestroy_v2)
SUCCEEDS(cuStreamWaitEvent)
SUCCEEDS(cuEventDestroy_v2)
SUCCEEDS(cuEventSynchronize)
SUCCEEDS(cuEventQuery)
SUCCEEDS(cuEventRecord)
SUCCEEDS(cuCtxSetLimit)
SUCCEEDS(cuDevicePrimaryCtxSetFlags)
SUCCEEDS(cuDevicePrimaryCtxSetFlags_v2)

#define UNSUPPORTED(name) \
  STANDIN_EXPORT int name() { return kNotSupported; }
UNSUPPORTED(cuMemAllocManaged)
UNSUPPORTED(cuMemsetD8Async)
UNSUPPORTED(cuMemcpy)
UNSUPPORTED(cuMemcpyAsync)
UNSUPPORTED(cuMemcpyDtoD_v2)
UNSUPPORTED(cuMemcpyDtoDAsync_v2)
UNSUPPORTED(cuDevicePrimaryCtxReset)
UNSUPPORTED(cuStreamAddCallback)
UNSUPPORTED(cuLaunchKernel)
UNSUPPORTED(cuLinkCreate)
UNSUPPORTED(cuLinkAddData)
UNSUPPORTED(cuLinkComplete)
UNSUPPORTED(cuLinkDestroy)
UNSUPPORTED(cuModuleLoadData)
UNSUPPORTED(cuModuleUnload)
UNSUPPORTED(cuModuleGetFunction)
UNSUPPORTED(cuModuleGetGlobal)
UNSUPPORTED(cuTexObjectCreate)
UNSUPPORTED(cuTexObjectDestroy)
UNSUPPORTED(cuGLGetDevices_v2)
UNSUPPORTED(cuGraphicsGLRegisterImage)
UNSUPPORTED(cuGraphicsUnregisterResource)
UNSUPPORTED(cuGraphicsMapResources)
UNSUPPORTED(cuGraphicsUnmapResources)
UNSUPPORTED(cuGraphicsSubResourceGetMappedArray)
UNSUPPORTED(cuGraphicsResourceGetMappedPointer_v2)
UNSUPPORTED(cuArrayCreate_v2)
UNSUPPORTED(cuArray3DCreate_v2)
UNSUPPORTED(cuArrayDestroy)
UNSUPPORTED(cuvidCreateVideoSource)
UNSUPPORTED(cuvidCreateVideoSourceW)
UNSUPPORTED(cuvidDestroyVideoSource)
UNSUPPORTED(cuvidSetVideoSourceState)
UNSUPPORTED(cuvidGetSourceVideoFormat)
UNSUPPORTED(cuvidGetSourceAudioFormat)

// cudaVideoState_Error
STANDIN_EXPORT int cuvidGetVideoSourceState() { return -1; }

}  // namespace standin
