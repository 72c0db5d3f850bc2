/**
 * UDP in the runtimes, compared with the system calls that the library makes.
 *
 * @module
 */

import { onDeno } from "../../tests/support/child.ts";
import type { Benchmark } from "../measurement.ts";
import { ON_LOAD_CORE, ON_SERVER_CORE } from "./cores.ts";
import { LOAD } from "./load.ts";
import { onThisRuntime, Program } from "./program.ts";

const COUNT = 20_000;
/** Datagrams a second: as many as every socket keeps up with. */
const RATE = 5_000;
const LIMIT_MS = 60_000;
const program = new URL("datagram_program.ts", import.meta.url);

/** Microseconds of a datagram received by a command, which prints its port and then the figure. */
async function receive(words: readonly string[]): Promise<number> {
  await using receiver = new Program([...ON_SERVER_CORE, ...words]);
  const { port } = await receiver.line("port");
  const figure = receiver.line("receive", LIMIT_MS);
  // More than are waited for: the runtimes' sockets lose some.
  await using _sender = new Program([
    ...ON_LOAD_CORE,
    LOAD,
    "send",
    `${port}`,
    `${COUNT * 4}`,
    `${RATE}`,
  ]);
  return Number((await figure)["receive"]);
}

/** Microseconds of a datagram sent by a command, to which the port is added. */
async function send(words: (port: number) => readonly string[]): Promise<number> {
  await using receiver = new Program([...ON_LOAD_CORE, LOAD, "receive", String(COUNT * 2)]);
  const { port } = await receiver.line("port");
  await using sender = new Program([...ON_SERVER_CORE, ...words(Number(port))]);
  return Number((await sender.line("send", LIMIT_MS))["send"]);
}

/** Datagrams of 1,200 bytes in each of the runtime's sockets. */
export const datagrams: Benchmark = {
  name: "datagrams",
  async *run() {
    const native = {
      receive: await receive([LOAD, "receive", `${COUNT}`]),
      send: await send((port) => [LOAD, "send", `${port}`, `${COUNT}`, `${RATE}`]),
    };
    for (const socket of [onDeno ? "Deno.listenDatagram" : "Bun.udpSocket", "node:dgram"]) {
      yield {
        name: `CPU of a datagram of 1,200 bytes received, ${socket}`,
        value: await receive(onThisRuntime(program, "receive", socket, `${COUNT}`)),
        unit: "µs",
        limit: native.receive,
        limitIs: "recvmmsg alone",
      };
      yield {
        name: `CPU of a datagram of 1,200 bytes sent, ${socket}`,
        value: await send((port) => onThisRuntime(program, "send", socket, `${port}`, `${COUNT}`)),
        unit: "µs",
        limit: native.send,
        limitIs: "sendmmsg alone",
      };
    }
  },
};
