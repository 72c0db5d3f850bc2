/**
 * RTP header extension ids. The server is always the offerer, so one fixed numbering holds for
 * every connection and packets are forwarded without renumbering.
 */

/** Extension ids as offered; all below 15, so that one-byte headers can carry them. */
export const ExtensionId = {
  audioLevel: 1,
  absoluteSendTime: 2,
  transportSequence: 3,
  mid: 4,
  streamId: 5,
  repairedStreamId: 6,
  absoluteCaptureTime: 7,
  videoOrientation: 8,
  playoutDelay: 9,
  dependencyDescriptor: 10,
  timeOffset: 11,
} as const;

/** The URI of each id, for `a=extmap`. */
export const EXTENSION_URIS: Readonly<Record<keyof typeof ExtensionId, string>> = {
  audioLevel: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  absoluteSendTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  transportSequence: "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  mid: "urn:ietf:params:rtp-hdrext:sdes:mid",
  streamId: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  repairedStreamId: "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  absoluteCaptureTime: "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
  videoOrientation: "urn:3gpp:video-orientation",
  playoutDelay: "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  dependencyDescriptor:
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
  timeOffset: "urn:ietf:params:rtp-hdrext:toffset",
};
