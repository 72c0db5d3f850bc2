/**
 * Opens the native library as a program does that names none, and prints which it was.
 *
 * @module
 */

import { openLibrary } from "../../ffi/library.ts";

console.log(openLibrary().path);
