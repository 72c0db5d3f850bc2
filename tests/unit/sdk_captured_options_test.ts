/** The check of the options of frames to send: it keeps those of the last frame, and hides no wrong one behind them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type NativeFunctions, VideoFormat } from "../../ffi/mod.ts";
import { CapturedOptions } from "../../sdk/video/captured_options.ts";
import type { SoraCapturedOptions } from "../../sdk/video/chunk.ts";

/** The library's function that computes sizes, for formats without planes; counts its calls. */
function library() {
  let calls = 0;
  const functions = {
    sora_video_frame_size(format: number, width: number, height: number, stride: number) {
      calls++;
      const row = width * (format === VideoFormat.RGBA ? 4 : 3);
      return (stride === 0 ? row : stride) * (height - 1) + row;
    },
  } as unknown as NativeFunctions;
  return { functions, calls: () => calls };
}

const size = { width: 4, height: 2 } as const;

test("equal options of another frame are taken without asking the library again", () => {
  const { functions, calls } = library();
  const options = new CapturedOptions();
  const sent: readonly (readonly [SoraCapturedOptions, number, number])[] = [
    [{ ...size, format: "RGBA", rotation: 90 }, 32, 90],
    [{ rotation: 90, format: "RGBA", ...size }, 32, 90],
    [{ ...size, format: "RGBA", rotation: 90, timestampUs: 5 }, 32, 90],
    [{ ...size, format: "RGBA", rotation: 90, timestampUs: undefined }, 32, 90],
  ];
  for (const [given, bytes, rotation] of sent) {
    options.take(functions, given);
    assert.deepEqual(
      [options.width, options.height, options.bytes, options.rotation, options.format],
      [4, 2, bytes, rotation, VideoFormat.RGBA],
    );
  }
  assert.equal(calls(), 1);
});

test("each option that changes is taken", () => {
  const { functions } = library();
  const options = new CapturedOptions();
  const changes: readonly (readonly [SoraCapturedOptions, Partial<CapturedOptions>])[] = [
    [size, { width: 4, height: 2, format: VideoFormat.BGR, stride: 0, bytes: 24, rotation: 0 }],
    [{ ...size, width: 6 }, { width: 6, bytes: 36 }],
    [{ ...size, height: 4 }, { width: 4, height: 4, bytes: 48 }],
    [{ ...size, format: "RGBA" }, { height: 2, format: VideoFormat.RGBA, bytes: 32 }],
    [{ ...size, stride: 20 }, { format: VideoFormat.BGR, stride: 20, bytes: 32 }],
    [{ ...size, rotation: 180 }, { stride: 0, bytes: 24, rotation: 180 }],
    [size, { rotation: 0 }],
  ];
  for (const [given, expected] of changes) {
    options.take(functions, given);
    for (const [name, value] of Object.entries(expected)) {
      assert.equal(
        options[name as keyof CapturedOptions],
        value,
        `${name} of ${JSON.stringify(given)}`,
      );
    }
  }
});

test("a wrong option is refused after right ones, and right ones are taken after it", () => {
  const { functions } = library();
  const options = new CapturedOptions();
  const right = { ...size, format: "RGBA" } as const;
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /^options must be an object with width and height, not null$/],
    [5, /^options must be an object with width and height, not a number$/],
    [{ ...right, rotate: 90 }, /^options\.rotate is not a known option/],
    [{ ...right, format: undefined, fromat: "RGBA" }, /^options\.fromat is not a known option/],
    [{ ...right, width: "4" }, /^options\.width must be an integer from 2 to 16384, not "4"$/],
    [{ ...right, width: NaN }, /^options\.width must be an integer from 2 to 16384, not NaN$/],
    [{ ...right, height: 1 }, /^options\.height must be an integer from 2 to 16384, not 1$/],
    [{ ...right, format: "YUV" }, /^options\.format must be one of /],
    [{ ...right, stride: 15 }, /^options\.stride must be an integer from 16 to 131072, not 15$/],
    [{ ...right, rotation: 45 }, /^options\.rotation must be one of 0, 90, 180, 270, not 45$/],
  ];
  for (const [given, message] of wrong) {
    options.take(functions, right);
    assert.throws(() => options.take(functions, given as SoraCapturedOptions), { message });
    options.take(functions, right);
    assert.deepEqual([options.width, options.bytes, options.rotation], [4, 32, 0]);
  }
});
