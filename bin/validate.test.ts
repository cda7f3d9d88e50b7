import { afterEach, expect, test, vi } from 'vitest';
import { InputError } from '../harness/errors.js';
import { listCommand } from './list.js';
import { validateCommand } from './validate.js';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

async function output(run: () => Promise<unknown>): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await run();
  return text;
}

const validate = (...args: string[]) => validateCommand().parseAsync(args, { from: 'user' });
const list = (...args: string[]) => listCommand().parseAsync(args, { from: 'user' });

test('validate says what a scenario will do', async () => {
  const text = await output(() => validate('first-look', '--set', 'rounds=3'));
  expect(text).toContain('first-look: valid');
  expect(text).toContain('2000 generated events by 200 authors');
  expect(text).toContain('warm-up (until done, not measured): 4 reader, 6 times each: 96 REQs, 0 EVENTs');
  expect(text).toContain('steady (500 ms): 40 reader: 160 REQs, 0 EVENTs');
  expect(text).toContain('rounds   3;');
});

test('validate shows the problems of all files, after the ones that are fine', async () => {
  const failed = output(() => validate('first-look', 'replay-real-events', 'frist-look'));
  await expect(failed).rejects.toThrow(InputError);
  await expect(failed).rejects.toThrow(/corpus\.file=PATH[\s\S]*did you mean "first-look"/);
});

test('validate --json prints JSON alone, and exits with 2 where there are problems', async () => {
  const text = await output(() => validate('--json', 'first-look', 'nothing-like-it'));
  expect(JSON.parse(text)).toMatchObject({
    scenarios: [{ name: 'first-look', rounds: 7, phases: [{ reqs: 96 }, { clients: { reader: 40 } }] }],
    problems: [{ message: expect.stringContaining('no scenario "nothing-like-it"') }],
  });
  expect(process.exitCode).toBe(2);
});

test('list shows relays and scenarios, and says what else there is to list', async () => {
  const first = await output(() => list());
  expect(first).toMatch(/^relays\n[\s\S]*streaming +reference relay/);
  expect(first).toMatch(/\nscenarios\n[\s\S]*first-look +A reader opens/);
  expect(first).toContain('reqbench list checks');
  expect(await output(() => list('deviations'))).toMatch(/D8 +A reached limit/);
  expect(await output(() => list('checks'))).toMatch(/nip01\/req\/eose-once +MUST/);
  expect(await output(() => list('metrics'))).toMatch(/req\.ttfe +Time to first event/);
});

test('list --json is for machines', async () => {
  const { scenarios } = JSON.parse(await output(() => list('scenarios', '--json')));
  expect(scenarios).toContainEqual({ name: 'first-look', text: expect.any(String) });
});
