import { runsProgram } from "../program_row.ts";
import type { Row } from "../row.ts";

/** Media that is changed on its way. */
export const media: Row = {
  name: "media",
  what:
    "RTP, RTCP and SCTP changed after encryption, encoded frames before it, and packets of a member that mimics others, with each codec",
  asked: "no crash, nobody disconnected, media back afterwards",
  on: "each",
  weight: 4,
  run: runsProgram("media.ts"),
};
