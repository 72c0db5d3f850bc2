/**
 * `sora-ffi doctor`: says what is there, what is wrong and what to do about it.
 *
 * @module
 */

import { type Command, ExitCode, textOf } from "../command.ts";
import { examine } from "../doctor/finding.ts";
import { checkCodecs, checkLibrary, checkRuntime, checkSystem } from "../doctor/installation.ts";
import { checkConnection, checkUdp } from "../doctor/network.ts";
import { isWell, reportJson, reportText } from "../doctor/report.ts";

/** `sora-ffi doctor` */
export const doctor: Command = {
  summary: "check the runtime, the system, the library, its codecs and the network of this machine",
  options: {
    openh264: { value: "FILE", summary: "path of Cisco's OpenH264, for H264" },
  },
  async run(values, { stdout, signal }) {
    const findings = await examine({
      runtime: checkRuntime,
      system: checkSystem,
      library: checkLibrary,
      codecs: checkCodecs(textOf(values, "openh264")),
      udp: checkUdp,
      connection: checkConnection,
    }, signal);
    stdout.write(stdout.isTTY ? reportText(findings) : reportJson(findings));
    return isWell(findings) ? ExitCode.OK : ExitCode.FAILED;
  },
};
