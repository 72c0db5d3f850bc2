/** A track that a member publishes, and its layers. */
import { createSsrc } from "../ids.ts";
import { FRAME_MARK_READERS } from "../rtp/frame_mark.ts";
import { FrameNumbers, LayerFrameNumbers } from "../rtp/frame_numbers.ts";
import type { Codec, MediaKind } from "../sdp/codecs.ts";
import type { RemoteTrack } from "../sdp/media_plan.ts";
import { isHigher, type Rid } from "../sdp/rids.ts";
import { Layer, type LayeredTrack } from "./layer.ts";

/** What a track is made of. */
export interface PublishedTrackSettings {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** The publisher's connection id. */
  readonly streamId: string;
  /** The rids of its layers; none without simulcast, which is one layer. */
  readonly rids?: readonly Rid[];
  /** Asks the publisher for a key frame of a layer. */
  requestKeyFrame(layer: Layer): void;
}

/** Is told of changes that concern the choice of a layer. */
export interface LayerWatcher {
  /** A layer of which nothing came, or no more, goes on; `withKeyFrame`: with a key frame. */
  onLayerReturned(withKeyFrame: boolean): void;
}

/** Time in which all layers of a sender begin. */
const BEGINNING_MS = 500;

export class PublishedTrack implements RemoteTrack, LayeredTrack {
  readonly kind: MediaKind;
  readonly codec: Codec;
  /** The publisher's connection id. */
  readonly streamId: string;
  readonly trackId: string;
  /** SSRC under which subscribers receive it, whatever the publisher's own are. */
  readonly ssrc = createSsrc();
  readonly rtxSsrc?: number;
  /** At least one, the best first. */
  readonly layers: readonly [Layer, ...Layer[]];
  mediaAt = -Infinity;
  #beganAt: number | undefined;
  readonly #watchers = new Set<LayerWatcher>();

  constructor({ kind, codec, streamId, rids = [], requestKeyFrame }: PublishedTrackSettings) {
    this.kind = kind;
    this.codec = codec;
    this.streamId = streamId;
    this.trackId = `${streamId}-${kind}`;
    if (codec.rtxPayloadType !== undefined) this.rtxSsrc = createSsrc();
    const [best, ...others] = [...rids].sort((a, b) => isHigher(a, b) ? -1 : 1);
    const numbers = new FrameNumbers();
    const read = FRAME_MARK_READERS.get(codec.name);
    const create = (rid?: Rid) => {
      const own = others.length === 0 || read === undefined
        ? undefined
        : new LayerFrameNumbers(numbers, read);
      return new Layer(this, rid, own, requestKeyFrame);
    };
    this.layers = [create(best), ...others.map(create)];
  }

  /** The layer of packets with this rid: without simulcast the only one, whatever they carry. */
  layerOf(rid: string | undefined): Layer | undefined {
    return this.layers.length === 1
      ? this.layers[0]
      : this.layers.find((layer) => layer.rid === rid);
  }

  /** Asks the publisher for a key frame of each layer. */
  requestKeyFrame(): void {
    for (const layer of this.layers) layer.requestKeyFrame();
  }

  watch(watcher: LayerWatcher): void {
    this.#watchers.add(watcher);
  }

  unwatch(watcher: LayerWatcher): void {
    this.#watchers.delete(watcher);
  }

  /** Whether those layers that are still to come will not come at once. */
  get hasBegun(): boolean {
    return this.#beganAt !== undefined && this.mediaAt - this.#beganAt >= BEGINNING_MS;
  }

  noteMedia(nowMs: number): void {
    this.mediaAt = nowMs;
    this.#beganAt ??= nowMs;
  }

  onLayerReturned(withKeyFrame: boolean): void {
    for (const watcher of this.#watchers) watcher.onLayerReturned(withKeyFrame);
  }
}
