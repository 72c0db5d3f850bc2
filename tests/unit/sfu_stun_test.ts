import { Buffer } from "node:buffer";
import { strict as assert } from "node:assert";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { IceLite } from "../../sfu/transport/ice/ice_lite.ts";
import {
  bindingError,
  bindingSuccess,
  isStun,
  parseStun,
  StunType,
  verifyIntegrity,
} from "../../sfu/transport/ice/stun.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");

/** The sample request of RFC 5769, 2.1. */
const sample = hex(`
  00010058 2112a442 b7e7a701 bc34d686 fa87dfae
  80220010 5354554e 20746573 7420636c 69656e74
  00240004 6e0001ff
  80290008 932ff9b1 51263b36
  00060009 6576746a 3a683676 59202020
  00080014 9aeaa70c bfd8cb56 781ef2b5 b2d3f249 c1b571a2
  80280004 e57a3bcf`);
const password = "VOkJxbRl1RmTxUk/WvJxBt";

test("parseStun and verifyIntegrity accept the sample request of RFC 5769", () => {
  assert.ok(isStun(sample));
  const message = parseStun(sample);
  assert.ok(message);
  assert.equal(message.type, StunType.bindingRequest);
  assert.equal(message.username, "evtj:h6vY");
  assert.equal(message.controlled, true);
  assert.equal(message.useCandidate, false);
  assert.equal(verifyIntegrity(sample, message, password), true);
  assert.equal(verifyIntegrity(sample, message, "another password"), false);
});

test("parseStun refuses a wrong fingerprint, length and every truncation", () => {
  const forged = Buffer.from(sample);
  forged[30]! ^= 1;
  assert.equal(parseStun(forged), undefined);
  for (let length = 0; length < sample.length; length++) {
    assert.equal(parseStun(sample.subarray(0, length)), undefined);
  }
});

test("bindingSuccess maps the address of RFC 5769, 2.2 and can be verified", () => {
  const id = hex("b7e7a701bc34d686fa87dfae");
  const response = bindingSuccess(id, "192.0.2.1", 32_853, password);
  assert.ok(response.includes(hex("002000080001a147e112a643")));
  const message = parseStun(response);
  assert.ok(message);
  assert.equal(message.type, StunType.bindingSuccess);
  assert.equal(verifyIntegrity(response, message, password), true);
});

test("bindingSuccess maps the IPv6 address of RFC 5769, 2.3", () => {
  const id = hex("b7e7a701bc34d686fa87dfae");
  const address = "2001:db8:1234:5678:11:2233:4455:6677";
  const response = bindingSuccess(id, address, 32_853, password);
  assert.ok(response.includes(hex("002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9")));
});

for (const address of ["::ffff:192.0.2.1", "::ffff:c000:201", "0:0:0:0:0:FFFF:192.0.2.1"]) {
  test(`bindingSuccess maps ${address} as the IPv4 address it is`, () => {
    const id = hex("b7e7a701bc34d686fa87dfae");
    const response = bindingSuccess(id, address, 32_853, password);
    assert.ok(response.includes(hex("002000080001a147e112a643")));
  });
}

test("bindingSuccess maps IPv6 addresses with dots and with a zone", () => {
  const id = hex("b7e7a701bc34d686fa87dfae");
  const map = (address: string) => bindingSuccess(id, address, 1, password).toString("hex", 20, 44);
  assert.equal(map("64:ff9b::192.0.2.33"), map("64:ff9b:0:0:0:0:c000:221"));
  assert.equal(map("fe80::1%eth0"), map("fe80:0:0:0:0:0:0:1"));
});

/** A Binding request with USERNAME, optional flags and MESSAGE-INTEGRITY, made independently. */
function request(username: string, key: string, flags: { nominate?: boolean } = {}): Buffer {
  const name = Buffer.from(username);
  const padded = Buffer.alloc((name.length + 3) & ~3);
  name.copy(padded);
  const attributes = [hex("0006"), u16(name.length), padded];
  if (flags.nominate === true) attributes.push(hex("00250000"));
  const body = Buffer.concat(attributes);
  const head = Buffer.concat([
    hex("0001"),
    u16(body.length + 24),
    hex("2112a442"),
    hex("00".repeat(12)),
  ]);
  const mac = createHmac("sha1", key).update(Buffer.concat([head, body])).digest();
  return Buffer.concat([head, body, hex("00080014"), mac]);
}

function u16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeUInt16BE(value, 0);
  return buffer;
}

test("IceLite answers authentic checks only and follows the nomination", () => {
  const sent: { data: Buffer; port: number; address: string }[] = [];
  const ice = new IceLite((data, port, address) => sent.push({ data, port, address }));
  ice.setRemoteUfrag("peer");
  const check = (username: string, key: string, port: number, nominate = false) =>
    ice.handle(request(username, key, { nominate }), "127.0.0.1", port);

  assert.equal(check(`${ice.ufrag}:peer`, "wrong", 1000), false);
  assert.equal(check("other:peer", ice.password, 1000), false);
  assert.equal(check(`${ice.ufrag}:someone`, ice.password, 1000), false);
  assert.equal(sent.length, 0);
  assert.equal(ice.rejected, 3);
  assert.equal(ice.isPeer("127.0.0.1", 1000), false);

  assert.equal(check(`${ice.ufrag}:peer`, ice.password, 1000), true);
  assert.equal(ice.selected?.port, 1000);
  assert.equal(check(`${ice.ufrag}:peer`, ice.password, 1001, true), true);
  assert.equal(ice.selected?.port, 1001);
  assert.equal(check(`${ice.ufrag}:peer`, ice.password, 1002), true);
  assert.equal(ice.selected?.port, 1001, "an unnominated check does not move a nominated pair");
  assert.equal(ice.isPeer("127.0.0.1", 1000), true);
  assert.equal(sent.length, 3);
});

test("IceLite follows media to an address that was checked, once the selected one is silent", () => {
  const ice = new IceLite(() => {});
  const selected = () => ice.selected?.port;
  const check = (port: number, nominate: boolean) =>
    ice.handle(request(`${ice.ufrag}:peer`, ice.password, { nominate }), "127.0.0.1", port);
  ice.heard("127.0.0.1", 1000, 0);
  assert.equal(selected(), undefined);
  check(1000, true);
  ice.heard("127.0.0.1", 1000, 1_000);
  check(1001, false);
  ice.heard("127.0.0.1", 1001, 1_100);
  assert.equal(selected(), 1000, "the selected address is not silent");
  ice.heard("127.0.0.1", 1002, 2_000);
  assert.equal(selected(), 1000, "no check came from there");
  ice.heard("127.0.0.1", 1001, 2_000);
  assert.equal(selected(), 1001);
  ice.heard("127.0.0.1", 1000, 2_010);
  assert.equal(selected(), 1001, "a late packet does not turn back");
});

test("IceLite makes a peer that claims to be controlled switch", () => {
  const sent: Buffer[] = [];
  const ice = new IceLite((data) => sent.push(data));
  const body = Buffer.concat([
    hex("0006"),
    u16(ice.ufrag.length + 5),
    Buffer.from(`${ice.ufrag}:peer`.padEnd((ice.ufrag.length + 5 + 3) & ~3, "\0")),
    hex("802900080000000000000000"),
  ]);
  const head = Buffer.concat([
    hex("0001"),
    u16(body.length + 24),
    hex("2112a442"),
    hex("00".repeat(12)),
  ]);
  const mac = createHmac("sha1", ice.password).update(Buffer.concat([head, body])).digest();
  const data = Buffer.concat([head, body, hex("00080014"), mac]);
  assert.equal(ice.handle(data, "127.0.0.1", 1), false);
  assert.deepEqual(sent[0], bindingError(hex("00".repeat(12)), 487, "Role Conflict", ice.password));
});
