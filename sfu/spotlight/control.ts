/** What the HTTP API and RPC change of a spotlight. */
import type { RidPair } from "./rids.ts";

/** The spotlight of a channel. Connections are its members. */
export interface SpotlightControl {
  /** How many members can be focused. */
  readonly number: number;
  /**
   * Focuses a member. Returns false when all places are fixed.
   *
   * @param fixed keeps the focus until {@linkcode unfocus}; otherwise somebody who speaks may take the place
   */
  focus(connectionId: string, fixed: boolean): boolean;
  /** Takes the focus away, until the member speaks after a pause. */
  unfocus(connectionId: string): void;
  /** Changes how many can be focused. Returns false when more than that are fixed. */
  setNumber(number: number): boolean;
}

/** What one member of a spotlight receives. */
export interface SpotlightReceiver {
  /** Wants these layers of one sender, or of all. Returns false when there is no such sender. */
  request(pair: RidPair, senderId?: string): boolean;
  /** Wants of one sender, or of all, what `connect` asked for. Returns false when there is no such sender. */
  reset(senderId?: string): boolean;
}
