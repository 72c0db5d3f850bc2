// Whole packets through libsrtp's API: what it makes with our ciphers equals what OpenSSL makes by the rules of the RFCs.
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <srtp2/srtp.h>

#include <memory>

#include "../harness/harness.h"
#include "bytes.h"

namespace {

using Session = std::unique_ptr<srtp_ctx_t_, srtp_err_status_t (*)(srtp_t)>;

Session Open(srtp_profile_t profile, ByteVector master, srtp_ssrc_type_t direction) {
  static const srtp_err_status_t started = srtp_init();  // runs the self-tests of every cipher
  REQUIRE_EQ(started, srtp_err_status_ok);
  srtp_policy_t policy{};
  REQUIRE_EQ(srtp_crypto_policy_set_from_profile_for_rtp(&policy.rtp, profile), srtp_err_status_ok);
  REQUIRE_EQ(srtp_crypto_policy_set_from_profile_for_rtcp(&policy.rtcp, profile), srtp_err_status_ok);
  policy.ssrc.type = direction;
  policy.key = master.data();
  policy.window_size = 1024;
  srtp_t session = nullptr;
  REQUIRE_EQ(srtp_create(&session, &policy), srtp_err_status_ok);
  return {session, srtp_dealloc};
}

using Transform = srtp_err_status_t (*)(srtp_t, void*, int*);

srtp_err_status_t Apply(Transform transform, const Session& session, ByteVector& packet) {
  int size = static_cast<int>(packet.size());
  packet.resize(packet.size() + SRTP_MAX_TRAILER_LEN + 4);
  const srtp_err_status_t status = transform(session.get(), packet.data(), &size);
  packet.resize(static_cast<size_t>(size));
  return status;
}

// AES in counter mode, by OpenSSL alone.
ByteVector Counter(const ByteVector& key, const ByteVector& counter, const ByteVector& data) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  ByteVector out(data.size());
  int size = 0;
  REQUIRE_EQ(EVP_EncryptInit_ex(context, key.size() == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(), nullptr, key.data(),
                                counter.data()),
             1);
  REQUIRE_EQ(EVP_EncryptUpdate(context, out.data(), &size, data.data(), static_cast<int>(data.size())), 1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

ByteVector Hmac(const ByteVector& key, const ByteVector& data, size_t size) {
  ByteVector tag(20);
  unsigned written = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), tag.data(), &written);
  REQUIRE_EQ(written, 20u);
  tag.resize(size);
  return tag;
}

ByteVector Gcm(const ByteVector& key, const ByteVector& iv, const ByteVector& aad, const ByteVector& data) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  ByteVector out(data.size() + 16);
  int size = 0;
  REQUIRE_EQ(
      EVP_EncryptInit_ex(context, key.size() == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), nullptr, key.data(), iv.data()),
      1);
  REQUIRE_EQ(EVP_EncryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())), 1);
  REQUIRE_EQ(EVP_EncryptUpdate(context, out.data(), &size, data.data(), static_cast<int>(data.size())), 1);
  REQUIRE_EQ(EVP_EncryptFinal_ex(context, out.data() + size, &size), 1);
  REQUIRE_EQ(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, out.data() + data.size()), 1);
  EVP_CIPHER_CTX_free(context);
  return out;
}

// RFC 3711, 4.3.1: a session key of a master key and a salt of 112 bits (those of 96 bits count as their upper part).
ByteVector Derive(const ByteVector& key, ByteVector salt, uint8_t label, size_t size) {
  salt.resize(16);
  salt[7] ^= label;
  return Counter(key, salt, ByteVector(size));
}

ByteVector Xor(ByteVector a, const ByteVector& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] ^= b[i];
  return a;
}

ByteVector Ascending(size_t size, uint8_t first) {
  ByteVector bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(first + i);
  return bytes;
}

const ByteVector kRtp = FromHex("8040f17b8041f8d35501a0b2 47616c6c6961206573 74206f6d6e697320646976 697361");
const ByteVector kRtcp = FromHex("81c8000d4d617273 4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeef");

void CheckTampered(srtp_profile_t profile, const ByteVector& master, Transform open, const ByteVector& sealed,
                   const ByteVector& plain) {
  const Session receiver = Open(profile, master, ssrc_any_inbound);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    ByteVector tampered = sealed;
    tampered[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    REQUIRE(Apply(open, receiver, tampered) != srtp_err_status_ok);
  }
  ByteVector packet = sealed;
  REQUIRE_EQ(Apply(open, receiver, packet), srtp_err_status_ok);
  REQUIRE_EQ(ToHex(packet), ToHex(plain));
  packet = sealed;
  REQUIRE_EQ(Apply(open, receiver, packet), srtp_err_status_replay_fail);
}

void CheckCounterMode(srtp_profile_t profile, size_t rtp_tag) {
  const ByteVector key = Ascending(16, 1), salt = Ascending(14, 100);
  const ByteVector master = Join(key, salt);
  const Session sender = Open(profile, master, ssrc_any_outbound);

  ByteVector packet = kRtp;
  REQUIRE_EQ(Apply(srtp_protect, sender, packet), srtp_err_status_ok);
  // RFC 3711, 4.1.1: the salt with the SSRC from byte 4 and the index from byte 8.
  ByteVector counter = Derive(key, salt, 2, 14);
  counter.resize(16);
  counter = Xor(counter, FromHex("00000000 5501a0b2 00000000 f17b0000"));
  ByteVector expected = Join(Part(kRtp, 0, 12), Counter(Derive(key, salt, 0, 16), counter, Part(kRtp, 12, kRtp.size())));
  expected = Join(expected, Hmac(Derive(key, salt, 1, 20), Join(expected, FromHex("00000000")), rtp_tag));
  REQUIRE_EQ(ToHex(packet), ToHex(expected));
  CheckTampered(profile, master, srtp_unprotect, packet, kRtp);

  packet = kRtcp;
  REQUIRE_EQ(Apply(srtp_protect_rtcp, sender, packet), srtp_err_status_ok);
  counter = Derive(key, salt, 5, 14);
  counter.resize(16);
  counter = Xor(counter, FromHex("00000000 4d617273 00000000 00010000"));
  expected = Join(Part(kRtcp, 0, 8), Counter(Derive(key, salt, 3, 16), counter, Part(kRtcp, 8, kRtcp.size())));
  expected = Join(expected, FromHex("80000001"));
  expected = Join(expected, Hmac(Derive(key, salt, 4, 20), expected, 10));
  REQUIRE_EQ(ToHex(packet), ToHex(expected));
  CheckTampered(profile, master, srtp_unprotect_rtcp, packet, kRtcp);
}

void CheckGcm(srtp_profile_t profile, size_t key_size) {
  const ByteVector key = Ascending(key_size, 1), salt = Ascending(12, 100);
  const ByteVector master = Join(key, salt);
  const Session sender = Open(profile, master, ssrc_any_outbound);

  ByteVector packet = kRtp;
  REQUIRE_EQ(Apply(srtp_protect, sender, packet), srtp_err_status_ok);
  // RFC 7714, 8.1: two zero bytes, SSRC, ROC and SEQ, with the salt.
  const ByteVector rtp_iv = Xor(Derive(key, salt, 2, 12), FromHex("0000 5501a0b2 00000000 f17b"));
  const ByteVector rtp_header = Part(kRtp, 0, 12);
  ByteVector expected =
      Join(rtp_header, Gcm(Derive(key, salt, 0, key_size), rtp_iv, rtp_header, Part(kRtp, 12, kRtp.size())));
  REQUIRE_EQ(ToHex(packet), ToHex(expected));
  CheckTampered(profile, master, srtp_unprotect, packet, kRtp);

  packet = kRtcp;
  REQUIRE_EQ(Apply(srtp_protect_rtcp, sender, packet), srtp_err_status_ok);
  // RFC 7714, 9.1: two zero bytes, SSRC, two zero bytes and the index; the associated data ends with the E flag and index.
  const ByteVector rtcp_iv = Xor(Derive(key, salt, 5, 12), FromHex("0000 4d617273 0000 00000001"));
  const ByteVector rtcp_header = Part(kRtcp, 0, 8), trailer = FromHex("80000001");
  expected = Join(rtcp_header,
                  Gcm(Derive(key, salt, 3, key_size), rtcp_iv, Join(rtcp_header, trailer), Part(kRtcp, 8, kRtcp.size())));
  expected = Join(expected, trailer);
  REQUIRE_EQ(ToHex(packet), ToHex(expected));
  CheckTampered(profile, master, srtp_unprotect_rtcp, packet, kRtcp);
}

}  // namespace

TEST(srtp_packet_of_libsrtp_s_own_validation_with_the_master_key_of_rfc_3711_b3) {
  const ByteVector master = FromHex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
  const Session sender = Open(srtp_profile_aes128_cm_sha1_80, master, ssrc_any_outbound);
  ByteVector packet = FromHex("800f1234decafbadcafebabe abababababababababababababababab");
  REQUIRE_EQ(Apply(srtp_protect, sender, packet), srtp_err_status_ok);
  REQUIRE_EQ(ToHex(packet), "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb");
}

TEST(srtp_packets_of_aes_cm_128_hmac_sha1_80) { CheckCounterMode(srtp_profile_aes128_cm_sha1_80, 10); }
TEST(srtp_packets_of_aes_cm_128_hmac_sha1_32) { CheckCounterMode(srtp_profile_aes128_cm_sha1_32, 4); }
TEST(srtp_packets_of_aead_aes_128_gcm) { CheckGcm(srtp_profile_aead_aes_128_gcm, 16); }
TEST(srtp_packets_of_aead_aes_256_gcm) { CheckGcm(srtp_profile_aead_aes_256_gcm, 32); }
