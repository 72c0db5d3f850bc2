/**
 * The version of this package.
 *
 * @module
 */

/** The version of this package (Semantic Versioning 2.0.0). */
export const version = "0.1.0";
