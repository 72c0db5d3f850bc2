/** The state of a connection as the server's users see it. */
import type { SoraServerConnection, SoraServerTrack } from "../connections.ts";
import type { PublishedTrack } from "../media/published_track.ts";
import type { MediaSession } from "../media/session.ts";
import type { Subscription } from "../media/subscription.ts";

/** What a member knows of itself. */
export interface SnapshotSubject {
  readonly channelId: string;
  readonly connectionId: string;
  readonly clientId: string;
  readonly bundleId: string;
  readonly role: SoraServerConnection["role"];
  readonly focus?: NonNullable<SoraServerConnection["focus"]>;
  readonly switched: boolean;
  /** `performance.now()` when it was established. */
  readonly createdAt: number;
  readonly media: MediaSession;
}

/** Its state now. */
export function snapshotOf(
  { media, createdAt, switched, ...identity }: SnapshotSubject,
): SoraServerConnection {
  const { traffic, path } = media.transport;
  return {
    ...identity,
    signaling: switched ? "datachannel" : "websocket",
    seconds: (performance.now() - createdAt) / 1000,
    ...traffic,
    ...(path.bitRate === 0 ? {} : { path }),
    tracks: media.tracks.map(trackOf),
    subscriptions: media.subscriptions.map(subscriptionOf),
  };
}

const withRid = (rid: string | undefined) => rid === undefined ? {} : { rid };

function trackOf({ kind, codec, layers }: PublishedTrack): SoraServerTrack {
  return {
    kind,
    codec: codec.name,
    layers: layers.map(({ rid, packets, bytes }) => ({ ...withRid(rid), packets, bytes })),
  };
}

function subscriptionOf({ track, layer, packets, bytes }: Subscription) {
  return {
    connectionId: track.streamId,
    kind: track.kind,
    ...withRid(layer?.rid),
    packets,
    bytes,
  };
}
