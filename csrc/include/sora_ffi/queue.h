/* The event queue: how native threads report to JavaScript. No native thread ever calls into JavaScript with data; records
 * wait here until JavaScript drains them.
 *
 * Each JavaScript realm makes one queue. States and results are never dropped. Data channel messages are bounded in bytes:
 * beyond the bound a message is dropped and counted (SORA_EVENT_MESSAGES_DROPPED). Lines of the log are bounded as well.
 * Data channels whose label does not start with "#" carry signaling: they share a bound of their own, 64 MiB.
 * Media stays in the bounded buffers of the sinks; only SORA_EVENT_READABLE comes here, at most one per sink at a time.
 *
 * A record is 16 bytes (little endian) and a payload, padded to a multiple of 4:
 *   u32 size       of the payload in bytes, without the padding
 *   u16 type       sora_event
 *   u16 flags      SORA_EVENT_FLAG_*
 *   u32 handle     the object concerned
 *   u32 argument   see sora_event
 */
#ifndef SORA_FFI_QUEUE_H
#define SORA_FFI_QUEUE_H

#include "result.h"

typedef enum sora_event {
  /* A request is done. handle: the peer. argument: the request's number. payload: i32 sora_result, then text: the result
   * (an SDP, a JSON array) if it is SORA_OK, the text of the error otherwise. */
  SORA_EVENT_REQUEST_DONE = 1,
  /* argument: sora_peer_state. */
  SORA_EVENT_PEER_STATE = 2,
  /* A local ICE candidate. payload: JSON {"candidate", "sdpMid", "sdpMLineIndex"}. */
  SORA_EVENT_ICE_CANDIDATE = 3,
  /* A remote track. handle: the peer. argument: the track's handle, or 0 when none was free.
   * payload: JSON {"kind": "audio"|"video", "id", "streamId", "mid", "undecodable"?: {"codecs": [{"name", "parameters"}],
   * "advice"}}. undecodable: no engine decodes it; a transformer gets its encoded frames, unless the handle is 0. */
  SORA_EVENT_TRACK = 4,
  /* A remote track was removed by a re-offer. handle: the peer. argument: the track's handle, still open. */
  SORA_EVENT_TRACK_REMOVED = 5,
  /* The server opened a data channel. handle: the peer. argument: the data channel's handle.
   * payload: JSON {"label", "ordered", "protocol", "maxPacketLifeTime"?, "maxRetransmits"?}. Its state is "open". */
  SORA_EVENT_DATA_CHANNEL = 6,
  /* A data channel was closed. handle: the data channel, now closed. */
  SORA_EVENT_DATA_CHANNEL_CLOSED = 7,
  /* A message. handle: the data channel. flags: SORA_EVENT_FLAG_BINARY. payload: the bytes. */
  SORA_EVENT_MESSAGE = 8,
  /* Messages were dropped because the queue was not drained. handle: the data channel. argument: how many since the last
   * such event. */
  SORA_EVENT_MESSAGES_DROPPED = 9,
  /* A sink or a transformer has something to read. handle: the sink or transformer. Comes again only after it was read until
   * empty (SORA_ERROR_WOULD_BLOCK). */
  SORA_EVENT_READABLE = 10,
  /* The track of a sink ended: what is buffered can still be read, nothing more follows. handle: the sink. */
  SORA_EVENT_ENDED = 11,
  /* A peer or a factory is gone with everything that belonged to it; no more events follow. handle: the peer or factory. */
  SORA_EVENT_CLOSED = 12,
  /* Less is buffered for sending than before. handle: the data channel. argument: bytes still buffered. */
  SORA_EVENT_BUFFERED_AMOUNT = 13,
  /* A line of libwebrtc's log. handle: 0. argument: sora_log_severity. payload: the line. */
  SORA_EVENT_LOG = 14,
  /* ICE and DTLS are up and the certificate is the answer's. handle: the transport. argument: the SRTP profile (IANA). */
  SORA_EVENT_TRANSPORT_CONNECTED = 15,
  /* handle: the transport. The association of SCTP is up. */
  SORA_EVENT_ASSOCIATION = 16,
  /* A message of SCTP. handle: the transport. argument: stream << 16 | payload protocol identifier. payload: the bytes. */
  SORA_EVENT_TRANSPORT_MESSAGE = 17,
  /* The peer sends nothing more on streams of SCTP. handle: the transport. payload: u16 each. */
  SORA_EVENT_STREAMS_RESET = 18,
  /* The messages of SCTP that wait to be sent have fallen to low_water_bytes or below. handle: the transport. */
  SORA_EVENT_WRITABLE = 19,
  /* A transport is of no use any more. handle: the transport. argument: 1 when its certificate was not the answer's.
   * payload: why, for people. */
  SORA_EVENT_TRANSPORT_ENDED = 20,
  /* What the path to the peer carries, as far as its feedback shows. handle: the transport. argument: bit/s. */
  SORA_EVENT_BANDWIDTH = 21,
  /* An encoder or decoder of the peer's factory gave up, and perhaps another engine took over. libwebrtc does not tell whose it
   * was: each peer of the factory has the event. handle: the peer. payload: what happened, for people. */
  SORA_EVENT_CODEC_FAILED = 22
} sora_event;

#define SORA_EVENT_HEADER_SIZE 16
#define SORA_EVENT_FLAG_BINARY 1

/* Makes a queue. max_message_bytes: the bound of waiting messages of data channels whose label starts with "#", in bytes
 * including record headers (65,536 to 1,073,741,824). */
SORA_EXPORT int32_t sora_queue_create(uint32_t max_message_bytes, uint32_t* out_queue);

/* Waits until there is a record (returns 1), until timeout_ms (0 to 3,600,000) has passed or sora_queue_interrupt is called
 * (returns 0), or until the queue is closed (SORA_ERROR_CLOSED). It blocks: never call it on the JavaScript thread. */
SORA_EXPORT int32_t sora_queue_wait(uint32_t queue, uint32_t timeout_ms);

/* Ends the pending sora_queue_wait or, without one, the next. */
SORA_EXPORT int32_t sora_queue_interrupt(uint32_t queue);

/* Sets a function that is called (on any thread, without data) when the queue stops being empty, and not again until it was
 * drained; 0 removes it. Once this has returned, the previous function is not called any more. */
SORA_EXPORT int32_t sora_queue_set_wakeup(uint32_t queue, void (*wakeup)(void));

/* Moves as many whole records as fit into buffer; returns the bytes written, 0 if there was no record.
 * SORA_ERROR_BUFFER_TOO_SMALL if the first does not fit: sora_queue_next_size returns its size. */
SORA_EXPORT int32_t sora_queue_drain(uint32_t queue, uint8_t* buffer, uint32_t size);

/* The bytes of the first record, including header and padding; 0 if there is none. */
SORA_EXPORT int32_t sora_queue_next_size(uint32_t queue);

/* Closes the queue and discards its records. Factories that report to it go on without it; libwebrtc's log ends if the queue
 * receives it. */
SORA_EXPORT int32_t sora_queue_close(uint32_t queue);

#endif
