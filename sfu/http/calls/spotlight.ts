/** Calls on the spotlight of a channel, and on what one of its members receives. */
import { isSpotlightNumber, requestRid } from "../../signaling/spotlight_request.ts";
import type { SpotlightControl, SpotlightReceiver } from "../../spotlight/control.ts";
import {
  answer,
  type ApiAnswer,
  type ApiTarget,
  type Call,
  type Calls,
  onChannel,
  onConnection,
  text,
} from "../call.ts";
import type { JsonObject } from "../../../base/json.ts";

/** A call on a member's focus, which answers with the body's own ids. */
function onFocus(run: (spotlight: SpotlightControl, connectionId: string) => boolean): Call {
  return onConnection((target, channel_id, connection_id) => {
    const member = target.connections(channel_id)?.find(({ id }) => id === connection_id);
    if (member === undefined) return false;
    const spotlight = target.spotlight(channel_id);
    if (spotlight === undefined) return disabled();
    // There is nothing of it to hear or see, and somebody else would lose the place.
    if (member.role === "recvonly") return refused("SPOTLIGHT-RECVONLY");
    if (!run(spotlight, connection_id)) return refused("SPOTLIGHT-FIXED");
    return answer({ channel_id, connection_id });
  });
}

/** A call on what a connection receives of one sender, or of all. */
function onReceiver(
  run: (receiver: SpotlightReceiver, sender: string | undefined, body: JsonObject) => ApiAnswer,
): Call {
  return (body, target: ApiTarget) => {
    const channelId = text(body, "channel_id");
    const receiverId = text(body, "recv_connection_id");
    const { send_connection_id: sender } = body;
    if (channelId === undefined || receiverId === undefined) return undefined;
    if (sender !== undefined && typeof sender !== "string") return undefined;
    const connection = target.connection(channelId, receiverId);
    if (connection === undefined) return false;
    const { spotlightReceiver: receiver } = connection;
    return receiver === undefined ? disabled() : run(receiver, sender, body);
  };
}

function refused(errorType: string): ApiAnswer {
  return { status: 400, body: { error_type: errorType } };
}

/** The channel or the connection has no spotlight. */
function disabled(): ApiAnswer {
  return refused("SPOTLIGHT-DISABLED");
}

export const SPOTLIGHT_CALLS: Calls = {
  "Sora_20200807.FocusSpotlight": onFocus((spotlight, id) => spotlight.focus(id, false)),
  "Sora_20200807.FocusSpotlightFixed": onFocus((spotlight, id) => spotlight.focus(id, true)),
  "Sora_20200807.UnfocusSpotlight": onFocus((spotlight, id) => {
    spotlight.unfocus(id);
    return true;
  }),
  "Sora_20200807.ChangeSpotlightNumber": onChannel((target, channel_id, { spotlight_number }) => {
    if (!isSpotlightNumber(spotlight_number)) return undefined;
    if (target.connections(channel_id) === undefined) return false;
    const spotlight = target.spotlight(channel_id);
    if (spotlight === undefined) return disabled();
    if (!spotlight.setNumber(spotlight_number)) return refused("SPOTLIGHT-FIXED");
    return answer({ channel_id, spotlight_number });
  }),
  "Sora_20211215.RequestSpotlightRid": onReceiver((receiver, sender, body) => {
    const focus = requestRid(body.spotlight_focus_rid);
    const unfocus = requestRid(body.spotlight_unfocus_rid);
    if (focus === undefined || unfocus === undefined) return undefined;
    return receiver.request({ focus, unfocus }, sender) && answer(body);
  }),
  "Sora_20211215.ResetSpotlightRid": onReceiver((receiver, sender, body) =>
    receiver.reset(sender) && answer(body)
  ),
};
