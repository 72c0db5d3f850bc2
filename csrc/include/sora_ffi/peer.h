/* A peer connection (W3C WebRTC RTCPeerConnection), always the answerer: remote offer -> senders -> answer. */
#ifndef SORA_FFI_PEER_H
#define SORA_FFI_PEER_H

#include "result.h"

typedef enum sora_peer_state {
  SORA_PEER_STATE_NEW = 0,
  SORA_PEER_STATE_CONNECTING = 1,
  SORA_PEER_STATE_CONNECTED = 2,
  SORA_PEER_STATE_DISCONNECTED = 3,
  SORA_PEER_STATE_FAILED = 4,
  SORA_PEER_STATE_CLOSED = 5
} sora_peer_state;

/* Makes a peer. configuration: JSON {"iceServers": [{"urls": [...], "username"?, "credential"?}],
 * "iceTransportPolicy"?: "all"|"relay", "tls"?, "proxy"?, "sync"?: bool}.
 * tls: {"insecure"?: bool, "caCert"?, "clientCert"?, "clientKey"?}, for "turns:" URLs. PEM (RFC 7468); caCert replaces the
 * system's roots, clientCert and clientKey come together; certificate and host name are verified unless insecure.
 * proxy: {"host", "port", "username"?, "password"?, "agent"?}, an HTTP proxy for "turns:" and "turn:...?transport=tcp" URLs
 * (CONNECT, RFC 9110; Basic credentials, RFC 7617; agent: the User-Agent).
 * sync: synchronise received audio and video of one stream id, by delaying the earlier of the two. Default: each is delivered
 * as soon as possible.
 * Returns at once; a configuration that libwebrtc refuses fails the first request. */
SORA_EXPORT int32_t sora_peer_create(uint32_t factory, const uint8_t* configuration, uint32_t configuration_size,
                                     uint32_t* out_peer);

/* Applies a remote offer. Tracks and candidates are reported as events. Result text: empty. SORA_ERROR_LIMIT if the offer, one
 * of its media descriptions or the lines about a payload type are so large that libwebrtc would take seconds. */
SORA_EXPORT int32_t sora_peer_set_remote_offer(uint32_t peer, const uint8_t* sdp, uint32_t sdp_size, uint32_t request);

/* Sends source (audio or video) on the media description that options names, once the remote offer is applied.
 * options: JSON {"mid", "streamId"?, "degradationPreference"?: "disabled"|"balanced"|"maintain-framerate"|
 * "maintain-resolution"}. The preference holds over later offers. Result text: empty. SORA_ERROR_UNSUPPORTED if no
 * engine encodes the offered codecs. */
SORA_EXPORT int32_t sora_peer_add_sender(uint32_t peer, uint32_t source, const uint8_t* options, uint32_t options_size,
                                         uint32_t request);

/* Sets the send encodings of a media description. encodings: JSON {"mid", "encodings": [{"rid", "active"?, "maxBitrate"?,
 * "minBitrate"?, "maxFramerate"?, "scaleResolutionDownBy"?, "scaleResolutionDownTo"?: {"maxWidth", "maxHeight"},
 * "scalabilityMode"?, "adaptivePtime"?}]}. Calling it again after a re-offer keeps the SSRC of each rid. The bandwidth that the
 * offer allows (b=TIAS, b=AS) remains the limit of all encodings together. Result text: empty. */
SORA_EXPORT int32_t sora_peer_set_encodings(uint32_t peer, const uint8_t* encodings, uint32_t encodings_size,
                                            uint32_t request);

/* Replaces the source that is sent on media description mid, without negotiation; source 0: nothing is sent any more. Result
 * text: empty. */
SORA_EXPORT int32_t sora_peer_replace_source(uint32_t peer, uint32_t source, const uint8_t* mid, uint32_t mid_size,
                                             uint32_t request);

/* Makes the answer and applies it locally. Result text: the SDP. */
SORA_EXPORT int32_t sora_peer_create_answer(uint32_t peer, uint32_t request);

/* Reads statistics. Result text: a JSON array (W3C webrtc-stats). */
SORA_EXPORT int32_t sora_peer_get_stats(uint32_t peer, uint32_t request);

/* Closes the peer with its tracks and data channels; its sinks end. Returns at once; pending requests fail with
 * SORA_ERROR_CLOSED, then SORA_EVENT_CLOSED follows. */
SORA_EXPORT int32_t sora_peer_close(uint32_t peer);

#endif
