/** Codec capabilities: lists which engine encodes and decodes what on this machine. */
import process from "node:process";
import { getVideoCodecCapability } from "../mod.ts";

// The path of Cisco's OpenH264 library, if you have it.
const { SORA_OPENH264: openh264 } = process.env;
const { engines, unavailable } = getVideoCodecCapability(openh264 ? { openh264 } : {});

const names = engines[0]?.codecs.map(({ type }) => type) ?? [];
console.log(["engine".padEnd(24), ...names.map((name) => name.padEnd(16))].join(""));
for (const { name, codecs } of engines) {
  const cells = codecs.map(({ encoder, decoder }) =>
    [encoder ? "encode" : "", decoder ? "decode" : ""].filter(Boolean).join(", ").padEnd(16)
  );
  console.log([name.padEnd(24), ...cells].join("").trimEnd());
}
for (const { name, reason } of unavailable) {
  console.log(`${name.padEnd(24)}not available: ${reason}`);
}
