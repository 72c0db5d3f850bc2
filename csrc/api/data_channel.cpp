#include "sora_ffi/data_channel.h"

#include "api/arguments.h"
#include "peer/data_channel.h"

using namespace sora;

SORA_EXPORT int32_t sora_data_channel_send(uint32_t data_channel, const uint8_t* data, uint32_t size, uint32_t binary) {
  return Guard([&] {
    Require(data || size == 0, "data is null");
    RequireFlag("binary", binary);
    Find<DataChannel>(data_channel)->Send(data, size, binary == 1);
    return SORA_OK;
  });
}

SORA_EXPORT int32_t sora_data_channel_buffered_amount(uint32_t data_channel) {
  return Guard([&] { return static_cast<int32_t>(Find<DataChannel>(data_channel)->buffered_amount()); });
}

SORA_EXPORT int32_t sora_data_channel_close(uint32_t data_channel) {
  return Guard([&] {
    Find<DataChannel>(data_channel)->Close();
    return SORA_OK;
  });
}
