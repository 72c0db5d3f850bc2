/**
 * A program that sends and receives video, and prints for each frame the milliseconds since the previous one.
 * `server ADDRESS`: through a server that it starts at that address;
 * `client URL`: through that server.
 *
 * @module
 */

import process from "node:process";
import { Sora, SoraVideoSink } from "../../mod.ts";
import { SoraServer } from "../../sfu/mod.ts";

const [role = "", where = "", how = ""] = process.argv.slice(2);
const server = role === "server" ? await SoraServer.start({ host: where }) : undefined;
if (server !== undefined) console.log(`url ${server.url}`);

const sora = new Sora();
const source = sora.createVideoSource();
const overData = how !== "websocket";
const connection = sora.createConnection({
  signalingUrls: [server?.url ?? where],
  channelId: "address",
  role: "sendrecv",
  videoCodecType: "VP8",
  videoSource: source,
  audio: false,
  dataChannelSignaling: overData,
  ignoreDisconnectWebSocket: overData,
  ...(role === "client" ? { reconnect: { initialDelayMs: 1 } } : {}),
});
connection.onTrack = async (track) => {
  if (track.kind !== "video") return;
  let last = performance.now();
  for await (const frame of new SoraVideoSink(track)) {
    frame.close();
    const now = performance.now();
    console.log(`frame ${Math.round(now - last)}`);
    last = now;
  }
};
connection.onSignalingMessage = (transport, direction, text) => {
  if (direction === "SENT" && text.includes('"type":"candidate"')) {
    console.log(`candidate ${transport} ${text}`);
  }
};
connection.onSwitched = () => console.log("switched");
connection.onReconnecting = ({ code }) => console.log(`reconnecting ${code}`);
connection.onReconnected = () => console.log("reconnected");
connection.onDisconnect = (code) => console.log(`disconnected ${code}`);
await connection.connect();
console.log(`connected ${connection.connectionId}`);

const size = { width: 320, height: 180 };
const data = new Uint8Array(size.width * size.height * 3 / 2);
setInterval(() => {
  data[0]!++;
  source.onCaptured(data, { ...size, format: "I420" });
}, 33);
