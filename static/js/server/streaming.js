// The page's connection to the stream in a browser. Comes by import: the first numbers do without it.

import { browser } from "./connection.js";
import { createStream } from "./stream.js";

/** @import { Connection, ConnectionOptions } from "../types/stream.js" */
/** @import { Job } from "./job.js" */

/**
 * @param {ConnectionOptions} options @param {{ number: number, job: Job | null }} [before] the job that goes on here
 * @returns {Connection}
 */
export function createConnection(options, before) {
  return createStream(options, { ...browser(), ...options.environment }, before);
}
