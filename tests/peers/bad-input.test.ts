/** What is wrong with an entry or its command, as `reqbench run` says it: exit code 3, the last output, and what to change. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { reqbench, scratchFolder } from '../reqbench.js';

const node = JSON.stringify(process.execPath);
const odd = JSON.stringify(join(PACKAGE_ROOT, 'tests/relays/odd-relay.mjs'));

/** Runs a scenario against the one entry of a configuration file. */
async function refusal(entry: string): Promise<string> {
  const dir = scratchFolder();
  const config = join(dir, 'reqbench.config.yaml');
  writeFileSync(config, `relays:\n  mine:\n${entry.replace(/^/gm, '    ')}\n`);
  const args = ['run', 'first-look', '--config', config, '--relay', 'mine', '--no-null', '--rounds', '1'];
  const small = ['--set', 'corpus.generate.events=50', '--set', 'corpus.generate.authors=10'];
  const { code, stdout, stderr } = await reqbench([...args, ...small], dir);
  expect({ code, stdout, stderr }).toMatchObject({ code: 3 });
  return `${stdout}${stderr}`.replace(/\s+/g, ' ');
}

test.each([
  [
    'a command that is not there',
    'command: no-such-relay {port}',
    'there is no program no-such-relay on PATH',
  ],
  ['one that ends at once', 'command: "echo out of luck {port}; exit 9"', 'out of luck'],
  [
    'one that lacks its configuration',
    'command: "echo no such file: relay.toml >&2; exit 1 # {port}"',
    'give it one: "config" in reqbench.config.yaml',
  ],
  [
    'one that listens elsewhere',
    `ready: 2s\ncommand: |\n  exec ${node} -e "require('node:net').createServer().listen(0, '127.0.0.1')" {port}`,
    'instead: give it the port',
  ],
  [
    "one with another relay's NIP-11 document",
    `expects: { software: khatru }\ncommand: |\n  exec ${node} ${odd} {port} silent`,
    '"khatru" was expected',
  ],
  [
    'a program that is not on PATH',
    'needs: { program: no-such-relay, hint: install it by hand }\ncommand: no-such-relay {port}',
    'no-such-relay is not on PATH; install it by hand',
  ],
])('%s', async (_, entry, said) => {
  expect(await refusal(entry)).toContain(said);
});

test.each([
  ['no-such-relay --port {port}', 'there is no program no-such-relay on PATH'],
  ['./no-such-relay --port {port}', 'no-such-relay; check the path in its command'],
  ['./notes.txt {port}', 'notes.txt may not be executed'],
])(
  'a program that is not there is noticed before the corpus is signed: %s',
  async (command, said) => {
    const dir = scratchFolder();
    writeFileSync(join(dir, 'notes.txt'), 'no program');
    for (const args of [['run', 'first-look', '--relay', 'streaming'], ['conform']]) {
      const { code, stdout, stderr } = await reqbench([...args, '--relay', `mine=${command}`], dir);
      expect({ code, stdout, stderr }).toEqual({
        code: 3,
        stdout: '',
        stderr: expect.stringContaining(said),
      });
      expect(stderr).toMatch(/^relay mine can't start: [^\n]+\n$/);
    }
  },
  30_000,
);

test('the documented entries can be read, that of strfry among them', async () => {
  const dir = scratchFolder();
  const { code, stdout, stderr } = await reqbench(
    ['list', '--config', join(PACKAGE_ROOT, 'reqbench.config.yaml')],
    dir,
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).toContain('strfry');
});
