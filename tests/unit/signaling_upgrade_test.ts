import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import {
  MAX_ANSWER_BYTES,
  readAnswer,
  requireSwitching,
  Upgrade,
  UpgradeRefusedError,
} from "../../signaling/socket/upgrade.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const SWITCHING = "HTTP/1.1 101 Switching Protocols";

/** The fields of a request by their names in lower case, and its first line. */
function parseRequest(request: string): { line: string; fields: Map<string, string> } {
  assert.ok(request.endsWith("\r\n\r\n"));
  const [line = "", ...lines] = request.slice(0, -4).split("\r\n");
  const fields = lines.map((one) => one.split(": ") as [string, string])
    .map(([name, value]) => [name.toLowerCase(), value] as const);
  return { line, fields: new Map(fields) };
}

/** The answer of RFC 6455, section 1.3, to a request. */
function acceptOf(request: string): string {
  const key = parseRequest(request).fields.get("sec-websocket-key");
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

async function check(change: (lines: Map<string, string>) => void): Promise<void> {
  const upgrade = await Upgrade.make(new URL("ws://example.com/"), "agent");
  const lines = new Map([
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptOf(upgrade.request)],
  ]);
  change(lines);
  const fields = [...lines].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  upgrade.check(readAnswer(bytes(`${SWITCHING}\r\n${fields}\r\n`))!);
}

test("Upgrade.make asks for the URL's path and query with a new key", async () => {
  const url = new URL("wss://example.com:4433/signaling?token=%20a");
  const requests = await Promise.all([1, 2].map(() => Upgrade.make(url, "test agent")));
  const [first, second] = requests.map(({ request }) => parseRequest(request));
  assert.equal(first!.line, "GET /signaling?token=%20a HTTP/1.1");
  const key = first!.fields.get("sec-websocket-key")!;
  assert.equal(atob(key).length, 16);
  assert.notEqual(key, second!.fields.get("sec-websocket-key"));
  first!.fields.delete("sec-websocket-key");
  assert.deepEqual(Object.fromEntries(first!.fields), {
    host: "example.com:4433",
    "user-agent": "test agent",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
  });
});

test("Upgrade.make sends user name and password as RFC 7617 has it", async () => {
  const { request } = await Upgrade.make(new URL("ws://Aladdin:open%20sesame@[::1]/"), "agent");
  const { fields } = parseRequest(request);
  // Its own example.
  assert.equal(fields.get("authorization"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  assert.equal(fields.get("host"), "[::1]");
});

test("Upgrade.check takes an answer whatever the case of its words, and other connection options", async () => {
  await check((lines) => {
    lines.set("Upgrade", "WebSocket");
    lines.set("Connection", "keep-alive, upgrade");
  });
});

const wrong: Readonly<Record<string, (lines: Map<string, string>) => void>> = {
  "no Upgrade": (lines) => lines.delete("Upgrade"),
  "another protocol": (lines) => lines.set("Upgrade", "h2c"),
  "no Connection": (lines) => lines.delete("Connection"),
  "another option": (lines) => lines.set("Connection", "not-upgrade"),
  "no key": (lines) => lines.delete("Sec-WebSocket-Accept"),
  "the answer to another key": (lines) =>
    lines.set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
  "an extension": (lines) => lines.set("Sec-WebSocket-Extensions", "permessage-deflate"),
  "a subprotocol": (lines) => lines.set("Sec-WebSocket-Protocol", "chat"),
};
for (const [name, change] of Object.entries(wrong)) {
  test(`Upgrade.check refuses an answer with ${name}`, async () => {
    await assert.rejects(check(change), /^Error: The server's answer /);
  });
}

test("requireSwitching throws the status of a refusal", () => {
  const answer = readAnswer(bytes("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))!;
  assert.throws(() => requireSwitching(answer), (error) => {
    assert.ok(error instanceof UpgradeRefusedError);
    assert.equal(error.httpStatus, 403);
    return true;
  });
});

test("readAnswer reads a head in whatever parts it comes, and leaves what follows", () => {
  const head = `${SWITCHING}\r\nA:1 \r\na:\t2\r\n\r\n`;
  const whole = bytes(`${head}rest`);
  for (let length = 0; length < head.length; length++) {
    assert.equal(readAnswer(whole.subarray(0, length)), undefined, `${length} bytes`);
  }
  const { status, headers, length } = readAnswer(whole)!;
  assert.equal(status, 101);
  assert.deepEqual([...headers], [["a", "1, 2"]]);
  assert.equal(length, head.length);
});

test("readAnswer passes over answers that are not final (RFC 9110, section 15.2)", () => {
  const early = "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\nHTTP/1.1 100 \r\n\r\n";
  const final = "HTTP/1.0 503 Busy\r\n\r\n";
  assert.equal(readAnswer(bytes(early)), undefined);
  assert.deepEqual(readAnswer(bytes(early + final)), {
    status: 503,
    headers: new Map(),
    length: early.length + final.length,
  });
});

const strange: Readonly<Record<string, string>> = {
  "another protocol": "SSH-2.0-OpenSSH_9.2\r\n",
  "another version": "HTTP/2 101 \r\n\r\n",
  "no status": "HTTP/1.1 \r\n\r\n",
  "a field without a name": `${SWITCHING}\r\n: x\r\n\r\n`,
  "no end": `${SWITCHING}\r\nA: ${"x".repeat(MAX_ANSWER_BYTES)}`,
  "one answer after another that is not final": "HTTP/1.1 100 \r\n\r\n".repeat(1_000),
};
for (const [name, text] of Object.entries(strange)) {
  test(`readAnswer throws at an answer with ${name}`, () => {
    assert.throws(() => readAnswer(bytes(text)), /^Error: The server's answer /);
  });
}
