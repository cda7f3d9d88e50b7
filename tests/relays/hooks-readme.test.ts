import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { TestClient } from './client.js';
import { bob, signed } from './events.js';

const readme = readFileSync(join(PACKAGE_ROOT, 'relays/streaming/README.md'), 'utf8');
const code = /```js\n(.*?)```/s.exec(readme)?.[1] ?? '';

const ending: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

/** Runs the code in the package's folder, where `reqbench/relay` is what the package exports. */
async function startExample(): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: PACKAGE_ROOT,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  ending.push(async () => {
    const exited = once(child, 'exit');
    child.kill();
    await exited;
  });
  const [line] = await once(child.stdout, 'data');
  return String(line).trim();
}

test('the relay of the README fits in 40 lines', () => {
  const lines = code.trim().split('\n');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.length).toBeLessThan(40);
});

test('the relay of the README runs: it keeps, finds, delivers, refuses, deletes and says what it is', async () => {
  const url = await startExample();
  const [client, listener] = [await TestClient.connect(url), await TestClient.connect(url)];
  ending.unshift(
    () => client.close(),
    () => listener.close(),
  );
  listener.send('REQ', 'live', { kinds: [1] });
  await listener.answered('live');
  const [first, second] = [signed({ content: 'short' }), signed({ content: 'other' }, bob)];
  expect(await client.publish(first)).toEqual(['OK', first.id, true, '']);
  expect((await client.publish(first))[3]).toMatch(/^duplicate: /);
  await client.publish(second);
  expect(await client.publish(signed({ content: 'x'.repeat(281) }))).toEqual(
    expect.arrayContaining([false, 'blocked: keep it short']),
  );
  expect(await client.query({ kinds: [1] })).toEqual([second.id, first.id]);
  expect(await client.query({ kinds: [1], limit: 1 })).toEqual([second.id]);
  expect(await client.query({ authors: [first.pubkey] })).toEqual([first.id]);
  client.send('REQ', 'dm', { kinds: [4] });
  expect((await client.answered('dm')).slice(0, 3)).toEqual(['CLOSED', 'dm', 'blocked: no direct messages']);
  const profiles = [signed({ kind: 0, content: 'a' }), signed({ kind: 0, content: 'b' })];
  for (const profile of profiles) await client.publish(profile);
  expect(await client.query({ kinds: [0] })).toEqual([profiles[1]?.id]);
  // Only one's own events can be deleted, and then for good.
  await client.publish(
    signed({
      kind: 5,
      tags: [
        ['e', first.id],
        ['e', second.id],
      ],
    }),
  );
  expect(await client.query({ kinds: [1] })).toEqual([second.id]);
  expect((await client.publish(first)).slice(2)).toEqual([false, 'blocked: this event has been deleted']);
  expect(listener.idsOf('live')).toEqual([first.id, second.id]);
  const response = await fetch(url.replace('ws:', 'http:'), {
    headers: { accept: 'application/nostr+json' },
  });
  expect(await response.json()).toMatchObject({ name: 'garden', description: 'Short notes only.' });
});
