/** Which tracks of a channel are forwarded to whom: bundles, and the filters of connections and of the channel. */
import type { PublishedTrack } from "../media/published_track.ts";
import type { TracksOfOthers } from "../media/session.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import type { FilterSet } from "../signaling/filter_set.ts";

/** A member as far as forwarding is concerned. */
export interface ForwardingMember {
  readonly id: string;
  readonly clientId: string;
  /** Members of one bundle receive nothing of each other. */
  readonly bundleId: string;
  /** The tracks it publishes. */
  readonly tracks: readonly PublishedTrack[];
  /** What it receives of the others. */
  readonly filters: FilterSet;
  /** Whether it receives this kind of media at all. */
  receives(kind: MediaKind): boolean;
}

/** What filters keep from a member. */
export interface BlockedTracks {
  readonly destination: ForwardingMember;
  readonly kind: MediaKind;
  readonly sources: readonly ForwardingMember[];
}

const KINDS: readonly MediaKind[] = ["audio", "video"];

/** Whether two members are one for the others. */
export function sameBundle(
  a: { readonly bundleId: string },
  b: { readonly bundleId: string },
): boolean {
  return a.bundleId === b.bundleId;
}

/**
 * The tracks of the others, and which of them a member is to receive.
 *
 * @param filters the channel's, for what those of the member leave open
 */
export function tracksFor(
  member: ForwardingMember,
  members: Iterable<ForwardingMember>,
  filters: FilterSet,
): TracksOfOthers {
  const present: PublishedTrack[] = [];
  const wanted: PublishedTrack[] = [];
  for (const other of members) {
    if (other === member) continue;
    for (const track of other.tracks) {
      present.push(track);
      if (
        !sameBundle(member, other) && member.receives(track.kind) &&
        passes(track.kind, other, member, filters)
      ) {
        wanted.push(track);
      }
    }
  }
  return { present, wanted };
}

/** What filters keep from members who would receive it, by member and kind. */
export function blockedTracks(
  members: readonly ForwardingMember[],
  filters: FilterSet,
): BlockedTracks[] {
  return members.flatMap((destination) =>
    KINDS.flatMap((kind): BlockedTracks[] => {
      if (!destination.receives(kind)) return [];
      const sources = members.filter((source) =>
        source !== destination && !sameBundle(source, destination) &&
        source.tracks.some((track) => track.kind === kind) &&
        !passes(kind, source, destination, filters)
      );
      return sources.length === 0 ? [] : [{ destination, kind, sources }];
    })
  );
}

function passes(
  kind: MediaKind,
  source: ForwardingMember,
  destination: ForwardingMember,
  filters: FilterSet,
): boolean {
  const subject = { connection_id: source.id, client_id: source.clientId, kind };
  return destination.filters.decide(subject) ?? filters.decide(subject) ?? true;
}
