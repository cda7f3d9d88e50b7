import { readFileSync } from 'node:fs';
import type { NostrEvent } from 'nostr-tools/pure';
import { describe, expect, test } from 'vitest';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();
const file = process.env.REQBENCH_REAL_EVENTS;
const named = file === undefined ? 'not run: set REQBENCH_REAL_EVENTS' : 'real events';

describe.skipIf(file === undefined)(`${named}`, () => {
  const lines = () =>
    readFileSync(file ?? '', 'utf8')
      .trim()
      .split('\n');

  test.each(strategies)('$name accepts every one over EVENT and finds it again', async (strategy) => {
    const relay = await under.start(strategy);
    const client = await under.connect(relay);
    const events = lines().map((line): NostrEvent => JSON.parse(line));
    for (const line of lines()) client.sendText(`["EVENT",${line}]`);
    await client.until(() => client.messages.length === events.length);
    expect(client.messages.filter((m) => m[2] !== true)).toEqual([]);
    for (const event of events) expect(await client.query({ ids: [event.id] })).toEqual([event.id]);
    const texts = new Set<string>();
    client.socket.on('message', (data) => texts.add(String(data)));
    expect(await client.query({ limit: 5_000 })).toHaveLength(events.length);
    for (const line of lines()) expect(texts.has(`["EVENT","q${events.length + 1}",${line}]`)).toBe(true);
  });

  test.each(strategies)('$name serves them when preloaded', async (strategy) => {
    const relay = await under.start(strategy, {}, file);
    const client = await under.connect(relay);
    expect(await client.query({})).toHaveLength(lines().length);
  });
});
