/** What a member of a spotlight receives of the others, by who has the focus. */
import type { FocusPolicy } from "../media/subscriber.ts";
import type { ServerConfig } from "../options/options.ts";
import type { RequestRid } from "../sdp/rids.ts";
import type { SpotlightRequest } from "../signaling/spotlight_request.ts";
import type { SpotlightReceiver } from "../spotlight/control.ts";
import { type RidPair, SpotlightRids } from "../spotlight/rids.ts";
import type { Channel } from "./channel.ts";

export class MemberSpotlight implements FocusPolicy, SpotlightReceiver {
  readonly #channel: Channel;
  readonly #rids: SpotlightRids;
  readonly #isOther: (senderId: string) => boolean;
  readonly #onChanged: () => void;

  /**
   * @param id the receiver's connection id
   * @param onChanged applies what is to be received to the media
   */
  constructor(
    id: string,
    request: SpotlightRequest,
    config: ServerConfig,
    channel: Channel,
    onChanged: () => void,
  ) {
    this.#channel = channel;
    this.#onChanged = onChanged;
    this.#isOther = (senderId) =>
      senderId !== id && channel.members.some((member) => member.id === senderId);
    this.#rids = new SpotlightRids({
      focus: request.focusRid ?? config.defaultSpotlightFocusRid,
      unfocus: request.unfocusRid ?? config.defaultSpotlightUnfocusRid,
    });
  }

  hears(senderId: string): boolean {
    return this.#channel.spotlight?.isFocused(senderId) === true;
  }

  rid(senderId: string): RequestRid {
    return this.#rids.of(senderId, this.hears(senderId));
  }

  request(pair: RidPair, senderId?: string): boolean {
    if (senderId !== undefined && !this.#isOther(senderId)) return false;
    this.#rids.request(pair, senderId);
    this.#onChanged();
    return true;
  }

  reset(senderId?: string): boolean {
    if (senderId !== undefined && !this.#isOther(senderId)) return false;
    this.#rids.reset(senderId);
    this.#onChanged();
    return true;
  }

  /** Forgets what was requested of members who left. */
  onMembersChanged(): void {
    this.#rids.retain(this.#isOther);
  }
}
