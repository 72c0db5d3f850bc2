/** The phases of a connection, and the refusal of a client that is too slow in one. */
import { Refusal } from "../signaling/refusal.ts";

/** From `connect` over `answer` and the transport to `connection.created`. */
export type ConnectionPhase = "connecting" | "answering" | "establishing" | "created" | "ended";

/** The refusal of a client that takes too long in a phase. */
export function timeoutRefusal(phase: ConnectionPhase): Refusal {
  switch (phase) {
    case "connecting":
      return new Refusal("CONNECT-WAIT-TIMEOUT-ERROR", "no connect message came in time");
    case "establishing":
      return new Refusal(
        "CONNECTION-CREATED-WAIT-TIMEOUT-ERROR",
        "ICE and DTLS took too long",
      );
    default:
      return new Refusal("ANSWER-TIMEOUT-ERROR", "no answer came in time");
  }
}

/** The refusal that an error means for the connection in which it was thrown. */
export function asRefusal(error: unknown): Refusal {
  return error instanceof Refusal ? error : new Refusal("INTERNAL-ERROR", String(error));
}
