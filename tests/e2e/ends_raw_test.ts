/** How connections end when a server does what none should: the rows of the protocol notes' tables 3.4 and 5 that are left. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Sora, SoraError } from "../../mod.ts";
import { assertOver, close, end } from "../support/ends.ts";
import { eventually } from "../support/eventually.ts";
import { RawSora, type RawSoraOptions } from "../support/raw_sora.ts";
import { RecordingClient } from "../support/recording_client.ts";

const SHORT = { disconnectWaitTimeoutMs: 150, webSocketCloseTimeoutMs: 150 };
const TIMEOUT = "DISCONNECT-WAIT-TIMEOUT-ERROR";
const HYBRID_TIMEOUT = "Failed to close WebSocket \\(Close timeout\\): ec=Operation canceled " +
  `wscode=4999 wsreason=${TIMEOUT}`;
const RUBBISH = "v=0\r\nrubbish";

async function switched(server: RawSora): Promise<RecordingClient> {
  const client = new RecordingClient({ signalingUrls: [server.url], ...SHORT });
  return await client.switch();
}

/** A label whose end no handler reports is closed when nothing can be sent on it. */
async function closed(client: RecordingClient, label: string): Promise<void> {
  await eventually(
    `the end of ${label}`,
    () => !client.connection.sendDataChannel(label, new Uint8Array(1)),
  );
}

test("3.4 both transports, no signaling data channel", async () => {
  await using server = await RawSora.start({ ignoreWebSocket: false });
  const client = await switched(server);
  server.closeChannels("signaling");
  await closed(client, "signaling");
  await client.connection.disconnect();
  await assertOver(client, [
    close(4999, TIMEOUT),
    end("CLOSE_FAILED", new RegExp(`^${HYBRID_TIMEOUT}$`)),
  ]);
});

test("3.4 neither transport", async () => {
  await using server = await RawSora.start({ opened: [], ignoreWebSocket: true });
  const client = await switched(server);
  server.close(1001, "gone");
  await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0);
  assert.equal(client.connection.state, "connected");
  await client.connection.disconnect();
  await assertOver(client, [
    close(1001, "gone"),
    end("INTERNAL_ERROR", "Unknown state. WS and DC is already released."),
  ]);
});

test("3.4 both transports, ended by the SDK: the disconnect over the data channel says so", async () => {
  await using server = await RawSora.start({ ignoreWebSocket: false });
  const client = await switched(server);
  server.sendOn("signaling", { type: "re-offer", sdp: RUBBISH });
  await eventually("disconnect", () => server.types("signaling").includes("disconnect"));
  const { data } = server.heard.find(({ label }) => label === "signaling")!;
  assert.deepEqual(JSON.parse(new TextDecoder().decode(data)), {
    type: "disconnect",
    reason: "INTERNAL-ERROR",
  });
  server.close(1000, "TYPE-DISCONNECT");
  await assertOver(client, [
    close(1000, "TYPE-DISCONNECT"),
    end(
      "ICE_FAILED",
      /^Failed to SetOffer in re-offer message via DataChannel: error=.+, internal_message=Succeeded to close Websocket \(DC signaling is enabled\)$/,
    ),
  ]);
});

test("3.4 data channels alone, ended by the SDK: the disconnect over the data channel does not say so", async () => {
  await using server = await RawSora.start({ ignoreWebSocket: true });
  const client = await switched(server);
  await eventually("the WebSocket's end", () => client.of("onWsClose").length > 0);
  server.sendOn("signaling", { type: "re-offer", sdp: RUBBISH });
  await eventually("disconnect", () => server.types("signaling").includes("disconnect"));
  const { data } = server.heard.find(({ label }) => label === "signaling")!;
  assert.deepEqual(JSON.parse(new TextDecoder().decode(data)), {
    type: "disconnect",
    reason: "NO-ERROR",
  });
  server.closeChannels();
  await assertOver(client, [
    close(1000, "SELF-CLOSED"),
    end(
      "ICE_FAILED",
      /^Failed to SetOffer in re-offer message via DataChannel: error=.+, internal_message=Succeeded to close DataChannel$/,
    ),
  ]);
});

test("5 a single data channel closes: ignored", async () => {
  await using server = await RawSora.start({ ignoreWebSocket: false });
  await using client = await switched(server);
  for (const label of ["stats", "notify", "rpc"]) {
    server.closeChannels(label);
    await closed(client, label);
  }
  server.sendOn("push", { type: "push", data: "still here" });
  await eventually("the push", () => client.of("onPush").length === 1);
  assert.equal(client.connection.state, "connected");
  assert.deepEqual(client.ends, []);
});

for (const says of ["TYPE-DISCONNECT", undefined]) {
  const words = says === undefined ? "nothing" : `1000 ${says}`;
  test(`the SCTP association is lost while the WebSocket is open and the server sends ${words}: the connection is made again`, async () => {
    await using server = await RawSora.start({ ignoreWebSocket: false });
    await using client = new RecordingClient({
      signalingUrls: [server.url],
      ...SHORT,
      reconnect: { initialDelayMs: 20, maxDelayMs: 100, maxRetries: 50 },
    });
    await client.switch();
    await server.abortAssociation();
    await closed(client, "signaling");
    if (says !== undefined) server.close(1000, says);
    await eventually("onReconnected", () => client.of("onReconnected").length === 1);
    assert.equal(
      client.of("onReconnecting")[0]![0].code,
      says === undefined ? "CLOSE_FAILED" : "WEBSOCKET_ONCLOSE",
    );
    await eventually("switched again", () => client.of("onSwitched").length === 2);
    assert.deepEqual(client.of("onDisconnect"), []);
  });
}

test("control characters of a close reason and of an SDP reach no message", async () => {
  const nasty = "a\rb\u001b[2J";
  const escaped = "a\\rb\\u001b[2J";
  await using server = await RawSora.start({ ignoreWebSocket: false });
  const client = await switched(server);
  server.sendOn("signaling", { type: "re-offer", sdp: `v=0\r\n${nasty}\r\n` });
  await eventually("disconnect", () => server.types("signaling").includes("disconnect"));
  server.close(4000, nasty);
  const [, [, , message]] = await client.ended() as [unknown, [string, string, string]];
  await client[Symbol.asyncDispose]();
  assert.ok(message.includes(escaped), message);
  assert.doesNotMatch(message, /\p{Cc}/u);
});

/** Video that nothing here encodes. */
const unknownCodec = (sdp: string): string =>
  sdp.replaceAll(/^(a=rtpmap:\d+) (?!rtx)[\w-]+\//gm, "$1 UNHEARD-OF/");

/** How a connection with video to send ends; what is left to its end is the server's to do. */
async function sendVideo(
  options: RawSoraOptions,
  act: (server: RawSora, connected: Promise<void>) => Promise<void>,
): Promise<readonly [code: string, message: string]> {
  await using server = await RawSora.start({ video: true, ...options });
  await using sora = new Sora();
  using videoSource = sora.createVideoSource();
  const connection = sora.createConnection({
    signalingUrls: [server.url],
    role: "sendonly",
    channelId: "raw",
    audio: false,
    videoSource,
    ...SHORT,
  });
  const ends: (readonly [string, string])[] = [];
  connection.onDisconnect = (code, message) => void ends.push([code, message]);
  const connected = connection.connect();
  connected.catch((error) => assert.ok(error instanceof SoraError));
  await act(server, connected);
  await eventually("the end", () => ends.length > 0);
  assert.equal(ends.length, 1);
  return ends[0]!;
}

test("5 the offer wants video that nothing here encodes", async () => {
  const [code, message] = await sendVideo(
    { changeOffer: (offer) => ({ ...offer, sdp: unknownCodec(offer.sdp) }) },
    async (server) => {
      await eventually("disconnect", () => server.types().includes("disconnect"));
      server.close(1000, "TYPE-DISCONNECT");
    },
  );
  assert.equal(code, "ICE_FAILED");
  assert.match(
    message,
    /^Failed to SetOffer in offer message via WebSocket: error=the server asks for UNHEARD-OF, .+, internal_message=Succeeded to close WebSocket \(DC signaling is not enabled\)$/,
  );
});

// That an answer cannot be made at all is proved with a peer that refuses: tests/unit/signaling_failures_test.ts.
for (const via of ["WebSocket", "DataChannel"] as const) {
  test(`5 a re-offer via ${via} wants video that nothing here encodes: it is answered without`, async () => {
    const [code] = await sendVideo(
      { ignoreWebSocket: via === "WebSocket" ? undefined : false },
      async (server, connected) => {
        await connected;
        const reOffer = {
          type: "re-offer",
          sdp: unknownCodec(server.sdp).replace(/^(o=\S+ \S+) \d+/m, "$1 9"),
        };
        if (via === "WebSocket") {
          server.say(reOffer);
          await eventually("re-answer", () => server.types().includes("re-answer"));
        } else {
          server.sendOn("signaling", reOffer);
          await eventually("re-answer", () => server.types("signaling").includes("re-answer"));
        }
        server.close(1000, "DISCONNECTED-API");
      },
    );
    assert.equal(code, "CLOSE_SUCCEEDED");
  });
}
