/** How far a connection has come, and what it means when it comes no further. */
import { Refusal } from "../signaling/refusal.ts";

/** How far a connection has come. */
export type ConnectionPhase = "connecting" | "answering" | "establishing" | "created" | "ended";

/** The refusal of a client that takes too long in a phase. */
export function timeoutRefusal(phase: ConnectionPhase): Refusal {
  switch (phase) {
    case "connecting":
      return new Refusal("CONNECT-WAIT-TIMEOUT-ERROR", "No connect message came in time.");
    case "establishing":
      return new Refusal(
        "CONNECTION-CREATED-WAIT-TIMEOUT-ERROR",
        "ICE and DTLS took too long.",
      );
    default:
      return new Refusal("ANSWER-TIMEOUT-ERROR", "No answer came in time.");
  }
}

/** What anything that was thrown means for the connection it was thrown for. */
export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal("INTERNAL-ERROR", String(error));
}
