/** The codecs that the server offers, with one numbering of payload types per channel. */

/** Video codecs that are forwarded. */
export const VIDEO_CODEC_TYPES = ["VP8", "VP9", "AV1", "H264", "H265"] as const;

/** A video codec by its Sora name. */
export type VideoCodecType = (typeof VIDEO_CODEC_TYPES)[number];

/** Kind of a media section. */
export type MediaKind = "audio" | "video";

/** A codec of one media section. */
export interface Codec {
  readonly kind: MediaKind;
  /** Encoding name of `a=rtpmap`. */
  readonly name: string;
  readonly clockRate: number;
  readonly channels?: number;
  readonly payloadType: number;
  /** Payload type of its retransmissions (RFC 4588); video only. */
  readonly rtxPayloadType?: number;
  /** Format parameters without those of the connection that it is offered to. */
  readonly parameters: string;
}

/** Payload type of Opus. */
export const OPUS_PAYLOAD_TYPE = 109;

/** Format parameters of a video codec unless `connect` has others. */
export const DEFAULT_VIDEO_PARAMETERS: Readonly<Record<VideoCodecType, string>> = {
  VP8: "",
  VP9: "profile-id=0",
  AV1: "level-idx=5;profile=0;tier=0",
  H264: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e034",
  H265: "level-id=180;profile-id=1;tier-flag=0;tx-mode=SRST",
};

const FIXED_PAYLOAD_TYPES: Readonly<Record<VideoCodecType, number>> = {
  VP8: 96,
  VP9: 98,
  AV1: 100,
  H264: 102,
  H265: 104,
};

/** Payload type pairs (codec, RTX) for other profiles: the rest of the dynamic ranges. */
const SPARE_PAYLOAD_TYPES: readonly number[] = [
  [106, 110, 112, 114, 116, 118, 120, 122, 124, 126],
  [35, 37, 39, 41, 43, 45, 47, 49, 51, 53, 55, 57, 59, 61],
].flat();

/**
 * The payload types of one channel. The same number means the same codec and profile for all its
 * members, so that packets are forwarded without renumbering.
 */
export class CodecTable {
  readonly #video = new Map<string, Codec>();
  #spare = 0;

  /** Opus; its format parameters belong to the connection that sends it. */
  readonly opus: Codec = {
    kind: "audio",
    name: "opus",
    clockRate: 48_000,
    channels: 2,
    payloadType: OPUS_PAYLOAD_TYPE,
    parameters: "",
  };

  /** The codec with these format parameters; undefined when the numbers are used up. */
  video(type: VideoCodecType, parameters: string): Codec | undefined {
    const key = `${type} ${parameters}`;
    const known = this.#video.get(key);
    if (known !== undefined) return known;
    const payloadType = parameters === DEFAULT_VIDEO_PARAMETERS[type]
      ? FIXED_PAYLOAD_TYPES[type]
      : SPARE_PAYLOAD_TYPES[this.#spare++];
    if (payloadType === undefined) return undefined;
    const codec: Codec = {
      kind: "video",
      name: type,
      clockRate: 90_000,
      payloadType,
      rtxPayloadType: payloadType + 1,
      parameters,
    };
    this.#video.set(key, codec);
    return codec;
  }
}
