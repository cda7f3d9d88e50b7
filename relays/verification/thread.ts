/**
 * Entry of a verification thread: batches as `signed-bytes.ts` writes them in, for each event a byte back, 1 for a right
 * signature. An answer without verdicts says that it is ready.
 */
import { parentPort } from 'node:worker_threads';
import { isRightSignature } from '../protocol/signature.js';
import { readSigned, SIGNED_BYTES } from './signed-bytes.js';

parentPort?.on('message', (batch: Uint8Array) => {
  const verdicts = new Uint8Array(batch.length / SIGNED_BYTES);
  for (let i = 0; i < verdicts.length; i += 1)
    verdicts[i] = isRightSignature(...readSigned(batch, i)) ? 1 : 0;
  parentPort?.postMessage(verdicts, [verdicts.buffer]);
});
parentPort?.postMessage(new Uint8Array(0));
