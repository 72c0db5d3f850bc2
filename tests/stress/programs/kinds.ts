/** The codecs and transports that programs of many connections take in turn. */
import { Sora } from "../../../mod.ts";
import { openh264Files } from "../../support/codec_libraries.ts";

const openh264 = [...openh264Files.values()].at(-1);

/** Codecs that this machine has. */
export const CODECS = [
  "VP8",
  "VP9",
  "AV1",
  ...(openh264 === undefined ? [] : ["H264"] as const),
] as const;

/** Signaling over the WebSocket, over data channels beside it, and over data channels alone. */
export const TRANSPORTS = [
  {},
  { dataChannelSignaling: true },
  { dataChannelSignaling: true, ignoreDisconnectWebSocket: true },
] as const;

/** A `Sora` with all of {@link CODECS}. */
export const open = (): Sora => new Sora(openh264 === undefined ? {} : { openh264 });
