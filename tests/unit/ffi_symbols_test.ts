import assert from "node:assert/strict";
import { test } from "node:test";
import * as constants from "../../ffi/constants.ts";
import { type NativeParameter, type NativeSymbol, symbols } from "../../ffi/symbols.ts";
import { headerEnum, headerMacro, headerPrototypes, normalized } from "../support/header.ts";

const table = Object.entries<NativeSymbol>(symbols);

function crossing(parameter: string): NativeParameter {
  if (parameter.includes("(*")) return "callback";
  if (parameter.includes("*")) return "buffer";
  const type = parameter.slice(0, parameter.lastIndexOf(" "));
  const known: Record<string, NativeParameter> = { uint32_t: "u32", int32_t: "i32", double: "f64" };
  return known[type] ?? assert.fail(`${parameter} cannot cross`);
}

function parametersOf(prototype: string): string[] {
  const inner = prototype.slice(prototype.indexOf("(") + 1, -1);
  return inner === "void" ? [] : inner.split(",");
}

test("symbols has every function of the headers and no other", () => {
  assert.deepEqual(table.map(([name]) => name).sort(), [...headerPrototypes().keys()].sort());
});

test("symbols states each prototype as the header does", () => {
  const header = headerPrototypes();
  for (const [name, { prototype }] of table) {
    assert.equal(normalized(prototype), header.get(name));
  }
});

test("symbols passes each argument and result as its prototype declares", () => {
  for (const [name, { prototype, parameters, result }] of table) {
    const text = normalized(prototype);
    assert.deepEqual(parametersOf(text).map(crossing), parameters, name);
    assert.equal(text.split(" ")[0], result === "u32" ? "uint32_t" : "int32_t", name);
  }
});

test("symbols calls what blocks, and nothing else, beside the JavaScript thread", () => {
  const blocking = table.filter(([, { nonblocking }]) => nonblocking).map(([name]) => name);
  assert.deepEqual(blocking, ["sora_queue_wait"]);
});

test("constants are those of the headers", () => {
  assert.equal(constants.ABI_VERSION, headerMacro("SORA_ABI_VERSION"));
  assert.equal(constants.EVENT_HEADER_SIZE, headerMacro("SORA_EVENT_HEADER_SIZE"));
  assert.equal(constants.EVENT_FLAG_BINARY, headerMacro("SORA_EVENT_FLAG_BINARY"));
  assert.equal(constants.MESSAGE_OVERHEAD, headerMacro("SORA_MESSAGE_OVERHEAD"));
  for (const [kind, value] of Object.entries(constants.Ignore)) {
    assert.equal(value, headerMacro(`SORA_IGNORE_${kind}`));
  }
  assert.deepEqual(constants.Result, headerEnum("sora_result", "SORA_"));
  assert.deepEqual(constants.EventType, headerEnum("sora_event", "SORA_EVENT_"));
  assert.deepEqual(constants.PeerState, headerEnum("sora_peer_state", "SORA_PEER_STATE_"));
  assert.deepEqual(constants.VideoFormat, headerEnum("sora_video_format", "SORA_VIDEO_FORMAT_"));
  assert.deepEqual(constants.VideoInfo, headerEnum("sora_video_info", "SORA_VIDEO_INFO_"));
  assert.deepEqual(constants.AudioInfo, headerEnum("sora_audio_info", "SORA_AUDIO_INFO_"));
  assert.deepEqual(
    constants.FrameDirection,
    headerEnum("sora_frame_direction", "SORA_FRAME_DIRECTION_"),
  );
  assert.deepEqual(
    constants.AudioFrameType,
    headerEnum("sora_audio_frame_type", "SORA_AUDIO_FRAME_TYPE_"),
  );
  assert.deepEqual(
    constants.TransformerInfo,
    headerEnum("sora_transformer_info", "SORA_TRANSFORMER_INFO_"),
  );
  assert.deepEqual(constants.LogSeverity, headerEnum("sora_log_severity", "SORA_LOG_SEVERITY_"));
});
