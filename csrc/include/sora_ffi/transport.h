/* The server's side of WebRTC transports: ICE-lite (RFC 8445), DTLS-SRTP (RFC 5764) and SCTP (RFC 8261) for the connections of an
 * SFU.
 *
 * A UDP port owns sockets on one address, and a thread that receives, answers ICE and DTLS, decrypts media and runs SCTP for all
 * transports on it. States and messages come over the event queue; media is read in batches with sora_udp_port_read and sent in
 * batches with sora_udp_port_send, which protects a packet once for each transport that it goes to.
 *
 * Times are milliseconds of CLOCK_MONOTONIC. */
#ifndef SORA_FFI_TRANSPORT_H
#define SORA_FFI_TRANSPORT_H

#include "result.h"

/* What a message counts for besides its bytes, see sora_transport_release. */
#define SORA_MESSAGE_OVERHEAD 128

/* Kinds of datagrams that a transport can be made to ignore, see sora_transport_ignore. */
#define SORA_IGNORE_STUN 1
#define SORA_IGNORE_DTLS 2
#define SORA_IGNORE_SCTP 4

/* What a packet with a transport-wide sequence number is, see sora_udp_port_send. */
#define SORA_MEDIA_VIDEO 0
#define SORA_MEDIA_AUDIO 1

/* Binds a socket and starts the thread. host: a numeric address of IPv4 or IPv6, UTF-8. SORA_ERROR_INVALID_ARGUMENT when it is
 * none, SORA_ERROR_UNSUPPORTED when the system refuses it, with its reason. SORA_EVENT_READABLE of the port: media waits. */
SORA_EXPORT int32_t sora_udp_port_open(uint32_t queue, const uint8_t* host, uint32_t host_size, uint32_t* out_port);

/* Writes the SHA-256 fingerprint of the certificate that all transports of the process show, as SDP writes it (RFC 8122);
 * returns its length. */
SORA_EXPORT int32_t sora_udp_port_fingerprint(uint32_t port, uint8_t* buffer, uint32_t size);

/* Moves as many whole media packets as fit into buffer; returns the bytes written, 0 when there was none: only then comes
 * SORA_EVENT_READABLE again (see sora_transport_set_video). A record is 16 bytes (little endian), the packet, and padding to a multiple of 8:
 *   u32 transport
 *   u32 size of the packet; the highest bit is set for RTCP
 *   f64 time of arrival
 * Packets that nobody reads are dropped once 4 MiB wait, and counted. */
SORA_EXPORT int32_t sora_udp_port_read(uint32_t port, uint8_t* buffer, uint32_t size);

/* Sends media. packets: memory that holds the packets, header and payload, up to 2,016 bytes each. commands: for each packet
 *   u32 offset in packets, u32 size; the highest bit is set for RTCP, u32 number of transports that it goes to
 * and then for each of these transports
 *   u32 transport, u32 SSRC, u32 sequence number, u32 timestamp, u32 offset of the transport-wide sequence number in the packet
 *   (0: it has none) << 16 | SORA_MEDIA_*
 * which are written into the header of its copy, with the transport's next number (RTCP is sent unmodified). Video with such a number
 * is paced: it may wait up to a quarter of a second when more comes than the path carries. count: numbers in commands. Returns how many
 * packets were sent at once; of the others, some wait, or had a transport that is closed or not connected, or the socket's buffer was
 * full. */
SORA_EXPORT int32_t sora_udp_port_send(uint32_t port, const uint8_t* packets, uint32_t packets_size,
                                       const uint32_t* commands, uint32_t count);

/* Writes figures of the port: media packets dropped because nobody read them, datagrams that no transport took or that were too
 * large, datagrams that the system refused to send; as many of them as count. */
SORA_EXPORT int32_t sora_udp_port_stats(uint32_t port, double* figures, uint32_t count);

/* Closes the sockets and all transports, whose peers are told. Nothing is reported any more. */
SORA_EXPORT int32_t sora_udp_port_close(uint32_t port);

/* Makes a transport. low_water_bytes: see SORA_EVENT_WRITABLE. out_udp_port: the UDP port of its host candidate.
 * SORA_ERROR_LIMIT beyond 8,192 on a port. */
SORA_EXPORT int32_t sora_transport_create(uint32_t port, uint32_t low_water_bytes, uint32_t* out_transport,
                                          uint32_t* out_udp_port);

/* Writes "UFRAG PASSWORD", the ICE credentials of this side; returns the length. */
SORA_EXPORT int32_t sora_transport_credentials(uint32_t transport, uint8_t* buffer, uint32_t size);

/* Binds it to the peer's answer. text: "UFRAG ALGORITHM FINGERPRINT" of its ICE user name fragment and its certificate, the
 * algorithm as SDP names it (sha-256, sha-384, sha-512), UTF-8. */
SORA_EXPORT int32_t sora_transport_set_remote(uint32_t transport, const uint8_t* text, uint32_t size);

/* Says under which payload type the peer sends video, whose frames end with the marker bit of RTP: SORA_EVENT_READABLE comes with
 * the last packet of a frame, at most 5 ms after its first or once 32 KiB wait, and not with each of them, as long as all is read
 * within 1 ms of the event. Without it, and for all other media, it comes at once. */
SORA_EXPORT int32_t sora_transport_set_video(uint32_t transport, uint32_t payload_type);

/* Says what would be sent to the peer if the path carried it, in bit/s: from its feedback on transport-wide sequence numbers
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01) and from probes that go no further than a little beyond that, what the path
 * carries is found out, and reported with SORA_EVENT_BANDWIDTH. 0, as in the beginning: nothing is probed. */
SORA_EXPORT int32_t sora_transport_want(uint32_t transport, uint32_t bits_per_second);

/* Names the retransmission stream (RFC 4588) on which probes are sent, as packets with nothing but padding. All packets under its SSRC
 * get their sequence numbers here from now on, beginning with sequence. extension: the identifier (1 to 14) of the header extension with
 * transport-wide sequence numbers. Without it, nothing is probed. */
SORA_EXPORT int32_t sora_transport_set_padding(uint32_t transport, uint32_t ssrc, uint32_t payload_type, uint32_t sequence,
                                               uint32_t extension);

/* Sends messages of SCTP. data: memory that holds them one after another. commands: for each message
 *   u32 size (1 to 262,144), u32 stream << 16 | payload protocol identifier, u32 1 if ordered, u32 most retransmissions,
 *   u32 longest life in ms (4,294,967,295 for no limit, both)
 * count: numbers in commands. Returns the bytes that wait to be sent now: SORA_EVENT_WRITABLE follows when they fall to
 * low_water_bytes. Messages beyond 16 MiB are dropped and counted. SORA_ERROR_INVALID_STATE before the association is up. */
SORA_EXPORT int32_t sora_transport_send_messages(uint32_t transport, const uint8_t* data, uint32_t size,
                                                 const uint32_t* commands, uint32_t count);

/* Ends outgoing streams of SCTP (RFC 6525). */
SORA_EXPORT int32_t sora_transport_reset_streams(uint32_t transport, const uint32_t* streams, uint32_t count);

/* Gives received messages back to the window: each that came in SORA_EVENT_TRANSPORT_MESSAGE makes the window that the peer is told
 * smaller by its bytes and SORA_MESSAGE_OVERHEAD, until they are released. */
SORA_EXPORT int32_t sora_transport_release(uint32_t transport, uint32_t bytes);

/* Forgets a media stream of either side, which will send nothing more under its SSRC. */
SORA_EXPORT int32_t sora_transport_forget(uint32_t transport, uint32_t ssrc);

/* Ignores what comes of these kinds (SORA_IGNORE_*) from now on: a server that is told to fail. */
SORA_EXPORT int32_t sora_transport_ignore(uint32_t transport, uint32_t kinds);

/* Writes figures: time when an authentic datagram last came (0: never), packets and bytes received, packets and bytes sent, checks
 * refused, strays, media that was not authentic, DTLS beyond what a handshake needs, media that SRTP refused to send, messages
 * dropped, packets of SCTP dropped, media that could not wait for its time; what the path carries in bit/s (0: not known), its round trip
 * in ms, its share of lost packets from 0 to 1, packets that waited for their time, packets of probes, feedback taken, feedback that was
 * malformed; as many of them as count. */
SORA_EXPORT int32_t sora_transport_stats(uint32_t transport, double* figures, uint32_t count);

/* Ends a transport and tells its peer. Nothing is reported of it any more. */
SORA_EXPORT int32_t sora_transport_close(uint32_t transport);

#endif
