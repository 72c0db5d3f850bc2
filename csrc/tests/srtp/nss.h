// The NSS functions that libsrtp calls and csrc/link/nss.cpp provides, as NSS's and PKCS #11's headers publish them.
#ifndef SORA_TESTS_NSS_H
#define SORA_TESTS_NSS_H

#include <cstdint>

constexpr unsigned long kAesCtr = 0x1086, kAesGcm = 0x1087;
constexpr int kSuccess = 0;

struct SecItem {
  int type;
  unsigned char* data;
  unsigned int len;
};
struct CtrParams {
  unsigned long counter_bits;
  unsigned char counter[16];
};
struct GcmParams {  // CK_NSS_GCM_PARAMS
  unsigned char* iv;
  unsigned long iv_len;
  unsigned char* aad;
  unsigned long aad_len;
  unsigned long tag_bits;
};
struct GcmParamsV3 {  // CK_GCM_PARAMS of PKCS #11 3.0
  unsigned char* iv;
  unsigned long iv_len;
  unsigned long iv_bits;
  unsigned char* aad;
  unsigned long aad_len;
  unsigned long tag_bits;
};

struct PK11SlotInfo;
struct PK11SymKey;
struct PK11Context;

extern "C" {
PK11SlotInfo* PK11_GetBestSlot(unsigned long, void*);
PK11SymKey* PK11_ImportSymKey(PK11SlotInfo*, unsigned long, int, unsigned long, SecItem*, void*);
void PK11_FreeSymKey(PK11SymKey*);
PK11Context* PK11_CreateContextBySymKey(unsigned long, unsigned long, PK11SymKey*, const SecItem*);
void PK11_DestroyContext(PK11Context*, int);
int PK11_CipherOp(PK11Context*, unsigned char*, int*, int, const unsigned char*, int);
int PK11_Encrypt(PK11SymKey*, unsigned long, SecItem*, unsigned char*, unsigned*, unsigned, const unsigned char*, unsigned);
int PK11_Decrypt(PK11SymKey*, unsigned long, SecItem*, unsigned char*, unsigned*, unsigned, const unsigned char*, unsigned);
}

#endif
