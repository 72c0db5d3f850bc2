import assert from "node:assert/strict";
import { test } from "node:test";
import { PublishedTrack } from "../../sfu/media/published_track.ts";
import { Subscriber } from "../../sfu/media/subscriber.ts";
import { CodecTable } from "../../sfu/sdp/codecs.ts";
import { FakeTransport } from "../support/fake_transport.ts";

const codecs = new CodecTable();

const track = (streamId: string, kind: "audio" | "video" = "video") =>
  new PublishedTrack({
    kind,
    codec: kind === "video" ? codecs.video("VP8", "")! : codecs.opus,
    streamId,
    requestKeyFrame: () => {},
  });

test("Subscriber: one retransmission stream takes padding for as long as its track is there, then another", () => {
  const transport = new FakeTransport();
  const subscriber = new Subscriber(transport);
  const [sound, a, b, c] = [track("A", "audio"), track("A"), track("B"), track("C")];
  subscriber.setPresent([sound, a, b]);
  subscriber.setTracks([sound, b]);
  assert.deepEqual(transport.paddings, [], "not before the transport is up");
  subscriber.start();
  const paddingOf = ({ rtxSsrc }: PublishedTrack) => ({
    ssrc: rtxSsrc,
    payloadType: 97,
    sequenceNumber: 0,
  });
  assert.deepEqual(transport.paddings, [paddingOf(b)], "the client is ready for no other video");
  subscriber.setPresent([sound, a, b, c]);
  subscriber.setTracks([sound, a, b, c]);
  assert.equal(transport.paddings.length, 1);
  subscriber.setPresent([sound, a, c]);
  subscriber.setTracks([sound, a, c]);
  assert.deepEqual(transport.paddings, [paddingOf(b), paddingOf(a)]);
  subscriber.setPresent([sound]);
  subscriber.setTracks([sound]);
  assert.equal(transport.paddings.length, 2);
});
