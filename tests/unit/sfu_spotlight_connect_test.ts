/** The spotlight that a client or its access token asks for. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { JsonObject } from "../../base/json.ts";
import { admit } from "../../sfu/connection/admission.ts";
import { resolveOptions } from "../../sfu/options/options.ts";
import type { ConnectRequest } from "../../sfu/signaling/connect_request.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";
import { accessToken } from "../support/access_token.ts";

const SECRET = "secret of a test";
const connect = { type: "connect", role: "sendrecv", channel_id: "c" };

/** How a client is received: what it asks for, or the reason it is refused with. */
async function received(message: JsonObject, secret?: string): Promise<ConnectRequest | string> {
  try {
    const config = resolveOptions(secret === undefined ? {} : { secret });
    return (await admit(message, config, [])).request;
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

const byConnect = (members: JsonObject) => received({ ...connect, ...members });
const byToken = (claims: JsonObject) =>
  received({ ...connect, metadata: { access_token: accessToken(claims, SECRET) } }, SECRET);

async function both(asked: JsonObject): Promise<ConnectRequest | string> {
  const answer = await byConnect(asked);
  assert.deepEqual(await byToken(asked), answer, `token: ${JSON.stringify(asked)}`);
  return answer;
}

test("spotlight is read with its properties, and implies simulcast unless that is false", async () => {
  for (
    const [asked, spotlight, layers] of [
      [{ spotlight: true }, {}, 3],
      [{ spotlight: true, simulcast: true, spotlight_number: 8 }, { number: 8 }, 3],
      [{ spotlight: true, simulcast: false, spotlight_number: 1 }, { number: 1 }, undefined],
      [
        { spotlight: true, spotlight_focus_rid: "r2", spotlight_unfocus_rid: "none" },
        { focusRid: "r2", unfocusRid: "none" },
        3,
      ],
      [{ spotlight: false }, undefined, undefined],
    ] as const
  ) {
    const request = await both(asked);
    assert.ok(typeof request !== "string", `${JSON.stringify(asked)}: ${request}`);
    assert.deepEqual(request.spotlight, spotlight);
    assert.equal(request.simulcast?.encodings.length, layers);
  }
});

test("spotlight_encodings of an access token take the place of the default layers", async () => {
  const claims = { spotlight: true, spotlight_encodings: [{ rid: "r0" }, { rid: "r1" }] };
  const request = await byToken(claims);
  assert.ok(typeof request !== "string", String(request));
  assert.deepEqual(request.simulcast?.encodings.map(({ rid }) => rid), ["r0", "r1"]);
});

const refused: readonly (readonly [asked: JsonObject, reason: string])[] = [
  [{ spotlight: "yes" }, "INVALID-SPOTLIGHT"],
  [{ spotlight: true, spotlight_number: 0 }, "INVALID-SPOTLIGHT-NUMBER"],
  [{ spotlight: true, spotlight_number: 9 }, "INVALID-SPOTLIGHT-NUMBER"],
  [{ spotlight: true, spotlight_number: 1.5 }, "INVALID-SPOTLIGHT-NUMBER"],
  [{ spotlight: true, spotlight_number: "3" }, "INVALID-SPOTLIGHT-NUMBER"],
  [{ spotlight: true, spotlight_focus_rid: "r3" }, "INVALID-SPOTLIGHT-FOCUS-RID"],
  [{ spotlight: true, spotlight_unfocus_rid: 0 }, "INVALID-SPOTLIGHT-UNFOCUS-RID"],
  [{ spotlight_number: 3 }, "SPOTLIGHT-NUMBER-WITHOUT-SPOTLIGHT"],
  [{ spotlight: false, spotlight_focus_rid: "r0" }, "SPOTLIGHT-FOCUS-RID-WITHOUT-SPOTLIGHT"],
  [{ spotlight_unfocus_rid: "r0" }, "SPOTLIGHT-UNFOCUS-RID-WITHOUT-SPOTLIGHT"],
  [{ spotlight: true, simulcast_rid: "r0" }, "SIMULCAST-RID-WITH-SPOTLIGHT"],
  [{ spotlight: true, simulcast_request_rid: "r0" }, "SIMULCAST-REQUEST-RID-WITH-SPOTLIGHT"],
];

for (const [asked, reason] of refused) {
  test(`${JSON.stringify(asked)} is refused alike by connect and by token`, async () => {
    assert.equal(await both(asked), reason);
  });
}

test("spotlight_encodings are an access token's, of a spotlight with simulcast, and well formed", async () => {
  const encodings = { spotlight_encodings: [{ rid: "r0" }] };
  for (
    const [claims, reason] of [
      [encodings, "SPOTLIGHT-ENCODINGS-WITHOUT-SPOTLIGHT"],
      [
        { ...encodings, spotlight: true, simulcast: false },
        "SPOTLIGHT-ENCODINGS-WITHOUT-SIMULCAST",
      ],
      [{ spotlight: true, spotlight_encodings: [] }, "INVALID-SPOTLIGHT-ENCODINGS"],
      [{ spotlight: true, spotlight_encodings: [{ rid: "r7" }] }, "INVALID-SPOTLIGHT-ENCODINGS"],
    ] as const
  ) {
    assert.equal(await byToken(claims), reason);
  }
  assert.equal(
    await byConnect({ ...encodings, spotlight: true }),
    "SPOTLIGHT-ENCODINGS-WITHOUT-ACCESS-TOKEN",
  );
});
