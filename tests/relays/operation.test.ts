import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type ReferenceRelay, relaySettings, startReferenceRelay } from '../../relays/index.js';
import type { Log, LogFields } from '../../relays/server/log.js';
import { signed } from './events.js';
import { relaysUnderTest, strategies } from './relays.js';

const under = relaysUnderTest();

/** The samples of a Prometheus text, by name with labels. */
async function metricsOf(relay: ReferenceRelay): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${relay.url.replace('ws:', 'http:')}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

function keepingLog(lines: (LogFields & { stage: string })[]): Log {
  const keep = (stage: string, fields?: LogFields) => void lines.push({ ...fields, stage });
  return { tellsDebug: true, debug: keep, info: keep, warn: keep, error: keep };
}

const settings = relaySettings();

describe.each(strategies)('what the operator of $name sees', (strategy) => {
  const config = { name: strategy.name, strategy, host: '127.0.0.1', port: 0, settings };

  test('/metrics counts connections, messages, refusals, events out, and the process', async () => {
    const relay = under.keep(await startReferenceRelay({ ...config, metrics: true }));
    const [one, other] = [await under.connect(relay), await under.connect(relay)];
    const event = signed();
    await one.publish(event);
    await one.publish({ ...event, content: 'forged' });
    one.send('REQ', 'a', { kinds: [1] });
    await one.answered('a');
    one.send('REQ', 'b', { kinds: ['one'] });
    await one.answered('b');
    await other.publish(signed());
    await one.until(() => one.idsOf('a').length === 2);
    await other.close();
    await expect.poll(relay.connections).toBe(1);
    const metrics = await metricsOf(relay);
    expect(Object.fromEntries(metrics)).toMatchObject({
      relay_connections: 1,
      relay_connections_opened_total: 2,
      relay_subscriptions: 1,
      relay_stored_events: 2,
      relay_events_sent_total: 1,
      relay_live_deliveries_total: 1,
      'relay_messages_received_total{label="EVENT"}': 3,
      'relay_messages_received_total{label="REQ"}': 2,
      'relay_refused_total{by="CLOSED"}': 1,
      'relay_refused_total{by="OK"}': 1,
      'relay_held_bytes{in="subscriptions"}': 8,
      'relay_held_bytes{in="answers"}': 0,
      'relay_held_bytes{in="outboxes"}': 0,
      relay_req_duration_seconds_count: 1,
    });
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_p99_seconds']) {
      expect(metrics.get(name)).toBeGreaterThanOrEqual(0);
    }
  });

  test('without metrics there is no such path', async () => {
    const relay = await under.start(strategy);
    expect((await fetch(`${relay.url.replace('ws:', 'http:')}/metrics`)).status).toBe(404);
  });

  test('the bytes held are those of open filters and unread answers, and all are let go', async () => {
    const relay = await under.start(strategy, { verifySignatures: false });
    const client = await under.connect(relay);
    const content = 'x'.repeat(20_000);
    for (let i = 0; i < 40; i += 1) await client.publish(signed({ content }));
    client.send('REQ', 'ids', { ids: ['0'.repeat(64), '1'.repeat(64)], limit: 0 });
    await client.answered('ids');
    relay.heldBytes();
    expect(relay.heldBytes()).toBe(2 * 64 + 8);
    client.socket.pause();
    // Far more than the sockets of both sides take.
    for (let i = 0; i < 30; i += 1) client.send('REQ', `all${i}`, {});
    await expect.poll(() => relay.heldBytes(), { timeout: 10_000 }).toBeGreaterThan(250_000);
    client.socket.resume();
    for (let i = 0; i < 30; i += 1) await client.answered(`all${i}`);
    await expect
      .poll(() => {
        relay.heldBytes();
        return relay.heldBytes();
      })
      .toBe(2 * 64 + 8);
    await client.close();
    await expect.poll(relay.connections).toBe(0);
    relay.heldBytes();
    expect(relay.heldBytes()).toBe(0);
  });

  test('shutting down sends what is left, CLOSED for each open subscription, and 1001', async () => {
    const relay = await under.start(strategy, { verifySignatures: false });
    const client = await under.connect(relay);
    for (let i = 0; i < 30; i += 1) await client.publish(signed({ content: 'x'.repeat(5_000) }));
    client.send('REQ', 'open', { kinds: [1] });
    await client.answered('open');
    client.send('REQ', 'closed', { kinds: [1] });
    await client.answered('closed');
    client.send('CLOSE', 'closed');
    await expect.poll(relay.subscriptions).toBe(1);
    await relay.close(5_000);
    await expect.poll(() => client.closeCode).toBe(1001);
    const closed = client.messages.filter(([label]) => label === 'CLOSED');
    expect(closed).toEqual([['CLOSED', 'open', 'error: relay is shutting down']]);
    expect(client.idsOf('open')).toHaveLength(30);
  });

  test('a client that reads nothing does not keep the relay from ending', async () => {
    const relay = await under.start(strategy, { verifySignatures: false });
    const client = await under.connect(relay);
    for (let i = 0; i < 40; i += 1) await client.publish(signed({ content: 'x'.repeat(20_000) }));
    client.socket.pause();
    for (let i = 0; i < 30; i += 1) client.send('REQ', `all${i}`, {});
    await sleep(50);
    await relay.close(100);
    expect(relay.connections()).toBe(0);
  });

  test('the log has a line a stage, and never what a terminal would obey', async () => {
    const lines: (LogFields & { stage: string })[] = [];
    const relay = under.keep(await startReferenceRelay({ ...config, log: keepingLog(lines) }));
    const client = await under.connect(relay, { headers: { 'user-agent': 'agent\u009b31m' } });
    client.send('REQ', '\u001b[2J', { kinds: [1] });
    await client.answered('\u001b[2J');
    await client.close();
    await expect.poll(() => lines.some(({ stage }) => stage === 'disconnected')).toBe(true);
    expect(lines.map(({ stage }) => stage)).toEqual([
      'listening',
      'connected',
      'received',
      ...(strategy.name === 'batched' ? ['request answered'] : []),
      'answered',
      ...(strategy.name === 'batched' ? ['connection ended'] : []),
      'disconnected',
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ stage: 'received', label: 'REQ', connection: 1 }));
    expect(lines.at(-1)).toMatchObject({ reqs: 1, events: 0, eventsSent: 0 });
    expect(lines.flatMap((line) => Object.values(line)).join()).not.toMatch(/\p{Cc}/u);
  });
});
