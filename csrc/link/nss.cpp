// Debian's libsrtp takes its ciphers from NSS. These are the NSS functions that it calls, over the OpenSSL that is linked anyway:
// AES in counter mode (RFC 3711), AES-GCM (RFC 7714) and HMAC-SHA1.
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <new>

namespace {

// From the published headers of NSS and PKCS #11.
enum SecStatus : int { kSuccess = 0, kFailure = -1 };
constexpr unsigned long kAesCtr = 0x1086, kAesGcm = 0x1087, kSha1Hmac = 0x221;
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

const EVP_CIPHER* Ctr(unsigned length) {
  static const EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-CTR", nullptr);
  static const EVP_CIPHER* const aes192 = EVP_CIPHER_fetch(nullptr, "AES-192-CTR", nullptr);
  static const EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-CTR", nullptr);
  return length == 16 ? aes128 : length == 24 ? aes192 : length == 32 ? aes256 : nullptr;
}
const EVP_CIPHER* Gcm(unsigned length) {
  static const EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static const EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return length == 16 ? aes128 : length == 32 ? aes256 : nullptr;
}
EVP_MAC* Hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return mac;
}

}  // namespace

struct PK11SlotInfo {};

struct PK11SymKey {
  std::atomic<int> references{1};
  unsigned long mechanism = 0;
  unsigned length = 0;
  unsigned char bytes[64] = {};
  EVP_CIPHER_CTX* cipher = nullptr;  // GCM: initialised with the key. CTR: a spare one for the next context.
  int direction = -1;                // GCM: the direction that cipher is initialised for

  void Release() {
    if (references.fetch_sub(1) != 1) return;
    EVP_CIPHER_CTX_free(cipher);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    delete this;
  }
};

struct PK11Context {
  PK11SymKey* key = nullptr;
  EVP_CIPHER_CTX* cipher = nullptr;
  EVP_MAC_CTX* mac = nullptr;
};

struct NSSInitContextStr {};

#define NSS extern "C" __attribute__((visibility("hidden")))

NSS NSSInitContextStr* NSS_InitContext(const char*, const char*, const char*, const char*, void*, uint32_t) {
  static NSSInitContextStr context;
  return &context;
}
NSS int NSS_ShutdownContext(NSSInitContextStr*) { return kSuccess; }
NSS int32_t PR_GetError() { return 0; }

NSS PK11SlotInfo* PK11_GetBestSlot(unsigned long, void*) {
  static PK11SlotInfo slot;
  return &slot;
}
NSS void PK11_FreeSlot(PK11SlotInfo*) {}

NSS PK11SymKey* PK11_ImportSymKey(PK11SlotInfo*, unsigned long mechanism, int, unsigned long, SecItem* item, void*) {
  if (!item || !item->data || item->len > sizeof(PK11SymKey::bytes)) return nullptr;
  if (mechanism == kAesCtr && !Ctr(item->len)) return nullptr;
  if (mechanism == kAesGcm && !Gcm(item->len)) return nullptr;
  auto* key = new (std::nothrow) PK11SymKey;
  if (!key) return nullptr;
  key->mechanism = mechanism;
  key->length = item->len;
  std::memcpy(key->bytes, item->data, item->len);
  return key;
}
NSS void PK11_FreeSymKey(PK11SymKey* key) {
  if (key) key->Release();
}

NSS PK11Context* PK11_CreateContextBySymKey(unsigned long mechanism, unsigned long, PK11SymKey* key,
                                            const SecItem* parameter) {
  if (!key) return nullptr;
  auto* context = new (std::nothrow) PK11Context;
  if (!context) return nullptr;
  bool ok = false;
  if (mechanism == kAesCtr && parameter && parameter->len >= sizeof(CtrParams)) {
    const auto* ctr = reinterpret_cast<const CtrParams*>(parameter->data);
    if (key->cipher) {
      context->cipher = key->cipher;
      key->cipher = nullptr;
      ok = EVP_EncryptInit_ex2(context->cipher, nullptr, nullptr, ctr->counter, nullptr) == 1;
    } else {
      context->cipher = EVP_CIPHER_CTX_new();
      ok = context->cipher && EVP_EncryptInit_ex2(context->cipher, Ctr(key->length), key->bytes, ctr->counter, nullptr) == 1;
    }
  } else if (mechanism == kSha1Hmac) {
    context->mac = EVP_MAC_CTX_new(Hmac());
    char digest[] = "SHA1";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                     OSSL_PARAM_construct_end()};
    ok = context->mac && EVP_MAC_init(context->mac, key->bytes, key->length, parameters) == 1;
  }
  if (!ok) {
    EVP_CIPHER_CTX_free(context->cipher);
    EVP_MAC_CTX_free(context->mac);
    delete context;
    return nullptr;
  }
  context->key = key;
  key->references.fetch_add(1);
  return context;
}

NSS void PK11_DestroyContext(PK11Context* context, int) {
  if (!context) return;
  EVP_MAC_CTX_free(context->mac);
  if (context->cipher) {
    if (!context->key->cipher) {
      context->key->cipher = context->cipher;
    } else {
      EVP_CIPHER_CTX_free(context->cipher);
    }
  }
  context->key->Release();
  delete context;
}

NSS int PK11_CipherOp(PK11Context* context, unsigned char* out, int* out_len, int max_out, const unsigned char* in,
                      int in_len) {
  if (!context || !context->cipher || in_len > max_out) return kFailure;
  return EVP_EncryptUpdate(context->cipher, out, out_len, in, in_len) == 1 ? kSuccess : kFailure;
}

NSS int PK11_DigestBegin(PK11Context* context) {
  return context && context->mac && EVP_MAC_init(context->mac, nullptr, 0, nullptr) == 1 ? kSuccess : kFailure;
}
NSS int PK11_DigestOp(PK11Context* context, const unsigned char* in, unsigned in_len) {
  return context && context->mac && EVP_MAC_update(context->mac, in, in_len) == 1 ? kSuccess : kFailure;
}
NSS int PK11_DigestFinal(PK11Context* context, unsigned char* out, unsigned* out_len, unsigned max_out) {
  size_t length = 0;
  if (!context || !context->mac || EVP_MAC_final(context->mac, out, &length, max_out) != 1) return kFailure;
  *out_len = static_cast<unsigned>(length);
  return kSuccess;
}

namespace {

constexpr int kMaxTagSize = 16;

struct GcmCall {
  const unsigned char *iv, *aad;
  unsigned long iv_len, aad_len;
  int tag_size;  // bytes
};

bool Read(const SecItem* parameter, GcmCall& call) {
  if (!parameter || !parameter->data) return false;
  if (parameter->len == sizeof(GcmParamsV3)) {
    const auto* p = reinterpret_cast<const GcmParamsV3*>(parameter->data);
    call = {p->iv, p->aad, p->iv_len, p->aad_len, static_cast<int>(p->tag_bits / 8)};
  } else if (parameter->len == sizeof(GcmParams)) {
    const auto* p = reinterpret_cast<const GcmParams*>(parameter->data);
    call = {p->iv, p->aad, p->iv_len, p->aad_len, static_cast<int>(p->tag_bits / 8)};
  } else {
    return false;
  }
  return call.tag_size >= 8 && call.tag_size <= kMaxTagSize;
}

// The key's cipher with this packet's nonce and additional data; null when OpenSSL refuses.
EVP_CIPHER_CTX* Start(PK11SymKey* key, const GcmCall& call, int direction) {
  if (!key->cipher && !(key->cipher = EVP_CIPHER_CTX_new())) return nullptr;
  if (key->direction != direction) {
    if (EVP_CipherInit_ex2(key->cipher, Gcm(key->length), key->bytes, nullptr, direction, nullptr) != 1) return nullptr;
    key->direction = direction;
  }
  if (call.iv_len != 12 || EVP_CipherInit_ex2(key->cipher, nullptr, nullptr, call.iv, direction, nullptr) != 1)
    return nullptr;
  int ignored = 0;
  if (call.aad_len && EVP_CipherUpdate(key->cipher, nullptr, &ignored, call.aad, static_cast<int>(call.aad_len)) != 1)
    return nullptr;
  return key->cipher;
}

}  // namespace

NSS int PK11_Encrypt(PK11SymKey* key, unsigned long mechanism, SecItem* parameter, unsigned char* out, unsigned* out_len,
                     unsigned max_len, const unsigned char* data, unsigned data_len) {
  GcmCall call;
  if (!key || mechanism != kAesGcm || !Read(parameter, call) || max_len < data_len + call.tag_size) return kFailure;
  EVP_CIPHER_CTX* cipher = Start(key, call, 1);
  int length = 0, rest = 0;
  if (!cipher || (data_len && EVP_CipherUpdate(cipher, out, &length, data, static_cast<int>(data_len)) != 1) ||
      EVP_CipherFinal_ex(cipher, out + length, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, call.tag_size, out + length + rest) != 1)
    return kFailure;
  *out_len = static_cast<unsigned>(length + rest + call.tag_size);
  return kSuccess;
}

NSS int PK11_Decrypt(PK11SymKey* key, unsigned long mechanism, SecItem* parameter, unsigned char* out, unsigned* out_len,
                     unsigned max_len, const unsigned char* data, unsigned data_len) {
  GcmCall call;
  if (!key || mechanism != kAesGcm || !Read(parameter, call)) return kFailure;
  const int text_len = static_cast<int>(data_len) - call.tag_size;
  if (text_len < 0 || max_len < static_cast<unsigned>(text_len)) return kFailure;
  unsigned char tag[kMaxTagSize];
  std::memcpy(tag, data + text_len, call.tag_size);
  EVP_CIPHER_CTX* cipher = Start(key, call, 0);
  int length = 0, rest = 0;
  if (!cipher || (text_len && EVP_CipherUpdate(cipher, out, &length, data, text_len) != 1) ||
      EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, call.tag_size, tag) != 1 ||
      EVP_CipherFinal_ex(cipher, out + length, &rest) != 1)
    return kFailure;
  *out_len = static_cast<unsigned>(length + rest);
  return kSuccess;
}
