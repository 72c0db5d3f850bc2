/**
 * Scenes of how the connection of a member in the browser ends, over each transport of signaling.
 *
 * @module
 */

import assert from "node:assert/strict";
import { SoraServer, type SoraServerOptions } from "../../sfu/mod.ts";
import { accessToken } from "../support/access_token.ts";
import { CANARY } from "../support/canary.ts";
import { eventually } from "../support/eventually.ts";
import { RecordingClient } from "../support/recording_client.ts";
import type { Page } from "./browser.ts";
import { BrowserMember } from "./member.ts";
import type { Happened } from "./page/api.ts";
import type { Scene, Stage } from "./scenes.ts";

/** What the browser SDK reports. */
type End = Happened["ends"][number];

const TRANSPORTS = {
  "the WebSocket": {},
  "both transports": { dataChannelSignaling: true, ignoreDisconnectWebSocket: false },
  "data channels alone": { dataChannelSignaling: true, ignoreDisconnectWebSocket: true },
} as const;
type TransportName = keyof typeof TRANSPORTS;

const TOKEN = accessToken({ channel_id: "ends", exp: 4_000_000_000 }, CANARY);

/** A way to end. */
interface Way {
  /** The transports; all by default. */
  readonly over?: readonly TransportName[];
  readonly server?: SoraServerOptions;
  /** What ends it; nothing when it ends by itself. */
  readonly end?: (member: BrowserMember, server: SoraServer) => unknown;
  /** What the browser SDK reports: one of these, where they depend on the transport by its name. */
  readonly expected: End | Readonly<Partial<Record<TransportName, End>>>;
}

const normal = (title: string, code: number, reason: string): End => ({
  type: "normal",
  title,
  code,
  reason,
});

const WAYS: Readonly<Record<string, Way>> = {
  "its own disconnect": {
    end: (member) => member.disconnect(),
    expected: normal("DISCONNECT", 1000, "TYPE-DISCONNECT"),
  },
  "the API": {
    server: { httpApi: true, secret: CANARY },
    end: disconnectByApi,
    expected: normal("SHUTDOWN", 1000, "DISCONNECTED-API"),
  },
  "its lifetime": {
    server: { connectionLifetimeMs: 1_000 },
    expected: normal("SHUTDOWN", 1000, "LIFETIME-EXPIRED"),
  },
  "a server that stops": {
    // Over both transports the browser SDK reads a data channel that it has just forgotten.
    over: ["the WebSocket", "data channels alone"],
    end: (_, server) => server.close({ drainMs: 1 }),
    expected: {
      // For it a close frame other than 1000 is abnormal, and no message `close` is.
      "the WebSocket": {
        type: "abend",
        title: "WEBSOCKET-ONCLOSE",
        code: 1001,
        reason: "SERVER-CLOSED",
      },
      "data channels alone": normal("SHUTDOWN", 1001, "SERVER-CLOSED"),
    },
  },
};

async function disconnectByApi(member: BrowserMember, server: SoraServer): Promise<void> {
  const { hostname } = new URL(server.url);
  const { status } = await fetch(`http://${hostname}:${server.port}/`, {
    method: "POST",
    headers: {
      "x-sora-target": "Sora_20151104.DisconnectConnection",
      authorization: `Bearer ${CANARY}`,
    },
    body: JSON.stringify({ channel_id: "ends", connection_id: member.id }),
  });
  assert.equal(status, 200);
}

const isSame = (expected: Way["expected"]): expected is End => "type" in expected;

/** A member for each transport at the same time. */
async function playWay(way: Way, { page, host }: Stage): Promise<void> {
  const { server: options, end, expected } = way;
  const names = way.over ?? Object.keys(TRANSPORTS) as TransportName[];
  await Promise.all(names.map(async (name) => {
    await using server = await SoraServer.start({ port: 0, host, ...options });
    const member = await BrowserMember.join(page, {
      urls: [server.url],
      role: "recvonly",
      channelId: "ends",
      ...(options?.secret === undefined ? {} : { metadata: { access_token: TOKEN } }),
      options: TRANSPORTS[name],
    });
    if (name !== "the WebSocket") {
      await member.until("switched", ({ switched }) => switched.length === 1);
    }
    await end?.(member, server);
    const { ends } = await member.until(`the end of ${name}`, ({ ends }) => ends.length > 0);
    // Over both transports it hears of the end twice, and may report it twice.
    const reports = name === "both transports" ? ends.slice(0, 1) : ends;
    assert.deepEqual(reports, [isSame(expected) ? expected : expected[name]], name);
    await eventually("no connection", () => server.stats().connections === 0);
  }));
}

/** Somebody closes the tab: the others are notified, over whichever transport it had. */
async function playClosedTab({ browser, host }: Stage): Promise<void> {
  // A browser says no farewell over the transport of media.
  await using server = await SoraServer.start({ port: 0, host, mediaTimeoutMs: 4_000 });
  const channelId = "tab";
  await using client = await new RecordingClient({ signalingUrls: [server.url], channelId })
    .connect();
  const open = async (options: object): Promise<[Page, BrowserMember]> => {
    const page = await browser.open();
    const room = { urls: [server.url], role: "recvonly", channelId, options } as const;
    return [page, await BrowserMember.join(page, room)];
  };
  const tabs = await Promise.all(Object.values(TRANSPORTS).map(open));
  for (const [, member] of tabs.slice(1)) {
    await member.until("switched", ({ switched }) => switched.length === 1);
  }
  await Promise.all(tabs.map(([page]) => page.close()));
  for (const [, { id }] of tabs) {
    await eventually(
      "the notification",
      () => client.notified(id).includes("connection.destroyed"),
    );
  }
  assert.equal(server.stats().connections, 1);
}

/** The scenes. */
export const endingScenes: readonly Scene[] = [
  ...Object.entries(WAYS).map(([name, way]): Scene => ({
    title: `the end by ${name}`,
    smoke: name === "its own disconnect",
    play: (stage) => playWay(way, stage),
  })),
  { title: "the end by a closed tab", play: playClosedTab },
];
