/** What `sora-ffi devices` prints. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deviceJson, deviceTable } from "../../cli/commands/devices.ts";
import { SoraError } from "../../mod.ts";

const found = {
  camera: { devices: [] },
  microphone: {
    devices: [{ device: "pulse:a.monitor", name: "Monitor of A", isDefault: true }],
  },
  audio: { error: new SoraError("LIBRARY_NOT_FOUND", "libportaudio.so.2 could not be loaded") },
};
const headset = {
  index: 3,
  name: "Headset",
  hostApi: "ALSA",
  inputChannels: 1,
  outputChannels: 2,
  sampleRate: 44_100,
  inputLatencyMs: 8.7,
  outputLatencyMs: 8.7,
  isDefaultInput: false,
  isDefaultOutput: true,
};

test("deviceTable has a line for each device, and the reason where none can be listed", () => {
  assert.equal(
    deviceTable(found),
    "camera      none\n" +
      "microphone  pulse:a.monitor  Monitor of A  default\n" +
      "audio       not available: libportaudio.so.2 could not be loaded\n",
  );
  assert.match(
    deviceTable({ ...found, audio: { devices: [headset] } }),
    /^audio +Headset +ALSA, 1 in, 2 out, 44100 Hz +default\n$/m,
  );
});

test("deviceJson has a line of JSON for each device, and one for the reason", () => {
  const lines = deviceJson(found).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines, [
    { kind: "microphone", device: "pulse:a.monitor", name: "Monitor of A", isDefault: true },
    {
      kind: "audio",
      error: "LIBRARY_NOT_FOUND",
      message: "libportaudio.so.2 could not be loaded",
    },
  ]);
});
