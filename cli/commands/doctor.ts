/**
 * `sora-ffi doctor`: says what is there, what is wrong and what to do about it.
 *
 * @module
 */

import { type Command, ExitCode, textOf, textsOf } from "../command.ts";
import { CONNECTION_FLAGS, connectionOptions } from "../connection/flags.ts";
import { examine } from "../doctor/finding.ts";
import {
  checkCodecs,
  checkLibrary,
  checkRuntime,
  checkSystem,
  checkThreads,
} from "../doctor/installation.ts";
import { checkConnection, checkUdp } from "../doctor/network.ts";
import { isWell, reportJson, reportText } from "../doctor/report.ts";
import { SoraProbe } from "../doctor/sora.ts";
import { targetOf } from "../doctor/target.ts";
import { checkClock, checkDns, checkProxy, checkTcp, checkTls } from "../doctor/way.ts";

/** `sora-ffi doctor` */
export const doctor: Command = {
  summary: "check this machine and, with --signaling-url, the way to a Sora; say what is wrong",
  options: {
    json: { summary: "print one line of JSON on a terminal as well" },
    openh264: { value: "FILE", summary: "path of Cisco's OpenH264, for H264" },
    ...CONNECTION_FLAGS,
    "signaling-url": {
      ...CONNECTION_FLAGS["signaling-url"]!,
      summary: "a Sora to examine the way to; may be given several times",
    },
  },
  async run(values, { stdout, signal }) {
    const flags = connectionOptions(values);
    const targets = textsOf(values, "signaling-url").map((url) => targetOf(url, flags));
    const probe = new SoraProbe(flags);
    const findings = await examine({
      runtime: checkRuntime,
      system: checkSystem,
      library: checkLibrary,
      codecs: checkCodecs(textOf(values, "openh264")),
      threads: checkThreads,
      udp: checkUdp,
      connection: checkConnection,
      ...(targets.length === 0 ? {} : {
        dns: checkDns(targets),
        tcp: checkTcp(targets),
        ...(flags.proxyUrl === undefined ? {} : { proxy: checkProxy(targets) }),
        tls: checkTls(targets),
        clock: checkClock(targets),
        sora: probe.checkSora,
        paths: probe.checkPaths,
        turn: probe.checkTurn,
        relay: probe.checkRelay,
      }),
    }, signal);
    const isJson = stdout.isTTY !== true || values["json"] === true;
    stdout.write(isJson ? reportJson(findings) : reportText(findings));
    return isWell(findings) ? ExitCode.OK : ExitCode.FAILED;
  },
};
