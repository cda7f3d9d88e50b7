/**
 * Makes sure that the report's tests have a Chromium: installs Debian's where there is none and this may do so,
 * else says what to do and exits with 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  process.env.REQBENCH_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/usr/bin/chromium-browser',
];

const found = () => PLACES.find((path) => path && existsSync(path));
const succeeds = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** The words before apt-get that make it run as root; undefined where that can't be had without asking. */
function asRoot() {
  if (process.getuid?.() === 0) return [];
  return succeeds('sudo', ['-n', 'true']) ? ['sudo', '-n'] : undefined;
}

function install() {
  const prefix = asRoot();
  if (!succeeds('apt-get', ['--version'])) return 'there is no apt-get here';
  if (prefix === undefined) return 'installing needs root or sudo without a password';
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const [command, ...rest] = [...prefix, 'apt-get', ...args];
    const { status } = spawnSync(command, rest, {
      stdio: 'inherit',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (status !== 0) return `apt-get ${args[0]} failed`;
  }
  return found() ? undefined : 'apt-get installed no Chromium at a known place';
}

const problem = found() ? undefined : install();
if (problem === undefined) {
  say(`Chromium: ${found()}`);
} else {
  say(`No Chromium: ${problem}.`);
  say('Install Chromium or Chrome, or name one: REQBENCH_CHROMIUM=/path/to/chromium');
  process.exitCode = 1;
}
