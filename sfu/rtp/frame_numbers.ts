/**
 * One numbering of frames for all layers of a track, so that a receiver may go from one layer to another at a key frame: the
 * picture id and TL0PICIDX of VP8 and VP9, and the frame number of AV1's dependency descriptor. A decoder of libwebrtc refers to
 * the frame before by its number, so numbers must have no gap but before key frames.
 */
import type { RtpPacket } from "./packet.ts";
import { FrameMark, type FrameMarkReader } from "./frame_mark.ts";

/** The highest numbers of any layer so far, counted on where they wrap. */
export class FrameNumbers {
  picture = -1;
  tl0 = -1;
}

/** Numbers of a layer from one of its key frames on, and what is added to them. */
interface Stretch {
  readonly from: number;
  readonly pictureOffset: number;
  readonly tl0Offset: number;
}

/** Stretches that are remembered: packets that were lost may belong to earlier ones. */
const MAX_STRETCHES = 8;

/** A stretch begins only where another layer is ahead: those before it are remembered in this order, the latest first. */
export class LayerFrameNumbers {
  readonly #track: FrameNumbers;
  readonly #read: FrameMarkReader;
  readonly #mark = new FrameMark();
  #stretches: readonly Stretch[] = [];
  /** The layer's own highest numbers, counted on where they wrap; -1: none came. */
  #picture = -1;
  #tl0 = -1;

  constructor(track: FrameNumbers, read: FrameMarkReader) {
    this.#track = track;
    this.#read = read;
  }

  /**
   * Gives a packet the numbers of the track. Returns false when its frame is too old to say which.
   *
   * @param isNewest whether no packet of the layer with a higher sequence number came before
   */
  rewrite(packet: RtpPacket, isNewest: boolean): boolean {
    const mark = this.#mark;
    mark.read(packet, this.#read);
    packet.startsKeyFrame = mark.startsKeyFrame && isNewest;
    if (mark.pictureBits === 0) return true;
    const picture = extend(this.#picture, mark.picture, mark.pictureBits);
    const tl0 = mark.tl0At === 0 ? 0 : extend(this.#tl0, mark.tl0, 8);
    // A key frame of which other packets came before already keeps the numbers that they got.
    if (packet.startsKeyFrame && picture > this.#picture) this.#begin(picture, tl0, mark.tl0At > 0);
    else packet.startsKeyFrame = false;
    this.#picture = Math.max(this.#picture, picture);
    if (mark.tl0At > 0) this.#tl0 = Math.max(this.#tl0, tl0);
    for (const stretch of this.#stretches) {
      if (picture < stretch.from) continue;
      this.#write(packet, picture + stretch.pictureOffset, tl0 + stretch.tl0Offset);
      return true;
    }
    return this.#stretches.length === 0;
  }

  /** Begins a stretch at a key frame, unless its number is higher than all others' without one. */
  #begin(picture: number, tl0: number, hasTl0: boolean): void {
    const track = this.#track;
    const [latest] = this.#stretches;
    if (
      latest !== undefined && picture + latest.pictureOffset > track.picture &&
      (!hasTl0 || tl0 + latest.tl0Offset > track.tl0)
    ) {
      return;
    }
    const stretch: Stretch = {
      from: picture,
      pictureOffset: track.picture < 0 ? 0 : track.picture + 1 - picture,
      tl0Offset: track.tl0 < 0 ? 0 : track.tl0 + 1 - tl0,
    };
    this.#stretches = [stretch, ...this.#stretches.slice(0, MAX_STRETCHES - 1)];
  }

  #write({ bytes, offset }: RtpPacket, picture: number, tl0: number): void {
    const { pictureAt, pictureBits, tl0At } = this.#mark;
    const track = this.#track;
    track.picture = Math.max(track.picture, picture);
    const at = offset + pictureAt;
    if (pictureBits === 7) {
      bytes[at] = picture & 0x7f;
    } else {
      bytes[at] = (pictureBits === 15 ? 0x80 : picture >>> 8 & 0x80) | (picture >>> 8 & 0x7f);
      bytes[at + 1] = picture & 0xff;
    }
    if (tl0At === 0) return;
    track.tl0 = Math.max(track.tl0, tl0);
    bytes[offset + tl0At] = tl0 & 0xff;
  }
}

/** The number nearest to the highest one before that has these lower bits. */
function extend(highest: number, number: number, bits: number): number {
  if (highest < 0) return number;
  const unused = 32 - bits;
  return highest + ((number - highest) << unused >> unused);
}
