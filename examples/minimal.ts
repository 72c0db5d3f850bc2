/** The smallest client: connects to a channel, prints what happens in it, and leaves. */
import { Sora } from "../mod.ts";
import { openRoom, untilDone } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();
await using connection = sora.createConnection({ ...room.options, role: "recvonly" });

connection.onNotify = (message) => console.log(`Notification: ${message.event_type}`);
connection.onDisconnect = (code, message) => console.log(`Disconnected: ${code}, ${message}`);

await connection.connect();
console.log(`Connected as ${connection.connectionId}`);
await untilDone(2);
