/** Lists of devices and their names, and media that ffmpeg makes up in place of devices. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findDevice } from "../../devices/audio_devices.ts";
import { videoNodes } from "../../devices/capture_devices.ts";
import { cameraInput, microphoneInput } from "../../devices/ffmpeg/inputs.ts";
import { parseAvFoundation, parseDshow, parseSources } from "../../devices/ffmpeg/lists.ts";
import {
  type AudioDevice,
  listMicrophones,
  openAudioInput,
  openAudioOutput,
  openCamera,
  openMicrophone,
} from "../../devices/mod.ts";
import { levelAt } from "../support/tone.ts";

/** Recorded with ffmpeg 5.1 of Debian 12 on a PulseAudio with a null sink. */
const PULSE = `Auto-detected sources for pulse:
* cable.monitor [Monitor of Null Output] (none)
`;
/** Recorded with ffmpeg 5.1 of Debian 12. */
const ALSA = `Auto-detected sources for alsa:
* default [default] (none)
`;
/** In the form that ffmpeg 4 prints, without kinds. */
const PULSE_4 = `Auto-detected sources for pulse:
  alsa_output.pci-0000_00_1f.3.analog-stereo.monitor [Monitor of Built-in Audio [1] Analog Stereo]
* alsa_input.pci-0000_00_1f.3.analog-stereo [Built-in Audio Analog Stereo]
`;
/** In the form that users of macOS have published. */
const AVFOUNDATION = `[AVFoundation indev @ 0x7cf5010140] AVFoundation video devices:
[AVFoundation indev @ 0x7cf5010140] [0] FaceTime HD Camera (Built-in)
[AVFoundation indev @ 0x7cf5010140] [1] USB Camera
[AVFoundation indev @ 0x7cf5010140] [2] Capture screen 0
[AVFoundation indev @ 0x7cf5010140] AVFoundation audio devices:
[AVFoundation indev @ 0x7cf5010140] [0] MacBook Air Microphone
[in#0 @ 0x7cf5010000] Error opening input: Input/output error
`;
/** In the form that users of Windows have published, of ffmpeg 5 and later: two cameras have the same name. */
const DSHOW = `[dshow @ 000001944b227200] "USB2.0 PC CAMERA" (video)
[dshow @ 000001944b227200]   Alternative name "@device_pnp_\\\\?\\usb#vid_1908&pid_2311#1"
[dshow @ 000001944b227200] "USB2.0 PC CAMERA" (video)
[dshow @ 000001944b227200]   Alternative name "@device_pnp_\\\\?\\usb#vid_1908&pid_2311#2"
[dshow @ 000001944b227200] "Virtual Camera" (none)
[dshow @ 000001944b227200]   Alternative name "@device_sw_{860BB310}"
[dshow @ 000001944b227200] "Mikrofon (Realtek(R) Audio)" (audio)
[dshow @ 000001944b227200]   Alternative name "@device_cm_{33D9A762}\\wave_{B1F4}"
dummy: Immediate exit requested
`;
/** The same of ffmpeg 3 and 4. */
const DSHOW_4 =
  `[dshow @ 0000000002f282c0] DirectShow video devices (some may be both video and audio devices)
[dshow @ 0000000002f282c0]  "HP Truevision HD"
[dshow @ 0000000002f282c0]     Alternative name "@device_pnp_\\\\?\\usb#vid_1bcf&pid_2c0e"
[dshow @ 0000000002f282c0] DirectShow audio devices
[dshow @ 0000000002f282c0]  "Internal Microphone Array (IDT High Definition Audio CODEC)"
[dshow @ 0000000002f282c0]     Alternative name "@device_cm_{33D9A762}\\wave_{0384A54D}"
dummy: Immediate exit requested
`;

test("parseSources reads the sources of pulse and alsa, and which is the default", () => {
  assert.deepEqual(parseSources(PULSE), [
    { id: "cable.monitor", name: "Monitor of Null Output", isDefault: true },
  ]);
  assert.deepEqual(parseSources(ALSA), [{ id: "default", name: "default", isDefault: true }]);
  assert.deepEqual(parseSources(PULSE_4), [
    {
      id: "alsa_output.pci-0000_00_1f.3.analog-stereo.monitor",
      name: "Monitor of Built-in Audio [1] Analog Stereo",
      isDefault: false,
    },
    {
      id: "alsa_input.pci-0000_00_1f.3.analog-stereo",
      name: "Built-in Audio Analog Stereo",
      isDefault: true,
    },
  ]);
  assert.deepEqual(parseSources("Cannot list sources: Connection refused\n"), []);
});

test("parseAvFoundation reads cameras without screens, and microphones", () => {
  assert.deepEqual(parseAvFoundation(AVFOUNDATION), {
    cameras: [
      { id: "0", name: "FaceTime HD Camera (Built-in)", isDefault: true },
      { id: "1", name: "USB Camera", isDefault: false },
    ],
    microphones: [{ id: ":0", name: "MacBook Air Microphone", isDefault: true }],
  });
});

test("parseDshow reads both forms, and tells cameras of the same name apart", () => {
  assert.deepEqual(parseDshow(DSHOW), {
    cameras: [
      { id: "video=USB2.0 PC CAMERA", name: "USB2.0 PC CAMERA", isDefault: true },
      {
        id: "video=@device_pnp_\\\\?\\usb#vid_1908&pid_2311#2",
        name: "USB2.0 PC CAMERA",
        isDefault: false,
      },
    ],
    microphones: [
      {
        id: "audio=Mikrofon (Realtek(R) Audio)",
        name: "Mikrofon (Realtek(R) Audio)",
        isDefault: true,
      },
    ],
  });
  const { cameras, microphones } = parseDshow(DSHOW_4.replaceAll("\n", "\r\n"));
  assert.deepEqual(cameras.map(({ name }) => name), ["HP Truevision HD"]);
  assert.deepEqual(microphones.map(({ name }) => name), [
    "Internal Microphone Array (IDT High Definition Audio CODEC)",
  ]);
});

test("videoNodes reads the kernel's list, without the nodes for data about frames", () => {
  const folder = mkdtempSync(join(tmpdir(), "sora-video4linux-"));
  try {
    const nodes = [["video10", "Second", "0"], ["video2", "First", "0"], ["video3", "First", "1"]];
    for (const [node, name, index] of nodes) {
      mkdirSync(join(folder, node!));
      writeFileSync(join(folder, node!, "name"), `${name}\n`);
      writeFileSync(join(folder, node!, "index"), `${index}\n`);
    }
    mkdirSync(join(folder, "v4l-subdev0"));
    assert.deepEqual(videoNodes(folder), [
      { device: "v4l2:/dev/video2", name: "First", isDefault: true },
      { device: "v4l2:/dev/video10", name: "Second", isDefault: false },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.deepEqual(videoNodes(folder), []);
});

test("cameraInput and microphoneInput name devices in ffmpeg's words", () => {
  const form = { width: 320, height: 240, frameRate: 15 };
  const args = ["-framerate", "15", "-video_size", "320x240"];
  const camera = (device: string) => cameraInput(device, form, "device");
  assert.deepEqual(camera("/dev/video1"), {
    format: "v4l2",
    input: "/dev/video1",
    arguments: args,
  });
  assert.deepEqual(camera("v4l2:/dev/video1"), camera("/dev/video1"));
  assert.equal(camera("avfoundation:0").input, "0");
  assert.equal(camera("dshow:video=A: B").input, "video=A: B");
  assert.equal(camera("lavfi:testsrc2").input, "testsrc2=size=320x240:rate=15");
  assert.equal(camera("lavfi:color=c=red").input, "color=c=red");
  const audio = { sampleRate: 16_000, channels: 1 };
  const microphone = (device: string) => microphoneInput(device, audio, "device");
  assert.equal(microphone("alsa:hw:1,0").input, "hw:1,0");
  assert.equal(microphone("avfoundation::2").input, ":2");
  assert.equal(microphone("dshow:audio=A").input, "audio=A");
  for (
    const [input, wrong] of [[camera, "pulse:a"], [microphone, "v4l2:a"], [
      camera,
      "video0",
    ]] as const
  ) {
    assert.throws(() => input(wrong), {
      name: "TypeError",
      message: /^device must be FORMAT:INPUT with a format of .*, not "/,
    });
  }
  assert.throws(() => camera("constructor:a"), TypeError);
});

function device(index: number, name: string, inputs: number, outputs: number): AudioDevice {
  return {
    index,
    name,
    hostApi: "ALSA",
    inputChannels: inputs,
    outputChannels: outputs,
    sampleRate: 48_000,
    inputLatencyMs: 10,
    outputLatencyMs: 10,
    isDefaultInput: index === 1,
    isDefaultOutput: index === 2,
  };
}

test("findDevice finds a device by index, name, a part of it, or as the default", () => {
  const devices = [
    device(0, "USB Headset: Audio (hw:1,0)", 1, 2),
    device(1, "USB Headset", 1, 0),
    device(2, "Speakers", 0, 2),
  ];
  const find = (wanted: number | string | undefined, direction: "input" | "output" = "input") =>
    findDevice(devices, wanted, direction).index;
  assert.equal(find(undefined), 1);
  assert.equal(find(undefined, "output"), 2);
  assert.equal(find(0), 0);
  assert.equal(find("USB Headset"), 1);
  assert.equal(find("HW:1"), 0);
  const refused = { name: "SoraError", code: "DEVICE_FAILED" };
  assert.throws(() => find(2), {
    ...refused,
    message: /^No device 2 records audio: the devices are/,
  });
  assert.throws(() => find("headset"), {
    ...refused,
    message: /fits 2 devices: USB Headset: .*, USB/,
  });
  assert.throws(() => findDevice([], undefined, "output"), {
    ...refused,
    message: "No default device plays audio: no device here plays audio",
  });
});

test("wrong options of devices are refused by name", async () => {
  const wrong: readonly (readonly [() => Promise<unknown>, RegExp])[] = [
    [
      () => openAudioInput({ channels: 9 }),
      /^options.channels must be an integer from 1 to 8, not 9$/,
    ],
    [() => openAudioOutput({ latencyMs: 0 }), /^options.latencyMs must be a number from 1 to 2000/],
    [() => openAudioInput({ device: "" }), /^options.device must not be empty$/],
    [() => openAudioInput({ rate: 1 } as never), /^options.rate is not a known option/],
    [() => openCamera({ width: 1 }), /^options.width must be an integer from 2 to 8192, not 1$/],
    [
      () => openMicrophone({ channels: 3 }),
      /^options.channels must be an integer from 1 to 2, not 3$/,
    ],
    [() => listMicrophones({ ffmpeg: 1 } as never), /^options.ffmpeg must be a string, not 1$/],
  ];
  for (const [call, message] of wrong) await assert.rejects(call, { message });
  const missing = {
    code: "FFMPEG_NOT_FOUND",
    message: /^no-ffmpeg was not found in PATH: install/,
  };
  await assert.rejects(listMicrophones({ ffmpeg: "no-ffmpeg" }), missing);
});

test("openCamera gives frames of the size that was asked for, and a camera that is not there is named", async () => {
  await using camera = await openCamera({ device: "lavfi:testsrc2", width: 322, height: 180 });
  assert.deepEqual(camera.video, { width: 322, height: 180, frameRate: 30 });
  for await (const item of camera) {
    assert.ok(item.kind === "video" && item.data.length === 322 * 180 * 1.5);
    break;
  }
  await assert.rejects(openCamera({ device: "/dev/video99" }), {
    code: "FFMPEG_FAILED",
    message: /^ffmpeg could not read v4l2 \/dev\/video99: /,
  });
});

test("openMicrophone gives blocks of 10 ms", async () => {
  await using microphone = await openMicrophone({ device: "lavfi:sine", sampleRate: 16_000 });
  let blocks = 0;
  for await (const item of microphone) {
    assert.ok(item.kind === "audio" && item.samples.length === 160);
    // ffmpeg's sine is an eighth of full scale.
    const level = levelAt(item.samples, 16_000, 440);
    if (blocks > 0) assert.ok(Math.abs(level - 4_096 / Math.SQRT2) < 400, `${level}`);
    if (++blocks === 100) break;
  }
});
