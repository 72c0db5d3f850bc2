/** Messaging: two members of a channel send each other messages over data channels, with events and with streams. */
import { Sora, type SoraConnection } from "../mod.ts";
import { openRoom } from "./support.ts";

await using room = await openRoom();
await using sora = new Sora();

function member(): SoraConnection {
  return sora.createConnection({
    ...room.options,
    role: "recvonly",
    dataChannelSignaling: true,
    dataChannels: [
      { label: "#chat", direction: "sendrecv", header: [{ type: "sender_connection_id" }] },
      { label: "#file", direction: "sendrecv", compress: true },
    ],
  });
}

await using alice = member();
await using bob = member();

// Messages one by one. The sender is known because the data channel asked for that header.
const answered = Promise.withResolvers<void>();
bob.onMessage = (label, data, { senderConnectionId }) => {
  if (label !== "#chat") return;
  console.log(`Bob got "${new TextDecoder().decode(data)}" from ${senderConnectionId}`);
  bob.sendDataChannel("#chat", "Hello, Alice!");
};
alice.onMessage = (label, data) => {
  if (label !== "#chat") return;
  console.log(`Alice got "${new TextDecoder().decode(data)}"`);
  answered.resolve();
};

// A stream of messages. The writer waits while too much is buffered.
const chunks = 100;
const received = (async () => {
  let bytes = 0;
  let count = 0;
  for await (const chunk of bob.dataChannel("#file").readable) {
    bytes += chunk.length;
    if (++count === chunks) return bytes;
  }
  return bytes;
})();

const bobIsThere = new Promise<void>((resolve) => {
  bob.onDataChannel = (label) => label === "#file" && resolve();
});
await Promise.all([alice.connect(), bob.connect()]);
await bobIsThere;
console.log(`Alice is ${alice.connectionId}, Bob is ${bob.connectionId}`);

const chat = alice.dataChannel("#chat").writable.getWriter();
await chat.write("Hello, Bob!");
await answered.promise;

const file = alice.dataChannel("#file").writable.getWriter();
for (let chunk = 0; chunk < chunks; chunk++) {
  await file.write(new Uint8Array(10_000).fill(chunk));
}
await file.close();
console.log(`Bob got ${await received} bytes in ${chunks} messages`);
