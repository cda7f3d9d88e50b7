/** `npm run soak`: what is left of 10,000 connections and 10,000 look-ups by id. `-- --cycles N` for another number. */
import { parseArgs } from 'node:util';
import { batched, streaming } from '../relays/index.js';
import { type SoakReport, soakConnections, soakLookUps } from './soak/soak.js';

const { values } = parseArgs({ options: { cycles: { type: 'string', default: '10000' } } });
const cycles = Number(values.cycles);

/** Beyond this much per cycle, something is kept of each. */
const MAX_BYTES_A_CYCLE = 64;
const SLACK_BYTES = 1024 * 1024;

function isBack(report: SoakReport): boolean {
  const { heapGrowthBytes, externalGrowthBytes, descriptorGrowth } = report;
  const grown = Math.max(0, heapGrowthBytes) + Math.max(0, externalGrowthBytes);
  const left = report.connectionsLeft + report.subscriptionsLeft + report.heldBytesLeft;
  return grown <= SLACK_BYTES + MAX_BYTES_A_CYCLE * cycles && descriptorGrowth <= 0 && left === 0;
}

for (const strategy of [streaming, batched]) {
  for (const soak of [soakConnections, soakLookUps]) {
    const report = await soak(strategy, cycles);
    process.stdout.write(`${JSON.stringify({ ...report, isBack: isBack(report) })}\n`);
    if (!isBack(report)) process.exitCode = 1;
  }
}
