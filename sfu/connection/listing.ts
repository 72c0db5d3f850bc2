/** A connection as `ListConnections` of the HTTP API shows it. */
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { timestamp } from "../signaling/notify.ts";
import type { Admission } from "./admission.ts";

/** What a member knows of itself. */
export interface ListingSubject {
  readonly nodeName: string;
  readonly channelId: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly bundleId: string;
  readonly connectionId: string;
  /** `performance.now()` when it was established. */
  readonly createdAt: number;
  readonly admission: Admission;
}

/** Its entry in the list. */
export function listingOf(subject: ListingSubject): JsonObject {
  const { request, grant } = subject.admission;
  const { audio, video } = request;
  return {
    node_name: subject.nodeName,
    channel_id: subject.channelId,
    session_id: subject.sessionId,
    client_id: subject.clientId,
    bundle_id: subject.bundleId,
    connection_id: subject.connectionId,
    created_time: Math.floor((performance.timeOrigin + subject.createdAt) * 1000),
    created_timestamp: timestamp(subject.createdAt),
    role: request.role,
    multistream: true,
    simulcast: request.simulcast !== undefined,
    spotlight: request.spotlight !== undefined,
    ...(grant?.eventMetadata === undefined ? {} : { event_metadata: grant.eventMetadata }),
    audio: audio === undefined ? false : media("OPUS", audio.bitRate),
    video: video === undefined ? false : media(video.codecType, video.bitRate),
  };
}

function media(codecType: string, bitRate: number | undefined): JsonValue {
  return { codec_type: codecType, ...(bitRate === undefined ? {} : { bit_rate: bitRate }) };
}
