#include "offer.h"

#include "harness.h"

std::string MediaOf(const std::string& sdp, std::string_view mid) {
  const std::string line = "\r\na=mid:" + std::string(mid) + "\r\n";
  const size_t at = sdp.find(line);
  if (at == std::string::npos) test::Fail(__FILE__, __LINE__, "no media description has the mid " + std::string(mid));
  const size_t begin = sdp.rfind("\r\nm=", at) + 2;
  const size_t end = sdp.find("\r\nm=", at);
  return sdp.substr(begin, end == std::string::npos ? end : end + 2 - begin);
}

std::string SoraOffer() {
  const std::string transport =
      "c=IN IP4 0.0.0.0\r\n"
      "a=ice-ufrag:soraufrag\r\n"
      "a=ice-pwd:sorapasswordsorapassword\r\n"
      "a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:"
      "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n"
      "a=setup:actpass\r\n"
      "a=candidate:1 1 UDP 2130706431 127.0.0.1 9 typ host generation 0\r\n"
      "a=end-of-candidates\r\n";
  const std::string audio =
      "a=rtcp-mux\r\n"
      "a=rtpmap:109 opus/48000/2\r\n"
      "a=fmtp:109 minptime=10;useinbandfec=1\r\n";
  const std::string video =
      "a=rtcp-mux\r\n"
      "a=rtpmap:120 VP9/90000\r\n"
      "a=fmtp:120 profile-id=0\r\n"
      "a=rtcp-fb:120 nack\r\n"
      "a=rtcp-fb:120 nack pli\r\n"
      "a=rtcp-fb:120 transport-cc\r\n"
      "a=rtpmap:121 rtx/90000\r\n"
      "a=fmtp:121 apt=120\r\n";
  return "v=0\r\n"
         "o=- 1234567890 1 IN IP4 127.0.0.1\r\n"
         "s=-\r\n"
         "t=0 0\r\n"
         "a=group:BUNDLE audio video audio_r video_r data\r\n"
         "a=ice-lite\r\n"
         "a=msid-semantic:WMS *\r\n"
         "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\n" +
         transport + "a=mid:audio\r\na=recvonly\r\n" + audio + "m=video 9 UDP/TLS/RTP/SAVPF 120 121\r\n" + transport +
         "a=mid:video\r\na=recvonly\r\n" + video + "m=audio 9 UDP/TLS/RTP/SAVPF 109\r\n" + transport +
         "a=mid:audio_r\r\na=sendonly\r\na=msid:remote remote-audio\r\n" + audio +
         "a=ssrc:1001 cname:remote\r\n"
         "m=video 9 UDP/TLS/RTP/SAVPF 120 121\r\n" +
         transport + "a=mid:video_r\r\na=sendonly\r\na=msid:remote remote-video\r\n" + video +
         "a=ssrc-group:FID 1002 1003\r\na=ssrc:1002 cname:remote\r\na=ssrc:1003 cname:remote\r\n"
         "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n" +
         transport + "a=mid:data\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
}

std::string SimulcastOffer() {
  std::string offer = SoraOffer();
  constexpr std::string_view recvonly = "a=mid:video\r\na=recvonly\r\n";
  constexpr std::string_view simulcast =
      "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n"
      "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n"
      "a=rid:r0 recv\r\na=rid:r1 recv\r\na=rid:r2 recv\r\na=simulcast:recv r0;r1;r2\r\n";
  offer.insert(offer.find(recvonly) + recvonly.size(), simulcast);
  return offer;
}

std::string WithBandwidth(std::string offer, std::string_view line) {
  for (size_t at = 0; (at = offer.find("m=video", at)) != std::string::npos; ++at) {
    const size_t connection = offer.find("c=", at);
    offer.insert(offer.find("\r\n", connection) + 2, line);
  }
  return offer;
}
