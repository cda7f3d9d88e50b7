/**
 * Imported into a relay's process (`node --import file:///…/cpu-profile.js?out=PATH`): V8's sampling profiler, from
 * one SIGUSR2 to the next, or to the end of the process. Writes the format that Chrome DevTools opens (`.cpuprofile`).
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';

/** Fine enough for functions of a tenth of a millisecond; DevTools itself takes 1,000. */
const SAMPLING_INTERVAL_US = 250;

const out = new URL(import.meta.url).searchParams.get('out');
const session = new Session();
let isOn = false;

function toggle(): void {
  if (isOn) stop();
  else start();
}

function start(): void {
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLING_INTERVAL_US });
  session.post('Profiler.start');
  isOn = true;
}

function stop(): void {
  isOn = false;
  session.post('Profiler.stop', (error, answer) => {
    if (out !== null && !error) writeFileSync(out, JSON.stringify(answer.profile));
  });
  session.disconnect();
}

process.on('SIGUSR2', toggle);
process.on('exit', () => {
  if (isOn) stop();
});
