// The bandwidth that an offer allows for video, applied to the encodings.
#ifndef SORA_PEER_SEND_LIMITS_H
#define SORA_PEER_SEND_LIMITS_H

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/rtp_parameters.h"
#include "pc/session_description.h"

namespace sora {

// libwebrtc applies the limit of one media description (b=AS of RFC 8866, b=TIAS of RFC 3890, x-google-max-bitrate) to the whole
// call: its estimate stops there, and its pacer spreads each large frame over the time that the limit leaves. As the maximum of
// the encodings it limits the encoder alone.
class SendLimits {
 public:
  // Moves the limits of the video of an offer here, replacing those of the offer before.
  void Take(cricket::SessionDescription& offer);

  // Remembers the bit rates requested for the encodings of a mid, independent of what the offer allows.
  void Request(const std::string& mid, const std::vector<webrtc::RtpEncodingParameters>& encodings);

  // Sets the bit rates of the encodings of a mid that has requested any: the requested ones, limited to the encoding's share of
  // what the offer allows. Returns whether that changes anything.
  bool Apply(const std::string& mid, webrtc::RtpParameters& parameters) const;

 private:
  struct Requested {
    std::optional<int> min_bitrate_bps, max_bitrate_bps;
  };

  std::map<std::string, double> allowed_;                    // bit/s, by mid
  std::map<std::string, std::vector<Requested>> requested_;  // by mid, one for each encoding
};

}  // namespace sora

#endif
