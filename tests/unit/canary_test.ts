import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { accessToken } from "../support/access_token.ts";
import { CANARY, CanaryScan, countCanaries } from "../support/canary.ts";

const shapes: Readonly<Record<string, string>> = {
  "as it is": `a${CANARY}b`,
  "in Basic credentials": Buffer.from(`user:${CANARY}`).toString("base64"),
  "in Basic credentials, one byte further": Buffer.from(`user1:${CANARY}x`).toString("base64"),
  "in Basic credentials, two bytes further": Buffer.from(`user12:${CANARY}xy`).toString("base64"),
  "in a JSON Web Token": accessToken({ channel_id: "c", secret: CANARY }, "key"),
  "in hexadecimal": Buffer.from(`x${CANARY}`).toString("hex"),
};
for (const [name, text] of Object.entries(shapes)) {
  test(`CanaryScan finds the word ${name}, wherever the output is cut`, () => {
    assert.equal(countCanaries(text), 1);
    const bytes = new TextEncoder().encode(`é${text}é`);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const scan = new CanaryScan();
      scan.write(bytes.subarray(0, cut));
      scan.write(bytes.subarray(cut));
      assert.equal(scan.found, 1, `cut at ${cut}`);
    }
    const scan = new CanaryScan();
    for (const byte of bytes) scan.write(Uint8Array.of(byte));
    assert.equal(scan.found, 1);
  });
}

test("CanaryScan finds nothing in other output, and each of several", () => {
  const scan = new CanaryScan();
  const write = (text: string) => scan.write(new TextEncoder().encode(text));
  write("an ordinary line\n".repeat(100));
  write(CANARY.slice(1));
  assert.equal(scan.found, 0);
  write(`${CANARY} ${CANARY}`);
  assert.equal(scan.found, 2);
});
