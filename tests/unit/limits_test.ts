/** docs/limits.md against the code: each value, each option, and that no limit is left out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_JSON_DEPTH } from "../../base/json.ts";
import { resolveOptions } from "../../sfu/options/options.ts";
import { DEFAULT_LIMITS } from "../../signaling/connection/session.ts";
import { reconnectPolicy } from "../../signaling/options/reconnect_policy.ts";
import { checkSignalingOptions } from "../../signaling/options/validate.ts";
import { constants, limitRows, limits, numbers } from "../support/limits.ts";
import { LEFT_OUT } from "../support/limits_left_out.ts";

const client = checkSignalingOptions({
  signalingUrls: ["ws://127.0.0.1/"],
  channelId: "room",
  role: "recvonly",
});
const server = resolveOptions({});
const policy = reconnectPolicy({});

/** Where the values of each row come from, in their order: constants by file and name, or values of exports. */
const SOURCES: Readonly<Record<string, readonly (string | number)[]>> = {
  "message; `notify`": [DEFAULT_LIMITS.maxBytes, DEFAULT_LIMITS.maxNotifyBytes],
  "its nesting; a list; a channel's members": [
    DEFAULT_LIMITS.maxDepth,
    "signaling/messages/fields.ts MAX_ITEMS",
    "signaling/messages/checks.ts MAX_MEMBERS",
  ],
  "message of a channel, expanded": [DEFAULT_LIMITS.maxMessageBytes],
  "offer: lines, sections": [
    "csrc/peer/offer_limits.cpp kMaxLines",
    "csrc/peer/offer_limits.cpp kMaxSections",
  ],
  "its sections: lines, candidates; a line": [
    "csrc/peer/offer_limits.cpp kMaxLinesOfSection",
    "csrc/peer/offer_limits.cpp kMaxCandidatesOfSection",
    "csrc/peer/offer_limits.cpp kMaxLineBytes",
  ],
  "restarts of ICE; candidates of all offers": [
    "csrc/net/ice_use.cpp kMaxRestarts",
    "csrc/net/ice_use.cpp kMaxCandidates",
  ],
  "offers that wait": ["signaling/connection/negotiation.ts MAX_WAITING_OFFERS"],
  "redirects in a row": [DEFAULT_LIMITS.maxRedirects],
  "candidates that wait": ["signaling/connection/negotiation.ts MAX_WAITING_CANDIDATES"],
  "connecting": [client.webSocketConnectionTimeoutMs],
  "moving to data channels": [client.dataChannelSignalingTimeoutMs],
  "the server's part of `disconnect()`": [client.disconnectWaitTimeoutMs],
  "closing the WebSocket": [client.webSocketCloseTimeoutMs],
  "closing the peer connection": ["signaling/connection/attempt.ts PEER_CLOSE_TIMEOUT_MS"],
  "moving to another address": ["signaling/connection/address_change.ts MOVE_TIMEOUT_MS"],
  "reconnecting: attempts; a wait": [policy.maxRetries, policy.maxDelayMs],
  "RPC calls that wait; each": [
    "signaling/connection/rpc.ts MAX_PENDING_CALLS",
    "signaling/connection/rpc.ts DEFAULT_RPC_TIMEOUT_MS",
  ],
  "unsent bytes: WebSocket; a data channel": [
    "signaling/socket/websocket.ts MAX_BUFFERED_BYTES",
    "csrc/peer/data_channel.h kMaxBuffered",
  ],
  "messages waiting for your program": ["ffi/events.ts MAX_MESSAGE_BYTES"],
  "those of `readable`": [
    "sdk/data_channel.ts RECEIVE_BYTES",
    "sdk/data_channel.ts RECEIVE_MESSAGES",
  ],
  "answer of the server; of a proxy": [
    "signaling/socket/upgrade.ts MAX_ANSWER_BYTES",
    "signaling/socket/tunnel.ts MAX_PROXY_ANSWER_BYTES",
  ],
  "`channelId`, `clientId`, `bundleId`": ["signaling/options/validate.ts MAX_ID_BYTES"],
  "nesting of your metadata": [MAX_JSON_DEPTH],
  "libwebrtc's log: lines a second; a line": [
    "csrc/core/log.cpp kMaxLinesPerSecond",
    "csrc/core/log.cpp kMaxLine",
  ],
  "open native objects": ["csrc/core/object.h kSlotBits"],
  "frames waiting in a sink": ["sdk/video/sink.ts DEFAULT_DEPTH", "sdk/video/sink.ts MAX_DEPTH"],
  "audio waiting in a sink": ["sdk/audio/native_sink.ts DEFAULT_BUFFER_MS"],
  "audio waiting in a source": ["csrc/media/audio_queue.h kMaxUs"],
  "audio written to `writable`": ["sdk/audio/writable.ts DEFAULT_QUEUE_MS"],
  "reads that wait": ["sdk/audio/reads.ts MAX_READS"],
  "frames waiting for a transformer": [
    "sdk/transform/frame_transformer.ts DEFAULT_CAPACITY",
    "sdk/transform/frame_transformer.ts MAX_CAPACITY",
  ],
  "frames that it holds": ["sdk/transform/held_frames.ts MAX_HELD"],
  "data of an encoded frame": ["sdk/transform/transformable_frame.ts MAX_DATA_BYTES"],
  "frames sent by an ended Worker": ["csrc/core/realm.cpp kMaxInTransit"],
  "side of a frame": ["sdk/video/pixel_format.ts MAX_SIDE"],
  "pixels of a decoded frame": ["csrc/codecs/frame_limit.h kMaxPixels"],
  "ending threads in `sora.close()`": ["sdk/sora.ts CLOSE_TIMEOUT_MS"],
  "connections": [server.maxConnections],
  "of a channel": [server.maxChannelConnections],
  "not yet established": [server.maxPendingConnections],
  "of one address": [server.maxPendingConnectionsPerAddress],
  "signaling messages a second": [server.maxSignalingRate],
  "a message": [server.maxMessageBytes],
  "its nesting": ["sfu/signaling/signal.ts MAX_JSON_DEPTH"],
  "metadata": ["sfu/signaling/member_metadata.ts MAX_METADATA_BYTES"],
  "access token": ["sfu/signaling/access_token.ts MAX_TOKEN_LENGTH"],
  "data channels; a label": [
    "sfu/data/data_channel_settings.ts MAX_CHANNELS",
    "sfu/data/data_channel_settings.ts MAX_LABEL_BYTES",
  ],
  "rules and conditions of filters": ["sfu/signaling/forwarding_filter.ts MAX_CONDITIONS"],
  "answer: lines a section; a line": [
    "sfu/sdp/answer.ts MAX_SECTION_LINES",
    "sfu/sdp/answer.ts MAX_LINE_LENGTH",
  ],
  "waiting for `connect`; answer; media": [
    server.connectTimeoutMs,
    server.answerTimeoutMs,
    server.establishTimeoutMs,
  ],
  "silence: pong; media": [server.pongTimeoutMs, server.mediaTimeoutMs],
  "unsent signaling": ["sfu/signaling/signaling_socket.ts MAX_BUFFERED_BYTES"],
  "that of data channels": ["sfu/data/outbox.ts MAX_SIGNALING_BYTES"],
  "messages waiting for a member": [server.maxWaitingMessageBytes],
  "message of a channel": ["sfu/data/data_channels.ts MAX_MESSAGE_BYTES"],
  "its media, in kbit/s": [server.maxReceivedBitRate],
  "its streams": ["sfu/media/publisher.ts MAX_STREAMS"],
  "packets kept to send again; how often": [
    "sfu/rtp/packet_history.ts CAPACITY",
    "sfu/rtp/repeat_limit.ts MAX_TIMES",
  ],
  "DTLS handshake; certificates": [
    "csrc/transport/dtls_server.cpp kMaxHandshake",
    "csrc/transport/dtls_server.cpp kMaxCertificates",
  ],
  "addresses of a client": ["csrc/transport/ice_lite.h kMaxPeers"],
  "unfinished SCTP messages": ["csrc/transport/sctp_association.cpp kWindow"],
  "paced packets: bytes; wait": [
    "csrc/transport/pacer.h kMostBytes",
    "csrc/transport/pacer.h kLongestUs",
  ],
  "body of the HTTP API": ["sfu/http/api.ts MAX_BODY_BYTES"],
};

/** Of files and devices: nobody else fills them. */
const ofProgram = (key: string) => /^(?:files|devices)\//.test(key);

const rows = limitRows("docs/limits.md");

const valueOf = (source: string | number) => {
  if (typeof source === "number") return source;
  const value = constants.get(source);
  assert.ok(value !== undefined, `there is no constant ${source}`);
  // Handles have so many bits for the number of an object.
  return source.endsWith("Bits") ? 2 ** value : value;
};

test("docs/limits.md has the limits of the code", () => {
  assert.deepEqual(rows.map(({ what }) => what), Object.keys(SOURCES));
  for (const { what, limit } of rows) {
    assert.deepEqual(numbers(limit), SOURCES[what]!.map(valueOf), what);
  }
});

test("docs/limits.md in Japanese has the same limits and options", () => {
  const japanese = limitRows("docs/ja/limits.md");
  const parts = ({ limit, options }: (typeof rows)[number]) => ({
    values: numbers(limit),
    options,
  });
  assert.deepEqual(japanese.map(parts), rows.map(parts));
});

test("docs/limits.md leaves no limit of the code out", () => {
  const shown = Object.values(SOURCES).flat().filter((source) => typeof source === "string");
  const leftOut = Object.values(LEFT_OUT).flat();
  const known = new Set([...shown, ...leftOut]);
  assert.equal(known.size, shown.length + leftOut.length, "one is there twice");
  assert.deepEqual(
    limits.filter((key) =>
      !known.has(key) && !ofProgram(key) && key !== "base/json.ts MAX_JSON_DEPTH"
    ),
    [],
    "show these in docs/limits.md, or name the reason why not",
  );
  assert.deepEqual(leftOut.filter((key) => !constants.has(key)), [], "these are gone");
});

test("docs/limits.md names every option that limits a connection or the server", () => {
  const named = new Set(rows.flatMap(({ options }) => options));
  const limiting = [...Object.keys(client), ...Object.keys(server)]
    .filter((name) => /^max[A-Z]|TimeoutMs$/.test(name));
  assert.ok(limiting.length > 15);
  assert.deepEqual(limiting.filter((name) => !named.has(name)), []);
});
