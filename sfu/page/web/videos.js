/** The videos of members, each with its name. */
import { create, element } from "./dom.js";

/** @type {Map<string, HTMLElement>} */
const figures = new Map();

/**
 * Shows a stream. Its audio is heard as well, unless it is the own one.
 *
 * @param {MediaStream} stream
 * @param {string} caption
 */
export function showStream(stream, caption, isOwn = false) {
  if (figures.has(stream.id)) return;
  const figure = create("figure");
  const video = create("video");
  video.autoplay = true;
  video.playsInline = true;
  video.muted = isOwn;
  video.srcObject = stream;
  figure.classList.toggle("own", isOwn);
  figure.append(video, create("figcaption", caption));
  figures.set(stream.id, figure);
  element("div", "videos").append(figure);
}

/**
 * Removes a stream.
 *
 * @param {string} id
 */
export function hideStream(id) {
  const figure = figures.get(id);
  const video = figure?.querySelector("video");
  if (video) video.srcObject = null;
  figure?.remove();
  figures.delete(id);
}

/** Removes all. */
export function hideAll() {
  for (const id of [...figures.keys()]) hideStream(id);
}
