// A small relay that goes wrong in one way, for tests. Usage: node odd-relay.mjs PORT MODE
//   faithful   answers as it should
//   stalls     blocks for 1 s, once, 5 s after its first REQ
//   forgetful  leaves out the second event of every answer
//   empty      takes every event and answers with none
//   two-writes sends EOSE in a write of its own, 2 ms after the events
//   ticks      answers 100, 200, … or 500 ms after the REQ
//   late       answers everything after 1 s, and an EVENT whose content is "unheard" never
//   silent     never answers a REQ
//   dies       ends after 20 REQs
//   fills      writes 256 kB below its third argument for every EVENT, and refuses it where that fails
//   exits      ends at once, with a word on stderr
import { appendFileSync } from 'node:fs';
import { matchFilter } from 'nostr-tools/filter';
import { WebSocketServer } from 'ws';

const [port, mode, dir] = process.argv.slice(2);
if (mode === 'exits') {
  process.stderr.write('cannot open the database: \u001b[31mdisk on fire\u001b[0m\n');
  process.exit(7);
}

const events = [];
let requests = 0;
let stallAt = 0;

new WebSocketServer({ host: '127.0.0.1', port: Number(port) }).on('connection', (socket) => {
  const say = (message) => socket.send(JSON.stringify(message));
  const send = mode === 'late' ? (message) => setTimeout(say, 1_000, message) : say;
  socket.on('message', (text) => {
    const [label, first, ...filters] = JSON.parse(text);
    if (label === 'EVENT') {
      const refusal = mode === 'fills' ? refusalOfDisk() : undefined;
      if (refusal !== undefined) return send(['OK', first.id, false, refusal]);
      store(first);
      if (mode !== 'late' || first.content !== 'unheard') send(['OK', first.id, true, '']);
    }
    if (label !== 'REQ') return;
    if (mode === 'ticks') setTimeout(answer, 100 * (1 + (requests % 5)), send, first, filters);
    else answer(send, first, filters);
  });
});

function answer(send, subscription, filters) {
  requests += 1;
  if (mode === 'silent') return;
  if (mode === 'dies' && requests > 20) {
    process.stderr.write('panic: out of REQs\n');
    process.exit(1);
  }
  if (mode === 'stalls') stallOnce();
  const found = filters.flatMap((filter) =>
    events.filter((event) => matchFilter(filter, event)).slice(0, filter.limit ?? 500),
  );
  if (mode === 'empty') found.length = 0;
  for (const [index, event] of [...new Set(found)].entries()) {
    if (mode === 'forgetful' && index === 1) continue;
    send(['EVENT', subscription, event]);
  }
  if (mode === 'two-writes') setTimeout(send, 2, ['EOSE', subscription]);
  else send(['EOSE', subscription]);
}

function refusalOfDisk() {
  try {
    appendFileSync(`${dir}/data`, Buffer.alloc(256 * 1024));
  } catch (error) {
    process.stderr.write(`can't write: ${error.code}\n`);
    return `error: can't write: ${error.code}`;
  }
}

function stallOnce() {
  stallAt ||= Date.now() + 5_000;
  if (Date.now() < stallAt) return;
  stallAt = Number.POSITIVE_INFINITY;
  const until = Date.now() + 1_000;
  while (Date.now() < until);
}

function store(event) {
  const isReplaceable = [0, 3].includes(event.kind) || (event.kind >= 10_000 && event.kind < 20_000);
  const isAddressable = event.kind >= 30_000 && event.kind < 40_000;
  const d = (one) => one.tags.find(([name]) => name === 'd')?.[1] ?? '';
  if (event.kind >= 20_000 && event.kind < 30_000) return;
  const older = events.findIndex(
    (one) =>
      one.kind === event.kind &&
      one.pubkey === event.pubkey &&
      (isReplaceable || (isAddressable && d(one) === d(event))),
  );
  if (older >= 0) {
    if (newestFirst(event, events[older]) > 0) return;
    events.splice(older, 1);
  }
  const at = events.findIndex((one) => newestFirst(event, one) < 0);
  events.splice(at < 0 ? events.length : at, 0, event);
}

function newestFirst(a, b) {
  return b.created_at - a.created_at || (a.id < b.id ? -1 : 1);
}
