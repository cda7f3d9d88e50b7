/**
 * `npm run calibration-figures -- calibration.json`: writes what a calibration says into docs/method.md, in the place of the block
 * that is marked there. The file comes from `reqbench calibrate --output calibration.json`.
 */
import { readCalibration } from '../harness/calibrate/store.js';
import { calibrationText, type TextTable } from '../harness/calibrate/text.js';
import { writeMethodBlock } from './document-block.js';

const [file] = process.argv.slice(2);
if (file === undefined) {
  process.stderr.write('which calibration? npm run calibration-figures -- calibration.json\n');
  process.exitCode = 2;
} else {
  writeMethodBlock({ name: 'calibration', command: 'calibration-figures' }, block(file));
}

function block(path: string): string {
  const calibration = readCalibration(path);
  const { facts, noise, rates } = calibrationText(calibration);
  const warnings = calibration.warnings.map((warning) => `It was disturbed: ${warning}.`);
  return [`${facts.join('. ')}.`, ...warnings, markdown(noise), markdown(rates)].join('\n\n');
}

function markdown({ head, rows }: TextTable): string {
  const rule = head.map((_, index) => (index === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((row) => `| ${row.map(escaped).join(' | ')} |`).join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll(/[|*<]/g, (mark) => (mark === '<' ? '&lt;' : `\\${mark}`));
}
