import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { InputError } from '../harness/errors.js';
import { PACKAGE_ROOT } from '../harness/package.js';
import { serveCommand } from './serve.js';

const serveModule = pathToFileURL(join(PACKAGE_ROOT, 'dist', 'bin', 'serve.js')).href;

/** Runs the command as its own process, since it takes the signals and the output of one. */
function serving(...args: string[]): ChildProcess {
  const script = `(await import(${JSON.stringify(serveModule)})).serveCommand().parseAsync(process.argv.slice(1), { from: 'user' })`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', `await ${script}`, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

async function firstLines(child: ChildProcess, count: number): Promise<readonly string[]> {
  if (!child.stdout) throw new Error('no output');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === count) break;
  }
  return lines;
}

function addressIn(line: string | undefined): string {
  return /ws:\/\/127\.0\.0\.1:\d+/.exec(line ?? '')?.[0] ?? '';
}

async function refusal(...args: string[]): Promise<string> {
  const error: unknown = await serveCommand()
    .parseAsync(args, { from: 'user' })
    .catch((e: unknown) => e);
  if (error instanceof InputError) return error.message;
  throw new Error(`expected an InputError, got ${error}`);
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a relay is served, with the settings asked for, until %s',
  async (signal) => {
    const limits = [
      '--max-limit',
      '7',
      '--max-message-bytes',
      '8000',
      '--max-subscriptions',
      '9',
      '--max-filters',
      '3',
    ];
    const child = serving('batched', '--port', '0', '--access', 'auth-required', ...limits);
    const [ready, hint] = await firstLines(child, 2);
    expect(ready).toMatch(/^batched listens on ws:\/\/127\.0\.0\.1:\d+$/);
    expect(hint).toBe('Ctrl-C stops it.');
    const address = addressIn(ready);
    const information = await fetch(address.replace('ws:', 'http:'), {
      headers: { accept: 'application/nostr+json' },
    });
    expect(await information.json()).toMatchObject({
      limitation: { auth_required: true, max_limit: 7, max_message_length: 8000, max_subscriptions: 9 },
    });
    const client = new WebSocket(address);
    await once(client, 'open');
    child.kill(signal);
    await once(client, 'close');
    expect(await once(child, 'exit')).toEqual([0, null]);
  },
);

test('a port in use is named, with what to do', async () => {
  const [ready] = await firstLines(serving('streaming', '--port', '0'), 1);
  const port = new URL(addressIn(ready)).port;
  const message = await refusal('streaming', '--port', port);
  expect(message).toMatch(`port ${port} of 127.0.0.1 is in use\n  choose another with --port`);
});

test('a preload file is refused with its line', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-serve-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'events.jsonl');
  writeFileSync(file, '\nno json\n');
  expect(await refusal('streaming', '--port', '0', '--preload', file)).toContain(`${file}:2: `);
  expect(await refusal('streaming', '--port', '0', '--preload', join(dir, 'none'))).toContain('none');
});

test.each([
  [['null'], /there is no reference relay "null"/],
  [['./none.js'], /the path of a module that exists/],
  [['streaming', '--port', '65536'], /--port 65536 is out of range\n.*from 0 to 65535/],
  [['streaming', '--max-limit', '0'], /--max-limit 0 is out of range\n.*from 1 up/],
  [['streaming', '--verify-threads', 'many'], /--verify-threads many is out of range\n.*from 0 to 64/],
  [['streaming', '--max-connections', '-1'], /--max-connections -1 is out of range/],
  [['streaming', '--service-time', '1s'], /--service-time 1s is out of range/],
  [['streaming', '--host', '192.0.2.1'], /192\.0\.2\.1 is no address of this machine/],
])('%j is refused with what to write', async (args, reason) => {
  expect(await refusal(...args)).toMatch(reason);
});

test('help names every option and warns of an open address', () => {
  const help = serveCommand().configureHelp({ helpWidth: 1_000 }).helpInformation();
  const options = [
    'port',
    'host',
    'access',
    'preload',
    'max-limit',
    'max-message-bytes',
    'max-subscriptions',
  ];
  const more = ['max-filters', 'source', 'service-time', 'verify-threads', 'max-connections'];
  for (const option of [...options, ...more, 'max-connections-per-address']) {
    expect(help).toContain(`--${option} `);
  }
  expect(help).toContain('lets everybody who can reach this machine');
});
