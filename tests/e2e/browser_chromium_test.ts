import { mediaScenes } from "../browser/media_scenes.ts";
import { browserTests } from "../browser/scenes.ts";

browserTests("chromium", "bun", [...mediaScenes]);
