/** A member of a channel: the tracks and messages that a connection exchanges with the others. */
import type { Buffer } from "node:buffer";
import type { JsonObject } from "../../base/json.ts";
import type { RelayedMessage } from "../data/relayed_message.ts";
import type { SoraServerConnection } from "../connections.ts";
import { createId } from "../ids.ts";
import type { PublishedTrack } from "../media/published_track.ts";
import type { MediaSession } from "../media/session.ts";
import type { ServerConfig } from "../options/options.ts";
import type { MediaKind } from "../sdp/codecs.ts";
import type { Role } from "../signaling/connect_request.ts";
import { FilterSet } from "../signaling/filter_set.ts";
import type { ForwardingFilter } from "../signaling/forwarding_filter.ts";
import { MemberMetadata } from "../signaling/member_metadata.ts";
import {
  type NotifySubject,
  type SimulcastSwitch,
  simulcastSwitched,
} from "../signaling/notify.ts";
import type { RequestRid } from "../sdp/rids.ts";
import type { RpcTarget } from "../signaling/rpc/method.ts";
import type { SpotlightRequest } from "../signaling/spotlight_request.ts";
import type { Admission } from "./admission.ts";
import type { Channel, Member } from "./channel.ts";
import { listingOf } from "./listing.ts";
import { MemberSpotlight } from "./member_spotlight.ts";
import type { PlaceHolder } from "./pending_places.ts";
import { snapshotOf } from "./snapshot.ts";
import type { SignalingTransports } from "./signaling_transports.ts";

export class ChannelMember implements Member, RpcTarget {
  readonly id = createId();
  readonly connection: PlaceHolder;
  clientId = this.id;
  bundleId = this.id;
  /** `metadata` in notifications. */
  readonly metadata = new MemberMetadata(this.id, (data) => this.#channel?.pushFrom(this, data));
  /** What it receives of the others; changed with `setFilters` or in the channel, which applies them. */
  readonly filters = new FilterSet();
  readonly #signaling: SignalingTransports;
  #admission: Admission | undefined;
  #channel: Channel | undefined;
  #media: MediaSession | undefined;
  #spotlight: MemberSpotlight | undefined;
  /** `performance.now()` when it was established; undefined before, and after it left. */
  #createdAt: number | undefined;

  constructor(connection: PlaceHolder, signaling: SignalingTransports) {
    this.connection = connection;
    this.#signaling = signaling;
  }

  get role(): Role {
    return this.#admission?.request.role ?? "recvonly";
  }

  get created(): boolean {
    return this.#createdAt !== undefined;
  }

  /** Seconds since it was established; undefined before, and after it left. */
  get seconds(): number | undefined {
    return this.#createdAt === undefined ? undefined : (performance.now() - this.#createdAt) / 1000;
  }

  get tracks(): readonly PublishedTrack[] {
    return this.#media?.tracks ?? [];
  }

  /** The channel that it joined. */
  get channel(): Channel | undefined {
    return this.#channel;
  }

  get channelId(): string {
    return this.#channel?.id ?? "";
  }

  /** Applies the ids and metadata of an admitted client. */
  admit(admission: Admission): void {
    const { request, grant } = admission;
    this.#admission = admission;
    this.clientId = request.clientId ?? this.clientId;
    this.bundleId = request.bundleId ?? this.bundleId;
    this.filters.replaceAll(request.forwardingFilters);
    if (grant?.notifyMetadata !== undefined) this.metadata.putMetadata(grant.notifyMetadata, false);
  }

  join(channel: Channel, config: ServerConfig): void {
    this.#channel = channel;
    channel.join(this);
    const { spotlight } = this;
    if (spotlight === undefined) return;
    const apply = () => this.#media?.applyFocus();
    this.#spotlight = new MemberSpotlight(this.id, spotlight, config, channel, apply);
  }

  get spotlightReceiver(): MemberSpotlight | undefined {
    return this.#spotlight;
  }

  /** Attaches the media that is about to be negotiated. */
  useMedia(media: MediaSession): void {
    this.#media = media;
  }

  /** Marks it as established and notifies the channel. */
  announce(): void {
    this.#createdAt = performance.now();
    this.#channel?.announce(this);
  }

  /** Leaves the channel, after relaying the messages that it has sent. */
  leave(): void {
    this.#media?.stopReceiving();
    this.#signaling.data?.deliverAllHeld();
    // The channel's last notification describes an established member.
    this.#channel?.leave(this);
    this.#createdAt = undefined;
  }

  receives(kind: MediaKind): boolean {
    const request = this.#admission?.request;
    return request?.[kind] !== undefined && request.role !== "sendonly";
  }

  /** Its state for the server's users; undefined unless it is established. */
  snapshot(): SoraServerConnection | undefined {
    if (this.#createdAt === undefined || this.#media === undefined) return undefined;
    const { spotlight } = this.#channel ?? {};
    return snapshotOf({
      channelId: this.#channel?.id ?? "",
      connectionId: this.id,
      clientId: this.clientId,
      bundleId: this.bundleId,
      role: this.role,
      ...(spotlight === undefined ? {} : { focus: spotlight.focusOf(this.id) }),
      switched: this.#signaling.switched,
      createdAt: this.#createdAt,
      media: this.#media,
    });
  }

  /** Its entry in the list of the HTTP API; undefined unless it is established. */
  listing(nodeName: string): JsonObject | undefined {
    if (this.#createdAt === undefined || this.#admission === undefined) return undefined;
    return listingOf({
      nodeName,
      channelId: this.#channel?.id ?? "",
      sessionId: this.#channel?.sessionId ?? "",
      clientId: this.clientId,
      bundleId: this.bundleId,
      connectionId: this.id,
      createdAt: this.#createdAt,
      admission: this.#admission,
    });
  }

  get spotlight(): SpotlightRequest | undefined {
    return this.#admission?.request.spotlight;
  }

  describe(): NotifySubject {
    const { request, grant } = this.#admission ?? {};
    const { notifyMetadata } = request ?? {};
    const { authzMetadata } = grant ?? {};
    const metadata = this.metadata.value;
    const createdAt = this.#createdAt ?? performance.now();
    return {
      role: this.role,
      sessionId: this.#channel?.sessionId ?? "",
      clientId: this.clientId,
      bundleId: this.bundleId,
      connectionId: this.id,
      audio: request?.audio !== undefined,
      video: request?.video !== undefined,
      minutes: Math.floor((performance.now() - createdAt) / 60_000),
      ...(notifyMetadata === undefined ? {} : { notifyMetadata }),
      ...(authzMetadata === undefined ? {} : { authzMetadata }),
      ...(metadata === undefined ? {} : { metadata }),
    };
  }

  notify(message: JsonObject): void {
    if (this.#admission?.grant?.notifies !== false) this.#signaling.send("notify", message);
  }

  push(message: JsonObject): void {
    this.#signaling.send("push", message);
  }

  /** Changes what it receives of the others, from now on. */
  setFilters(filters: readonly ForwardingFilter[]): void {
    this.filters.replaceAll(filters);
    this.#channel?.applyForwarding(this);
  }

  /** Puts it into another bundle, from now on. */
  setBundle(bundleId: string): void {
    if (this.#channel === undefined) this.bundleId = bundleId;
    else this.#channel.setBundle(this, bundleId);
  }

  onTracksChanged(): void {
    this.#spotlight?.onMembersChanged();
    if (this.#channel !== undefined) this.#media?.want(this.#channel.tracksFor(this));
  }

  onFocusChanged(): void {
    if (this.#spotlight !== undefined) this.#media?.applyFocus();
  }

  takesMessage(label: string): boolean {
    return this.#signaling.data?.takesMessage(label) ?? true;
  }

  relayHeld(): boolean {
    return this.#signaling.data?.deliverHeld() === true;
  }

  onMemberMessage(message: RelayedMessage): void {
    this.#signaling.data?.sendMessage(message);
  }

  /** Sends bytes on a data channel unmodified. Returns whether it is open. */
  sendRaw(label: string, data: Buffer): boolean {
    return this.#signaling.data?.sendRaw(label, data) === true;
  }

  /** Limits what the client sends of video, in bit/s. Returns whether it is connected and sends any. */
  limitVideo(maxBitRate: number): boolean {
    return this.created && this.#media?.limitVideo(maxBitRate) === true;
  }

  /** What the client may request by RPC of the layers of others' videos; undefined without simulcast, and where the focus decides. */
  get simulcastRpcRids(): readonly RequestRid[] | undefined {
    if (this.#spotlight !== undefined) return undefined;
    return this.#admission?.request.simulcast?.rpcRids;
  }

  /**
   * Requests a layer, or none, of one sender's video, or of every sender's. Returns whether there is
   * such a sender.
   */
  requestRid(rid: RequestRid, senderId?: string): boolean {
    return this.#media?.requestRid(rid, senderId) === true;
  }

  /** Notifies the client, if it has simulcast, that the layer that it gets of another one changed. */
  notifySwitched(change: SimulcastSwitch): void {
    const rids = this.simulcastRpcRids;
    if (rids !== undefined) this.notify(simulcastSwitched(change, rids));
  }

  /** Asks the client for a key frame of each of its videos. */
  requestKeyFrame(): void {
    for (const track of this.tracks) track.requestKeyFrame();
  }
}
