import { build } from "../native.ts";
import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** Media that is changed on its way. */
export const media: Row = {
  name: "media",
  what:
    "RTP, RTCP and SCTP changed after encryption, encoded frames before it, and members that send authentic packets and chunks without sense, with each codec",
  asked: "20 of 20 kinds: no crash, nobody disconnected, media back afterwards",
  on: "each",
  weight: 5,
  prepare: (context) => build(context, ["h265-test-library"]),
  run: runsProgram("media.ts"),
};
