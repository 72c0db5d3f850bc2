/**
 * The results of a negotiation, on their way to the server.
 *
 * @module
 */

import type { OfferMessage } from "../messages/mod.ts";
import { type Ending, INVALID_CANDIDATE, notSent, offerRefused } from "./ending.ts";
import type { Reporter } from "./handlers.ts";
import type { NegotiationOwner, RemoteOffer } from "./negotiation.ts";
import { carrier, isPeerConnected, type State } from "./state.ts";
import type { Timeline } from "./timeline.ts";
import type { Transports } from "./transports.ts";

/** The answers to remote descriptions. */
const ANSWERS = { offer: "answer", "re-offer": "re-answer", update: "update" } as const;

/** Sends answers and candidates over the transport of the present state. */
export class Answers implements NegotiationOwner {
  /** Until it is reported. */
  #offer: { readonly message: OfferMessage; readonly text: string } | undefined;
  readonly #transports: Transports;
  readonly #owner: { readonly reporter: Reporter; readonly timeline: Timeline };
  readonly #state: () => State;
  readonly #close: (ending: Ending) => void;

  /**
   * @param offer The first offer.
   * @param close Ends the connection, because an offer cannot be answered.
   */
  constructor(
    offer: { readonly message: OfferMessage; readonly text: string },
    transports: Transports,
    owner: { readonly reporter: Reporter; readonly timeline: Timeline },
    state: () => State,
    close: (ending: Ending) => void,
  ) {
    this.#offer = offer;
    this.#transports = transports;
    this.#owner = owner;
    this.#state = state;
    this.#close = close;
  }

  /** A remote description was applied. */
  onApplied({ type }: RemoteOffer): void {
    if (type !== "offer" || this.#offer === undefined) return;
    const { reporter, timeline } = this.#owner;
    const { message, text } = this.#offer;
    this.#offer = undefined;
    timeline.end("set-offer");
    timeline.begin("create-answer");
    reporter.emit("onSetOffer", message, text);
  }

  /** An answer is to be sent. */
  onAnswer({ type }: RemoteOffer, sdp: string): void {
    const { timeline } = this.#owner;
    timeline.end("create-answer");
    const answer = ANSWERS[type];
    const over = type === "offer" ? "websocket" : carrier(this.#state());
    const sent = this.#transports.send({ type: answer, sdp }, over);
    if (type === "offer") {
      timeline.begin("peer-connection", "created", "switched");
      // A server may go through ICE and DTLS before it knows the answer, which then waits behind the event of that.
      if (isPeerConnected(this.#state())) timeline.end("peer-connection");
    }
    if (!sent) this.onUnsent(`the answer to ${type}`, this.#transports.failure);
  }

  /** A local candidate is to be sent. */
  onCandidate(candidate: string): void {
    if (typeof candidate !== "string" || /[\r\n]/.test(candidate)) {
      this.#close(INVALID_CANDIDATE);
    } else if (candidate !== "") {
      // A new address may have cut the WebSocket off, so the data channel comes first once signaling has moved there.
      this.#transports.send({ type: "candidate", candidate }, carrier(this.#state()));
    }
  }

  /** A remote description cannot be answered. */
  onRefused(step: "SetOffer" | "CreateAnswer", { type, via }: RemoteOffer, error: unknown): void {
    this.#close(offerRefused(step, type, via, error));
  }

  /** Something that the connection depends on cannot be sent. */
  onUnsent(what: string, error: unknown): void {
    this.#close(notSent(what, error));
  }
}
