// The ciphers of csrc/link/nss.cpp, with the session keys of the RFCs' vectors.
#include <cstring>
#include <memory>

#include "../harness/harness.h"
#include "bytes.h"
#include "nss.h"

namespace {

using Key = std::unique_ptr<PK11SymKey, void (*)(PK11SymKey*)>;

Key Import(unsigned long mechanism, ByteVector bytes) {
  SecItem item{0, bytes.data(), static_cast<unsigned>(bytes.size())};
  return {PK11_ImportSymKey(PK11_GetBestSlot(mechanism, nullptr), mechanism, 0, 0, &item, nullptr), PK11_FreeSymKey};
}

ByteVector CounterStream(PK11SymKey* key, const ByteVector& counter, size_t size) {
  CtrParams parameters{16, {}};
  std::memcpy(parameters.counter, counter.data(), 16);
  const SecItem item{0, reinterpret_cast<unsigned char*>(&parameters), sizeof(parameters)};
  PK11Context* context = PK11_CreateContextBySymKey(kAesCtr, 0, key, &item);
  REQUIRE(context != nullptr);
  const ByteVector zeros(size);
  ByteVector stream(size);
  int written = 0;
  REQUIRE_EQ(PK11_CipherOp(context, stream.data(), &written, static_cast<int>(size), zeros.data(), static_cast<int>(size)),
             kSuccess);
  REQUIRE_EQ(static_cast<size_t>(written), size);
  PK11_DestroyContext(context, 1);
  return stream;
}

struct Packet {
  const char* what;
  const char *iv, *aad, *plain, *key, *sealed;  // sealed: ciphertext and tag
};

constexpr char kKey128[] = "000102030405060708090a0b0c0d0e0f";
constexpr char kKey256[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
// The salt "Quid pro quo" with the SSRC, ROC and SEQ of the RTP packet, or the SSRC and index of the RTCP packet.
constexpr char kRtpIv[] = "51753c65 80c2726f 20718414";
constexpr char kRtcpIv[] = "517524055203726f207170bb";
constexpr char kRtpHeader[] = "8040f17b 8041f8d3 5501a0b2";
constexpr char kRtpPayload[] = "47616c6c 696120657374206f 6d6e69732064697669736120 696e20706172746573 2074726573";
constexpr char kRtcpHeader[] = "81c8000d 4d617273 800005d4";
constexpr char kRtcpBody[] =
    "4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef";

constexpr Packet kPackets[] = {
    {"RFC 7714, 16.1.1", kRtpIv, kRtpHeader, kRtpPayload, kKey128,
     "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833"
     "899d7f27 beb16a91 52cf765e e4390cce"},
    {"RFC 7714, 16.1.3", kRtpIv,
     "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e20706172746573"
     "2074726573",
     "", kKey128, "22493f82 d2bce397 e9d79e3b 19aa4216"},
    {"RFC 7714, 16.2.1", kRtpIv, kRtpHeader, kRtpPayload, kKey256,
     "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799 b87b"
     "7aa3db36 dfffd6b0 f9bb7878 d7a76c13"},
    {"RFC 7714, 17.1", kRtcpIv, kRtcpHeader, kRtcpBody, kKey128,
     "63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded"
     "0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade"},
    {"RFC 7714, 17.2", kRtcpIv, kRtcpHeader, kRtcpBody, kKey256,
     "d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be 8415f658 c61de047"
     "6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be"},
};

template <typename Parameters>
Parameters MakeParameters(ByteVector& iv, ByteVector& aad) {
  Parameters parameters{};
  parameters.iv = iv.data();
  parameters.iv_len = iv.size();
  parameters.aad = aad.data();
  parameters.aad_len = aad.size();
  parameters.tag_bits = 128;
  return parameters;
}

template <typename Parameters>
void CheckPacket(const Packet& packet) {
  ByteVector iv = FromHex(packet.iv), aad = FromHex(packet.aad);
  const ByteVector plain = FromHex(packet.plain);
  const Key key = Import(kAesGcm, FromHex(packet.key));
  REQUIRE(key != nullptr);
  auto parameters = MakeParameters<Parameters>(iv, aad);
  SecItem item{0, reinterpret_cast<unsigned char*>(&parameters), sizeof(parameters)};

  ByteVector sealed(plain.size() + 16);
  unsigned size = 0;
  REQUIRE_EQ(PK11_Encrypt(key.get(), kAesGcm, &item, sealed.data(), &size, static_cast<unsigned>(sealed.size()),
                          plain.data(), static_cast<unsigned>(plain.size())),
             kSuccess);
  REQUIRE_EQ(size, static_cast<unsigned>(sealed.size()));
  REQUIRE_EQ(packet.what + (": " + ToHex(sealed)), packet.what + (": " + ToHex(FromHex(packet.sealed))));
  // A buffer without room for the tag is not written to.
  REQUIRE(PK11_Encrypt(key.get(), kAesGcm, &item, sealed.data(), &size, static_cast<unsigned>(plain.size()) + 15,
                       plain.data(), static_cast<unsigned>(plain.size())) != kSuccess);

  const auto open = [&](const ByteVector& from, ByteVector& to) {
    to.assign(from.size(), 0);
    unsigned opened = 0;
    if (PK11_Decrypt(key.get(), kAesGcm, &item, to.data(), &opened, static_cast<unsigned>(to.size()), from.data(),
                     static_cast<unsigned>(from.size())) != kSuccess)
      return false;
    to.resize(opened);
    return true;
  };
  ByteVector opened;
  REQUIRE(open(sealed, opened));
  REQUIRE_EQ(ToHex(opened), ToHex(plain));
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    ByteVector tampered = sealed;
    tampered[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    REQUIRE(!open(tampered, opened));
  }
  for (size_t bit = 0; bit < aad.size() * 8; ++bit) {
    aad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
    REQUIRE(!open(sealed, opened));
    aad[bit / 8] ^= static_cast<uint8_t>(1 << bit % 8);
  }
  REQUIRE(!open(Part(sealed, 0, 15), opened));
  REQUIRE(open(sealed, opened));
}

}  // namespace

TEST(srtp_counter_mode_gives_the_keystream_of_rfc_3711_b2) {
  const Key key = Import(kAesCtr, FromHex("2B7E151628AED2A6ABF7158809CF4F3C"));
  REQUIRE(key != nullptr);
  // Twice, because the second context takes over the cipher of the first.
  for (int round = 0; round < 2; ++round) {
    const ByteVector stream = CounterStream(key.get(), FromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000"), 0xff02 * 16);
    REQUIRE_EQ(ToHex(Part(stream, 0, 48)), ToHex(FromHex("E03EAD0935C95E80E166B16DD92B4EB4"
                                                         "D23513162B02D0F72A43A2FE4A5F97AB"
                                                         "41E95B3BB0A2E8DD477901E4FCA894C0")));
    REQUIRE_EQ(ToHex(Part(stream, 0xfeff * 16, 0xff02 * 16)), ToHex(FromHex("EC8CDF7398607CB0F2D21675EA9EA1E4"
                                                                            "362B7C3C6773516318A077D7FC5073AE"
                                                                            "6A2CC3787889374FBEB4C81B17BA6C44")));
  }
}

TEST(srtp_counter_mode_derives_the_keys_of_rfc_3711_b3) {
  const Key key = Import(kAesCtr, FromHex("E1F97A0D3E018BE0D64FA32C06DE4139"));
  REQUIRE(key != nullptr);
  REQUIRE_EQ(ToHex(CounterStream(key.get(), FromHex("0EC675AD498AFEEBB6960B3AABE60000"), 16)),
             ToHex(FromHex("C61E7A93744F39EE10734AFE3FF7A087")));
  REQUIRE_EQ(ToHex(CounterStream(key.get(), FromHex("0EC675AD498AFEE9B6960B3AABE60000"), 14)),
             ToHex(FromHex("30CBBC08863D8C85D49DB34A9AE1")));
  REQUIRE_EQ(ToHex(CounterStream(key.get(), FromHex("0EC675AD498AFEEAB6960B3AABE60000"), 94)),
             ToHex(FromHex("CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE"
                           "E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25"
                           "6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2")));
}

TEST(srtp_gcm_seals_and_opens_the_packets_of_rfc_7714) {
  for (const Packet& packet : kPackets) {
    CheckPacket<GcmParams>(packet);
    CheckPacket<GcmParamsV3>(packet);
  }
}

TEST(srtp_ciphers_refuse_keys_of_a_wrong_size) {
  for (const size_t size : {0u, 15u, 17u, 33u, 64u, 65u}) {
    REQUIRE(Import(kAesCtr, ByteVector(size, 1)) == nullptr);
    REQUIRE(Import(kAesGcm, ByteVector(size, 1)) == nullptr);
  }
  REQUIRE(Import(kAesGcm, ByteVector(24, 1)) == nullptr);
}
