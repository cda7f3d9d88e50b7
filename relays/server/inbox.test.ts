import { expect, test } from 'vitest';
import { Inbox, type InboxOwner } from './inbox.js';
import { LoopTurns } from './turns.js';

function inbox(served: string[], receive?: (text: string) => Promise<void> | undefined) {
  const owner: InboxOwner = {
    isOpen: true,
    roomForAnswers: () => undefined,
    receive: ({ bytes }) => {
      served.push(bytes.toString());
      return receive?.(bytes.toString());
    },
    failed: (error) => served.push(`failed: ${String(error)}`),
    pause: () => undefined,
    resume: () => undefined,
  };
  const box = new Inbox(owner, new LoopTurns());
  return (text: string) => box.push({ bytes: Buffer.from(text), isBinary: false });
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('messages that arrive in one read are all served, without another one to wake them', async () => {
  const served: string[] = [];
  const push = inbox(served);
  push('CLOSE');
  push('REQ');
  await settled();
  push('later');
  push('still later');
  await settled();
  expect(served).toEqual(['CLOSE', 'REQ', 'later', 'still later']);
});

test('after a message that failed the next one is served', async () => {
  const served: string[] = [];
  const push = inbox(served, (text) => (text === 'bad' ? Promise.reject(new Error('broken')) : undefined));
  push('bad');
  await settled();
  push('good');
  await settled();
  expect(served).toEqual(['bad', 'failed: Error: broken', 'good']);
});
