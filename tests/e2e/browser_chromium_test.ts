import { test } from "node:test";
import { connectScenes } from "../browser/connect_scenes.ts";
import { endingScenes } from "../browser/ending_scenes.ts";
import { receivedLayerScenes, sentLayerScenes } from "../browser/layer_scenes.ts";
import { mediaScenes } from "../browser/media_scenes.ts";
import { browserTests } from "../browser/scenes.ts";
import { signalingScenes } from "../browser/signaling_scenes.ts";
import { stereoScenes } from "../browser/stereo_scenes.ts";

const tests = browserTests("chromium", "bun", [
  ...mediaScenes,
  ...stereoScenes,
  ...signalingScenes,
  ...endingScenes,
  ...receivedLayerScenes,
  ...sentLayerScenes,
  ...connectScenes,
]);

for (const { title, play } of tests) test(title, play);
