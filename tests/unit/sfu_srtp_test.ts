import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { CounterCipher } from "../../sfu/transport/srtp/counter_cipher.ts";
import { GcmCipher } from "../../sfu/transport/srtp/gcm_cipher.ts";
import {
  deriveKey,
  SrtpLabel,
  type SrtpSessionKeys,
} from "../../sfu/transport/srtp/key_derivation.ts";
import { ReplayWindow } from "../../sfu/transport/srtp/replay_window.ts";
import { openResources } from "../support/deno_resources.ts";
import { packetIndex, SrtpReceiver, SrtpSender } from "../../sfu/transport/srtp/session.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");

const master = {
  key: hex("E1F97A0D3E018BE0D64FA32C06DE4139"),
  salt: hex("0EC675AD498AFEEBB6960B3AABE6"),
};

function sessionKeys(key: Buffer, salt: Buffer): SrtpSessionKeys {
  const authentication = Buffer.alloc(20);
  return {
    rtpKey: key,
    rtpSalt: salt,
    rtcpKey: key,
    rtcpSalt: salt,
    rtpAuthentication: authentication,
    rtcpAuthentication: authentication,
  };
}

test("deriveKey gives the keys of RFC 3711, appendix B.3", () => {
  assert.deepEqual(
    deriveKey(master, SrtpLabel.rtpEncryption, 16),
    hex("C61E7A93744F39EE10734AFE3FF7A087"),
  );
  assert.deepEqual(
    deriveKey(master, SrtpLabel.rtpSalt, 14),
    hex("30CBBC08863D8C85D49DB34A9AE1"),
  );
  assert.deepEqual(
    deriveKey(master, SrtpLabel.rtpAuthentication, 94).subarray(0, 20),
    hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"),
  );
});

test("CounterCipher makes the key stream of RFC 3711, appendix B.2", () => {
  const cipher = new CounterCipher(sessionKeys(
    hex("2B7E151628AED2A6ABF7158809CF4F3C"),
    hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD"),
  ));
  const header = hex("800000000000000000000000");
  const packet = cipher.sealRtp(header, undefined, Buffer.alloc(48), 0, 0, 0);
  assert.deepEqual(
    packet.subarray(12, 60),
    hex(`E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB
         41E95B3BB0A2E8DD477901E4FCA894C0`),
  );
});

test("SrtpSender and SrtpReceiver with counter mode agree with the reference packet of libsrtp", () => {
  const header = hex("800f1234decafbadcafebabe");
  const payload = Buffer.alloc(16, 0xab);
  const expected = hex(
    "800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb",
  );
  const sender = new SrtpSender("AES_CM_128_HMAC_SHA1_80", master);
  assert.deepEqual(sender.protectRtp(header, payload, 0xcafebabe, 0x1234), expected);
  const receiver = new SrtpReceiver("AES_CM_128_HMAC_SHA1_80", master);
  assert.deepEqual(receiver.unprotectRtp(expected, 12, 0xcafebabe, 0x1234), payload);
});

const gcm = new GcmCipher(
  sessionKeys(hex("000102030405060708090a0b0c0d0e0f"), hex("517569642070726f2071756f")),
);

test("GcmCipher seals and opens the SRTP packet of RFC 7714, 16.1", () => {
  const header = hex("8040f17b8041f8d35501a0b2");
  const payload = Buffer.from("Gallia est omnis divisa in partes tres");
  const expected = hex(`8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5
    0d294e6f 42a5f47a 51c7d19b 36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce`);
  const sealed = gcm.sealRtp(header, undefined, payload, 0x5501a0b2, 0, 0xf17b);
  assert.deepEqual(sealed, expected);
  assert.deepEqual(gcm.openRtp(expected, 12, 0x5501a0b2, 0, 0xf17b), payload);
  const halves = gcm.sealRtp(
    header,
    payload.subarray(0, 2),
    payload.subarray(2),
    0x5501a0b2,
    0,
    0xf17b,
  );
  assert.deepEqual(halves, expected);
});

test("GcmCipher seals and opens the SRTCP packet of RFC 7714, 17.1", () => {
  const plain = hex(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
    deadbeef deadbeef deadbeef deadbeef deadbeef`);
  const sealed = gcm.sealRtcp(plain, 0x5d4);
  assert.deepEqual(
    sealed,
    hex(`81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1
      730d6fda 4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`),
  );
  assert.deepEqual(gcm.openRtcp(sealed), plain);
});

for (const profile of ["AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80"] as const) {
  const keys = {
    key: Buffer.alloc(16, 7),
    salt: Buffer.alloc(profile === "AEAD_AES_128_GCM" ? 12 : 14, 9),
  };

  test(`${profile}: every changed bit of RTP and RTCP is noticed`, () => {
    const sender = new SrtpSender(profile, keys);
    const receiver = new SrtpReceiver(profile, keys);
    const header = hex("80600001000000010000002a");
    const rtp = sender.protectRtp(header, Buffer.from("media"), 42, 1)!;
    const rtcp = sender.protectRtcp(hex("81c900070000002a") as Buffer);
    for (let bit = 0; bit < rtp.length * 8; bit++) {
      const forged = Buffer.from(rtp);
      forged[bit >>> 3]! ^= 1 << (bit & 7);
      assert.equal(
        receiver.unprotectRtp(forged, 12, forged.readUInt32BE(8), forged.readUInt16BE(2)),
        undefined,
      );
    }
    for (let bit = 0; bit < rtcp.length * 8; bit++) {
      const forged = Buffer.from(rtcp);
      forged[bit >>> 3]! ^= 1 << (bit & 7);
      assert.equal(receiver.unprotectRtcp(forged), undefined);
    }
    assert.equal(receiver.failed, rtp.length * 8 + rtcp.length * 8);
    assert.equal(receiver.unprotectRtp(rtp, 12, 42, 1)?.toString(), "media");
    assert.deepEqual(receiver.unprotectRtcp(rtcp), hex("81c900070000002a"));
  });

  test(`${profile}: a packet is accepted once and an index is used once`, () => {
    const sender = new SrtpSender(profile, keys);
    const receiver = new SrtpReceiver(profile, keys);
    const header = hex("80600001000000010000002a");
    const rtp = sender.protectRtp(header, Buffer.from("media"), 42, 1)!;
    assert.notEqual(receiver.unprotectRtp(rtp, 12, 42, 1), undefined);
    assert.equal(receiver.unprotectRtp(rtp, 12, 42, 1), undefined);
    assert.equal(receiver.replayed, 1);
    assert.equal(sender.protectRtp(header, Buffer.from("other"), 42, 1), undefined);
    assert.equal(sender.refused, 1);
  });

  test(`${profile}: sequence numbers roll over, out of order around the edge`, () => {
    const sender = new SrtpSender(profile, keys);
    const receiver = new SrtpReceiver(profile, keys);
    for (const number of [65_533, 65_535, 65_534, 1, 0, 2]) {
      const header = hex("80600000000000010000002a");
      header.writeUInt16BE(number, 2);
      const payload = Buffer.from(`packet ${number}`);
      const packet = sender.protectRtp(header, payload, 42, number)!;
      assert.deepEqual(receiver.unprotectRtp(packet, 12, 42, number), payload);
    }
  });

  test(`${profile}: no cipher is left unfinished`, () => {
    // On Deno each would stay a resource of the process.
    const before = openResources();
    const sender = new SrtpSender(profile, keys);
    const receiver = new SrtpReceiver(profile, keys);
    const header = hex("80600001000000010000002a");
    for (const [payload, prefix] of [["media", "pr"], ["", undefined]] as const) {
      header.writeUInt16BE(header.readUInt16BE(2) + 1, 2);
      const number = header.readUInt16BE(2);
      const rtp = sender.protectRtp(
        header,
        Buffer.from(payload),
        42,
        number,
        prefix === undefined ? undefined : Buffer.from(prefix),
      )!;
      const forged = Buffer.from(rtp);
      forged[forged.length - 1]! ^= 1;
      assert.equal(receiver.unprotectRtp(forged, 12, 42, number), undefined);
      assert.notEqual(receiver.unprotectRtp(rtp, 12, 42, number), undefined);
    }
    for (const plain of [hex("81c900070000002a"), Buffer.alloc(40, 1)]) {
      const rtcp = sender.protectRtcp(plain);
      assert.equal(receiver.unprotectRtcp(Buffer.concat([rtcp, Buffer.alloc(4)])), undefined);
      assert.deepEqual(receiver.unprotectRtcp(rtcp), plain);
    }
    assert.equal(openResources() - before, 0);
  });

  test(`${profile}: packets too short to be protected are refused`, () => {
    const receiver = new SrtpReceiver(profile, keys);
    const header = hex("80600001000000010000002a");
    for (let extra = 0; extra < 10; extra++) {
      const packet = Buffer.concat([header, Buffer.alloc(extra)]);
      assert.equal(receiver.unprotectRtp(packet, 12, 42, 1), undefined);
      assert.equal(receiver.unprotectRtcp(packet), undefined);
    }
  });
}

test("packetIndex follows RFC 3711, 3.3.1 at both edges", () => {
  assert.equal(packetIndex(-1, 7), 7);
  assert.equal(packetIndex(0x1_0005, 0xfffe), 0xfffe);
  assert.equal(packetIndex(0xfffe, 3), 0x1_0003);
  assert.equal(packetIndex(0x2_8000, 0x8001), 0x2_8001);
  assert.ok(packetIndex(3, 0xfff0) < 0);
});

test("ReplayWindow remembers as far back as documented, also over a jump", () => {
  const window = new ReplayWindow(64);
  window.add(100);
  assert.equal(window.isFresh(100), false);
  assert.equal(window.isFresh(37), true);
  assert.equal(window.isFresh(36), false);
  window.add(130);
  assert.equal(window.isFresh(100), false);
  assert.equal(window.isFresh(101), true);
  window.add(1000);
  assert.equal(window.isFresh(940), true);
  assert.equal(window.isFresh(936), false);
});

test("SrtpReceiver: a peer's streams are bounded, and one that is forgotten makes room", () => {
  const keys = { key: Buffer.alloc(16, 3), salt: Buffer.alloc(12, 4) };
  const sender = new SrtpSender("AEAD_AES_128_GCM", keys);
  const receiver = new SrtpReceiver("AEAD_AES_128_GCM", keys);
  const arrives = (ssrc: number) => {
    const header = Buffer.alloc(12);
    header.writeUInt32BE(ssrc, 8);
    const packet = sender.protectRtp(header, Buffer.from("x"), ssrc, 0)!;
    return receiver.unprotectRtp(packet, 12, ssrc, 0) !== undefined;
  };
  for (let ssrc = 1; ssrc <= 1024; ssrc++) assert.equal(arrives(ssrc), true);
  assert.equal(arrives(1025), false);
  assert.equal(receiver.failed, 1);
  receiver.forget(7);
  assert.equal(arrives(1026), true);
  assert.equal(receiver.streams, 1024);
});
