/** The live table of `sora-ffi server`: what it says, and that it fits a terminal. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConnectionRates, Rates } from "../../cli/server/rates.ts";
import { Screen } from "../../cli/terminal/screen.ts";
import { tableLines, type TableState } from "../../cli/server/table.ts";
import { durationText, rateText } from "../../cli/terminal/figures.ts";
import { cutToWidth, padToWidth, textWidth } from "../../cli/terminal/width.ts";
import type { SoraServerConnection, SoraServerStats } from "../../sfu/mod.ts";

const stats: SoraServerStats = {
  channels: 1,
  connections: 2,
  pendingConnections: 1,
  acceptedSockets: 3,
  refusedSockets: 0,
  refusals: { "TOO-MANY-CONNECTIONS": 2, "INVALID-SDP": 1 },
  receivedPackets: 0,
  receivedBytes: 0,
  sentPackets: 0,
  sentBytes: 0,
  keyFrameRequests: 0,
  droppedPackets: 0,
  unknownPackets: 0,
  limitedPackets: 0,
  faultyPackets: 0,
  lostPackets: 0,
  retransmittedPackets: 0,
  droppedMessages: 0,
  waitingMessageBytes: 0,
  heldBackConnections: 0,
};

function connection(changes: Partial<SoraServerConnection> = {}): SoraServerConnection {
  return {
    channelId: "room",
    connectionId: "A",
    clientId: "A",
    bundleId: "A",
    role: "sendrecv",
    signaling: "websocket",
    seconds: 61,
    receivedPackets: 0,
    receivedBytes: 0,
    sentPackets: 0,
    sentBytes: 0,
    tracks: [],
    subscriptions: [],
    ...changes,
  };
}

const layer = (bytes: number, rid?: string) => ({
  ...(rid === undefined ? {} : { rid }),
  packets: 1,
  bytes,
});

function state(connections: readonly ConnectionRates[]): TableState {
  return { url: "ws://127.0.0.1:5000/signaling", stats, connections, footer: "Ctrl-C ends it" };
}

/** The rates of connections that have been there for ever. */
const resting = (connections: readonly SoraServerConnection[]) => new Rates().next(connections, 0);

test("Rates are what was counted since the call before, of each layer by itself", () => {
  const rates = new Rates();
  const tracks = (audio: number, r0: number, r1: number) =>
    [
      { kind: "audio", codec: "opus", layers: [layer(audio)] },
      { kind: "video", codec: "VP8", layers: [layer(r0, "r0"), layer(r1, "r1")] },
    ] as const;
  const before = connection({ receivedBytes: 5_000, sentBytes: 9, tracks: tracks(100, 1_000, 10) });
  const [first] = rates.next([before], 10_000);
  assert.deepEqual([first!.inKbps, first!.outKbps], [0, 0], "nothing to compare with");
  const after = connection({
    receivedBytes: 130_000,
    sentBytes: 9,
    tracks: tracks(8_100, 101_000, 5),
  });
  const [second] = rates.next([after, connection({ connectionId: "B" })], 11_000);
  assert.deepEqual([second!.inKbps, second!.outKbps], [1_000, 0]);
  assert.deepEqual(second!.tracks.map(({ layers }) => layers), [
    [{ kbps: 64 }],
    // A layer that counts less than before began anew.
    [{ rid: "r0", kbps: 800 }, { rid: "r1", kbps: 0 }],
  ]);
  assert.deepEqual(rates.next([after], 11_000)[0]!.inKbps, 0, "no time has passed");
});

test("rates and durations are short", () => {
  assert.deepEqual([0, 0.4, 64, 999, 1_000, 2_500, 12_345].map(rateText), [
    "0",
    "0",
    "64 k",
    "999 k",
    "1.0 M",
    "2.5 M",
    "12 M",
  ]);
  assert.deepEqual([0, 7.9, 61, 3_723].map(durationText), ["0:00", "0:07", "1:01", "1:02:03"]);
});

test("the table has who is where, what is sent and what is received", () => {
  const sender = connection({
    tracks: [
      { kind: "audio", codec: "opus", layers: [layer(1)] },
      { kind: "video", codec: "VP9", layers: [layer(1, "r0"), layer(1, "r1")] },
    ],
  });
  const receiver = connection({
    channelId: "cell",
    connectionId: "B",
    clientId: "b",
    role: "recvonly",
    seconds: 5,
    path: {
      bitRate: 2_490_000,
      roundTripMs: 12.3,
      lossShare: 0.031,
      pacedPackets: 0,
      probePackets: 0,
    },
    subscriptions: [
      { connectionId: "A", kind: "audio", packets: 1, bytes: 1 },
      { connectionId: "A", kind: "video", rid: "r1", packets: 1, bytes: 1 },
    ],
  });
  assert.deepEqual(tableLines(state(resting([sender, receiver])), 120, 20), [
    "Sora-compatible server  ws://127.0.0.1:5000/signaling",
    "1 channel, 2 members (1 joining), 0 in, 0 out, 3 refused",
    "",
    "channel  member  role      time  in  out  path             sends                  receives",
    "cell     b       recvonly  0:05  0   0    2.5 M 12 ms 3 %                         1 audio 1 video (r1)",
    "room     A       sendrecv  1:01  0   0                     opus 0, VP9 r0 0 r1 0",
    "",
    "Ctrl-C ends it",
  ]);
});

test("the table fits every terminal, whatever clients call themselves", () => {
  const names = [
    "\u001b[2Jx",
    "漢字の長い部屋の名前はここで切られる",
    "e\u0301".repeat(40),
    "a\nb",
  ];
  const connections = resting(
    Array.from(
      { length: 30 },
      (_, i) =>
        connection({
          connectionId: `${i}`,
          channelId: names[i % 4]!,
          clientId: names[(i + 1) % 4]!,
        }),
    ),
  );
  for (const [columns, rows] of [[1, 1], [10, 5], [40, 7], [80, 24], [200, 60]] as const) {
    const lines = tableLines(state(connections), columns, rows);
    assert.ok(lines.length <= rows, `${lines.length} lines of ${rows}`);
    for (const line of lines) {
      assert.ok(textWidth(line) <= columns, `${textWidth(line)} of ${columns}: ${line}`);
      assert.doesNotMatch(line, /\p{Cc}/u);
    }
  }
  const lines = tableLines(state(connections), 80, 24);
  assert.equal(lines.length, 24);
  assert.equal(lines[21], "and 13 more");
  assert.equal(lines.filter((line) => line.includes("sendrecv")).length, 17);
});

test("text is as wide as a terminal shows it", () => {
  assert.deepEqual(["", "abc", "日本", "e\u0301", "한국", "🎥", "ﾊﾝｶｸ", "ｗ"].map(textWidth), [
    0,
    3,
    4,
    1,
    4,
    2,
    4,
    2,
  ]);
  assert.deepEqual([5, 4, 3, 2, 1, 0].map((columns) => cutToWidth("日本語", columns)), [
    "日本…",
    "日…",
    "日…",
    "…",
    "…",
    "",
  ]);
  assert.equal(padToWidth("日本", 6), "日本  ");
  assert.equal(padToWidth("日本語", 4), "日… ");
});

test("Screen draws in the size of the terminal, and gives it back once", () => {
  const output = { text: "", columns: 0, rows: 0, write: (text: string) => output.text += text };
  const sizes: [number, number][] = [];
  const screen = new Screen(output);
  const draw = (columns: number, rows: number) => {
    sizes.push([columns, rows]);
    return ["one", "two"];
  };
  screen.draw(draw);
  Object.assign(output, { columns: 100, rows: 30 });
  screen.draw(draw);
  assert.deepEqual(sizes, [[80, 24], [100, 30]]);
  assert.ok(
    output.text.includes("one\u001b[K\r\ntwo\u001b[K\u001b[J"),
    JSON.stringify(output.text),
  );
  screen[Symbol.dispose]();
  const { text } = output;
  assert.ok(
    text.startsWith("\u001b[?1049h\u001b[?25l") && text.endsWith("\u001b[?25h\u001b[?1049l"),
  );
  screen.draw(draw);
  screen[Symbol.dispose]();
  assert.equal(output.text, text);
});
