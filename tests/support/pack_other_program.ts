/**
 * A program that packs the library for the processor that this machine does not have, which `tests/build/cross_test.ts` builds, and
 * prints the digest of the tarball.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { otherTarball } from "./other_platform.ts";

console.log(createHash("sha256").update(otherTarball()).digest("hex"));
