// The four packets that bring up an association, when the path is slow.
#include "../harness/harness.h"
#include "sctp_peer.h"

namespace {

using namespace test;

TEST(transport_sctp_takes_the_first_answer_to_an_init_that_was_repeated) {
  SctpPeer peer(1, 64 * 1024, 3);
  REQUIRE(peer.connected);
  peer.Send({Data(peer.tsn, 0, 0, Bytes(10))});
  REQUIRE(peer.messages == 1);
}

}  // namespace
