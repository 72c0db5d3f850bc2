/** The membership of this page in a channel, with the official SDK for browsers. */
// @ts-ignore: the server has the SDK under this name
import Sora from "./sora.js";
import { accessToken } from "./token.js";
import { hideAll, hideStream, showStream } from "./videos.js";

/**
 * @typedef {{
 *   url: string,
 *   channel: string,
 *   role: "sendrecv" | "sendonly" | "recvonly",
 *   codec: string,
 *   camera: boolean,
 *   microphone: boolean,
 *   simulcast: boolean,
 *   spotlight: boolean,
 *   secret: string,
 * }} Choices
 */

/** @param {Choices} choices */
async function openDevices({ role, camera, microphone }) {
  if (role === "recvonly" || (!camera && !microphone)) return undefined;
  if (navigator.mediaDevices === undefined) {
    throw new Error("Browsers lend camera and microphone to https: and loopback addresses alone");
  }
  return await navigator.mediaDevices.getUserMedia({
    audio: microphone,
    video: camera ? { width: { ideal: 1280 }, height: { ideal: 720 } } : false,
  });
}

/** @param {MediaStream | undefined} stream */
function closeDevices(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export class Room {
  /** @type {any} */
  #connection;
  /** @type {MediaStream | undefined} */
  #stream;
  #left = false;

  /**
   * @param {any} connection
   * @param {MediaStream | undefined} stream
   */
  constructor(connection, stream) {
    this.#connection = connection;
    this.#stream = stream;
  }

  /**
   * Joins a channel.
   *
   * @param {Choices} choices
   * @param {(reason: string) => void} onEnd called once, if it ends otherwise than by `leave()`
   * @returns {Promise<Room>}
   */
  static async join(choices, onEnd) {
    const { url, channel, role, codec, simulcast, spotlight, secret } = choices;
    const metadata = secret === "" ? null : { access_token: await accessToken(secret, channel) };
    const stream = await openDevices(choices);
    const receives = role !== "sendonly";
    const connection = Sora.connection(url)[role](channel, metadata, {
      audio: receives || choices.microphone,
      video: receives || choices.camera,
      videoCodecType: codec,
      ...(simulcast ? { simulcast: true } : {}),
      ...(spotlight ? { spotlight: true } : {}),
    });
    const room = new Room(connection, stream);
    connection.on("track", (/** @type {RTCTrackEvent} */ { streams: [remote] }) => {
      if (remote !== undefined) showStream(remote, remote.id);
    });
    connection.on("removetrack", (/** @type {{ target: MediaStream }} */ { target }) => {
      if (target.getTracks().length === 0) hideStream(target.id);
    });
    connection.on("disconnect", (/** @type {{ reason?: string, title: string }} */ event) => {
      if (room.#close()) onEnd(event.reason || event.title);
    });
    try {
      await connection.connect(...(stream === undefined ? [] : [stream]));
    } catch (error) {
      room.#close();
      throw error;
    }
    if (stream !== undefined) showStream(stream, "you", true);
    return room;
  }

  /** Whether it sends this kind of media. @param {"audio" | "video"} kind */
  sends(kind) {
    return this.#stream?.getTracks().some((track) => track.kind === kind) === true;
  }

  /**
   * Sends silence or black frames, or what the device has again.
   *
   * @param {"audio" | "video"} kind
   * @param {boolean} isOn
   */
  enable(kind, isOn) {
    for (const track of this.#stream?.getTracks() ?? []) {
      if (track.kind === kind) track.enabled = isOn;
    }
  }

  /** Leaves the channel. */
  async leave() {
    if (this.#close()) await this.#connection.disconnect();
  }

  /** Lets go of devices and videos; false when that was done before. */
  #close() {
    if (this.#left) return false;
    this.#left = true;
    closeDevices(this.#stream);
    hideAll();
    return true;
  }
}
