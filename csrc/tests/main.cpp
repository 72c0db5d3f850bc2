#include "sora_ffi.h"
int main(){ return sora_abi_version()==1?0:1; }
