/* Data channels that the server opened (RFC 8831, RFC 8832). */
#ifndef SORA_FFI_DATA_CHANNEL_H
#define SORA_FFI_DATA_CHANNEL_H

#include "result.h"

/* Sends a message; binary: 1 binary, 0 UTF-8 text. The bytes are copied. SORA_ERROR_INVALID_STATE unless the channel is
 * open, SORA_ERROR_LIMIT if more than 16 MiB would be buffered for sending. */
SORA_EXPORT int32_t sora_data_channel_send(uint32_t data_channel, const uint8_t* data, uint32_t size, uint32_t binary);

/* Bytes buffered for sending. */
SORA_EXPORT int32_t sora_data_channel_buffered_amount(uint32_t data_channel);

/* Closes the channel on both sides; SORA_EVENT_DATA_CHANNEL_CLOSED reports the end. */
SORA_EXPORT int32_t sora_data_channel_close(uint32_t data_channel);

#endif
