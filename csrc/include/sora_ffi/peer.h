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
 * tls: {"insecure"?: bool, "caCert"?, "clientCert"?, "clientKey"?}, for "turns:" URLs. PEM (RFC 7468); caCert takes the place
 * of the system's roots, clientCert and clientKey come together; certificate and host name are verified unless insecure.
 * proxy: {"host", "port", "username"?, "password"?, "agent"?}, an HTTP proxy for "turns:" and "turn:...?transport=tcp" URLs
 * (CONNECT, RFC 9110; Basic credentials, RFC 7617; agent: the User-Agent).
 * sync: hold received video back until its audio is heard, and the other way round (audio and video of one stream id). Default:
 * each comes as soon as it can.
 * Returns at once; a configuration that libwebrtc refuses fails the first request. */
SORA_EXPORT int32_t sora_peer_create(uint32_t factory, const uint8_t* configuration, uint32_t configuration_size,
                                     uint32_t* out_peer);

/* Applies a remote offer. Tracks and candidates are reported as events; result text: empty. SORA_ERROR_LIMIT when it is so large
 * that libwebrtc would take seconds: in all, in a media description, or in what it says of a payload type. */
SORA_EXPORT int32_t sora_peer_set_remote_offer(uint32_t peer, const uint8_t* sdp, uint32_t sdp_size, uint32_t request);

/* Sends source (audio or video) on the media description that options names, once the remote offer is applied.
 * options: JSON {"mid", "streamId"?, "degradationPreference"?: "disabled"|"balanced"|"maintain-framerate"|
 * "maintain-resolution", "maxBitrate"?: bit/s}. The preference is kept over later offers. Result text: empty;
 * SORA_ERROR_UNSUPPORTED when nothing here encodes the codecs that it is offered in. */
SORA_EXPORT int32_t sora_peer_add_sender(uint32_t peer, uint32_t source, const uint8_t* options, uint32_t options_size,
                                         uint32_t request);

/* Sets the send encodings of a media description. encodings: JSON {"mid", "encodings": [{"rid", "active"?, "maxBitrate"?,
 * "minBitrate"?, "maxFramerate"?, "scaleResolutionDownBy"?, "scaleResolutionDownTo"?: {"maxWidth", "maxHeight"},
 * "scalabilityMode"?, "adaptivePtime"?}]}. Called again after a re-offer it keeps each rid's ssrc. The bandwidth that the offer
 * allows (b=TIAS, b=AS) stays the limit of all encodings together. Result text: empty. */
SORA_EXPORT int32_t sora_peer_set_encodings(uint32_t peer, const uint8_t* encodings, uint32_t encodings_size,
                                            uint32_t request);

/* Sends source instead of what was sent on media description mid, without negotiation; source 0: nothing more. Result text:
 * empty. */
SORA_EXPORT int32_t sora_peer_replace_source(uint32_t peer, uint32_t source, const uint8_t* mid, uint32_t mid_size,
                                             uint32_t request);

/* What libwebrtc was told about the sender on media description mid. Result text: JSON {"degradationPreference"?,
 * "encodings": [{"rid", "maxBitrate"?}]}, bit rates in bit/s. */
SORA_EXPORT int32_t sora_peer_get_sender_parameters(uint32_t peer, const uint8_t* mid, uint32_t mid_size, uint32_t request);

/* Makes the answer and applies it locally. Result text: the SDP. */
SORA_EXPORT int32_t sora_peer_create_answer(uint32_t peer, uint32_t request);

/* Statistics. Result text: a JSON array (W3C webrtc-stats). */
SORA_EXPORT int32_t sora_peer_get_stats(uint32_t peer, uint32_t request);

/* Closes the peer with its tracks, data channels and sinks. Returns at once; requests that are pending fail with
 * SORA_ERROR_CLOSED, then SORA_EVENT_CLOSED comes. */
SORA_EXPORT int32_t sora_peer_close(uint32_t peer);

#endif
