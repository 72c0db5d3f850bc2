/** Simulcast as `connect` and access tokens ask for it: what is taken, and what contradicts itself. */

import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { JsonObject, JsonValue } from "../../base/json.ts";
import { parseConnect } from "../../sfu/signaling/connect_request.ts";
import { Refusal } from "../../sfu/signaling/refusal.ts";

const simulcastOf = (members: JsonObject) =>
  parseConnect({ role: "sendrecv", channel_id: "c", simulcast: true, ...members }).simulcast;

/** The reason that it is refused with. */
function reasonOf(members: JsonObject): string {
  try {
    simulcastOf(members);
    return "not refused";
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
}

test("parseConnect: by default three layers of Sora's sizes, all rids by RPC, and no rid", () => {
  const simulcast = simulcastOf({})!;
  const scalabilityMode = "L1T1";
  assert.deepEqual(simulcast.encodings.map(({ parameters }) => parameters), [
    { rid: "r0", active: true, scaleResolutionDownBy: 4, scalabilityMode },
    { rid: "r1", active: true, scaleResolutionDownBy: 2, scalabilityMode },
    { rid: "r2", active: true, scaleResolutionDownBy: 1, scalabilityMode },
  ]);
  assert.deepEqual(simulcast.rpcRids, ["none", "r0", "r1", "r2"]);
  assert.equal(simulcast.rid, undefined);
  assert.equal(simulcastOf({ simulcast: false }), undefined);
});

test("parseConnect: simulcast_request_rid comes before simulcast_rid", () => {
  assert.equal(simulcastOf({ simulcast_rid: "r1" })?.rid, "r1");
  assert.equal(simulcastOf({ simulcast_rid: "r1", simulcast_request_rid: "none" })?.rid, "none");
});

test("parseConnect: encodings go into the offer as they are", () => {
  const encodings = [
    { rid: "r0", maxBitrate: 100_000, minBitrate: 100_000, maxFramerate: 7.5 },
    { rid: "r1", active: false, scaleResolutionDownBy: 1.5, adaptivePtime: false },
    {
      rid: "r2",
      active: false,
      scaleResolutionDownTo: { maxWidth: 640, maxHeight: 360 },
      scalabilityMode: "L1T3",
    },
  ];
  const simulcast = simulcastOf({ simulcast_encodings: encodings });
  assert.deepEqual(simulcast?.encodings.map(({ rid, active }) => [rid, active]), [
    ["r0", true],
    ["r1", false],
    ["r2", false],
  ]);
  assert.deepEqual(simulcast?.encodings.map(({ parameters }) => parameters), [
    { ...encodings[0], active: true },
    encodings[1],
    encodings[2],
  ]);
});

const to = { maxWidth: 640, maxHeight: 360 };
const wrongEncodings: [what: string, value: JsonValue][] = [
  ["no list", { rid: "r0" }],
  ["none", []],
  ["four", ["r0", "r1", "r2", "r2"].map((rid) => ({ rid }))],
  ["no object", ["r0"]],
  ["no rid", [{ active: true }]],
  ["an unknown rid", [{ rid: "r3" }]],
  ["a rid twice", [{ rid: "r0" }, { rid: "r0" }]],
  ["another order", [{ rid: "r1" }, { rid: "r0" }]],
  ["an unknown property", [{ rid: "r0", priority: "high" }]],
  ["a property of every object", [{ rid: "r0", constructor: 1 }]],
  ["active as text", [{ rid: "r0", active: "true" }]],
  ["no bit rate", [{ rid: "r0", maxBitrate: 0 }]],
  ["part of a bit", [{ rid: "r0", minBitrate: 0.5 }]],
  ["a minimum above the maximum", [{ rid: "r0", minBitrate: 2, maxBitrate: 1 }]],
  ["no frames", [{ rid: "r0", maxFramerate: 0 }]],
  ["larger frames", [{ rid: "r0", scaleResolutionDownBy: 0.5 }]],
  ["half a size", [{ rid: "r0", scaleResolutionDownTo: { maxWidth: 640 } }]],
  ["a size of text", [{ rid: "r0", scaleResolutionDownTo: { maxWidth: "640", maxHeight: 360 } }]],
  ["sizes of some active layers", [{ rid: "r0", scaleResolutionDownTo: to }, { rid: "r1" }]],
  ["several layers of one stream", [{ rid: "r0", scalabilityMode: "L3T3" }]],
  ["a codec of its own", [{ rid: "r0", codec: { mimeType: "video/VP8", clockRate: 90_000 } }]],
];
for (const [what, value] of wrongEncodings) {
  test(`parseConnect refuses simulcast_encodings with ${what}`, () => {
    assert.equal(reasonOf({ simulcast_encodings: value }), "INVALID-SIMULCAST-ENCODINGS");
  });
}

const wrong: [members: JsonObject, reason: string][] = [
  [{ simulcast_rpc_rids: "r0" }, "INVALID-SIMULCAST-RPC-RIDS"],
  [{ simulcast_rpc_rids: ["r0", "r0"] }, "INVALID-SIMULCAST-RPC-RIDS"],
  [{ simulcast_rpc_rids: ["auto"] }, "INVALID-SIMULCAST-RPC-RIDS"],
  [{ simulcast: false, simulcast_rpc_rids: ["r0"] }, "SIMULCAST-RPC-RIDS-WITHOUT-SIMULCAST"],
  [
    { simulcast: false, simulcast_encodings: [{ rid: "r0" }] },
    "SIMULCAST-ENCODINGS-WITHOUT-SIMULCAST",
  ],
  [{ simulcast_rid: "r9" }, "INVALID-SIMULCAST-RID"],
];
for (const [members, reason] of wrong) {
  test(`parseConnect refuses ${JSON.stringify(members)}`, () => {
    assert.equal(reasonOf(members), reason);
  });
}
