import { test } from "node:test";
import { connectScenes, lossyConnectScenes } from "../browser/connect_scenes.ts";
import { endingScenes } from "../browser/ending_scenes.ts";
import { receivedLayerScenes } from "../browser/layer_scenes.ts";
import { mediaScenes } from "../browser/media_scenes.ts";
import { browserTests } from "../browser/scenes.ts";
import { signalingScenes } from "../browser/signaling_scenes.ts";
import { stereoScenes } from "../browser/stereo_scenes.ts";

const tests = browserTests("firefox", "deno", [
  ...mediaScenes,
  ...stereoScenes,
  ...signalingScenes,
  ...endingScenes,
  ...receivedLayerScenes,
  ...connectScenes,
  ...lossyConnectScenes,
]);

for (const { title, play } of tests) test(title, play);
