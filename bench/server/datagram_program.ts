/**
 * Receives or sends datagrams by one of the runtime's own sockets: `datagram_program.ts receive SOCKET COUNT` prints its port, and
 * `send SOCKET PORT COUNT` sends 20 at a time. Prints the microseconds of processor time that one takes.
 *
 * @module
 */

import { createSocket } from "node:dgram";
import process from "node:process";

const BYTES = 1_200;
const AT_A_TIME = 20;
const BUFFER_BYTES = 4 * 1024 * 1024;
const [what = "", socket = "", ...numbers] = process.argv.slice(2);

/** What both runtimes have besides node:dgram. */
interface Runtimes {
  readonly Deno?: {
    listenDatagram(options: object): {
      readonly addr: { readonly port: number };
      receive(into: Uint8Array): Promise<unknown>;
      send(data: Uint8Array, to: object): Promise<number>;
    };
  };
  readonly Bun?: {
    udpSocket(options: object): Promise<{
      readonly port: number;
      sendMany(packets: readonly unknown[]): number;
    }>;
  };
}
const { Deno, Bun } = globalThis as unknown as Runtimes;

const cpuUs = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const print = (line: object) => console.log(JSON.stringify(line));

async function receive(count: number): Promise<void> {
  let received = 0;
  let before = 0;
  const take = () => {
    if (received++ === 0) before = cpuUs();
    if (received < count) return;
    print({ receive: (cpuUs() - before) / count });
    process.exit(0);
  };
  if (socket === "node:dgram") {
    const bound = createSocket({ type: "udp4", recvBufferSize: BUFFER_BYTES });
    bound.on("message", take);
    bound.bind(0, "127.0.0.1", () => print({ port: bound.address().port }));
  } else if (Deno !== undefined) {
    const bound = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    print({ port: bound.addr.port });
    const buffer = new Uint8Array(2_048);
    while (true) {
      await bound.receive(buffer);
      take();
    }
  } else {
    const bound = await Bun!.udpSocket({ hostname: "127.0.0.1", port: 0, socket: { data: take } });
    print({ port: bound.port });
  }
}

async function send(port: number, count: number): Promise<void> {
  const data = new Uint8Array(BYTES);
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  let sendAll: () => unknown;
  if (socket === "node:dgram") {
    const bound = createSocket("udp4");
    sendAll = () =>
      new Promise<void>((resolve) => {
        let left = AT_A_TIME;
        for (let sent = 0; sent < AT_A_TIME; sent++) {
          bound.send(data, port, "127.0.0.1", () => --left === 0 && resolve());
        }
      });
  } else if (Deno !== undefined) {
    const bound = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
    const to = { transport: "udp", hostname: "127.0.0.1", port };
    sendAll = () => Promise.all(Array.from({ length: AT_A_TIME }, () => bound.send(data, to)));
  } else {
    const bound = await Bun!.udpSocket({ hostname: "127.0.0.1", port: 0 });
    const packets = Array.from({ length: AT_A_TIME }, () => [data, port, "127.0.0.1"]).flat();
    sendAll = () => bound.sendMany(packets);
  }
  let before = 0;
  // The first half warms up.
  for (let sent = 0; sent < count; sent += AT_A_TIME) {
    if (before === 0 && sent >= count / 2) before = cpuUs();
    await sendAll();
    await pause();
  }
  print({ send: (cpuUs() - before) / (count / 2) });
  process.exit(0);
}

if (what === "receive") await receive(Number(numbers[0]));
else await send(Number(numbers[0]), Number(numbers[1]));
