/**
 * Addresses that only this machine reaches.
 *
 * @module
 */

/** Whether an address or a name is this machine's own, whatever DNS says (RFC 6761, 6.3). */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  return name === "localhost" || name === "::1" || /^(::ffff:)?127\.\d+\.\d+\.\d+$/.test(name);
}
