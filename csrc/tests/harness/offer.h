// An offer as Sora makes it, and what tests look for in an answer.
#ifndef SORA_TESTS_OFFER_H
#define SORA_TESTS_OFFER_H

#include <string>
#include <string_view>

// ICE-lite, BUNDLE, DTLS: "audio" and "video" that Sora receives, "audio_r" and "video_r" of the stream "remote" that it
// sends, and data channels.
std::string SoraOffer();

// The lines of one media description of an SDP.
std::string MediaOf(const std::string& sdp, std::string_view mid);

// SoraOffer with three simulcast encodings, r0 to r2, in the first description of video, which the client is to send.
std::string SimulcastOffer();

// An offer with a line b= in each description of video.
std::string WithBandwidth(std::string offer, std::string_view line);

#endif
