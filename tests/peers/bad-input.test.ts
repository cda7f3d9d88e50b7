/** What is wrong with an entry or its command, as `reqbench run` says it: exit code 3, the last output, and what to change. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PACKAGE_ROOT } from '../../harness/package.js';
import { reqbench, scratchFolder } from '../reqbench.js';

const node = JSON.stringify(process.execPath);
const odd = JSON.stringify(join(PACKAGE_ROOT, 'tests/relays/odd-relay.mjs'));

/** Runs a scenario against the one entry of a configuration file. */
async function refusal(entry: string): Promise<string> {
  const { code, said } = await firstLook(entry);
  expect({ code, said }).toMatchObject({ code: 3 });
  return said;
}

async function firstLook(
  entry: string,
  dir = scratchFolder(),
): Promise<{ code: number | null; said: string }> {
  const config = join(dir, 'reqbench.config.yaml');
  writeFileSync(config, `relays:\n  mine:\n${entry.replace(/^/gm, '    ')}\n`);
  const args = ['run', 'first-look', '--config', config, '--relay', 'mine', '--no-null', '--rounds', '1'];
  const small = [
    '--not-measurable',
    'pass',
    '--set',
    'corpus.generate.events=50',
    '--set',
    'corpus.generate.authors=10',
  ];
  const { code, stdout, stderr } = await reqbench([...args, ...small], dir);
  return { code, said: `${stdout}${stderr}`.replace(/\s+/g, ' ') };
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

const hasProc = process.platform === 'linux';
/** Puts a process out of the reach of its process group; nobody else sleeps for so long. */
const daemon = (seconds: number) => `setsid sleep ${seconds} < /dev/null > /dev/null 2>&1 &`;
const isRunning = (seconds: number) => spawnSync('pgrep', ['-f', `^sleep ${seconds}$`]).status === 0;

test.runIf(hasProc)('a command that leaves children behind and no relay', async () => {
  const said = await refusal(`command: "${daemon(6007)} sleep 0.3; echo started for {port}"`);
  expect(said).toContain('it had put a process into the background, outside its process group');
  expect(isRunning(6007)).toBe(false);
});

test.runIf(hasProc)(
  'a relay that leaves children behind is measured, and they are ended and named',
  async () => {
    const { code, said } = await firstLook(
      `command: |\n  ${daemon(6011)} exec ${node} ${odd} {port} faithful`,
    );
    expect({ code, said }).toMatchObject({ code: 0 });
    expect(said).toContain('the command of mine left a process behind, outside its process group');
    expect(isRunning(6011)).toBe(false);
  },
);

/** Mounts a disk so small that a relay can fill it; false where that is not allowed. */
function mountSmallDisk(dir: string, megabytes: number): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir]).status === 0;
}

function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), 'reqbench-test-'));
  const isMounted = mountSmallDisk(dir, 1);
  if (isMounted) execFileSync('umount', [dir]);
  rmSync(dir, { recursive: true });
  return isMounted;
}

const mayMount = canMount();

describe.runIf(mayMount)(mayMount ? 'a relay that fills the disk' : 'not run: no right to mount', () => {
  const generated = (events: number) => ['--set', `corpus.generate.events=${events}`];
  const once = ['--no-null', '--rounds', '1'];
  const small = ['--set', 'corpus.generate.authors=10', ...once];

  test.each([
    ['while it is loaded', ['run', 'first-look', ...generated(150), ...small]],
    ['while it is measured', ['run', 'ingest', ...generated(15), ...small]],
    ['while it is held against the suite', ['conform']],
  ])('%s', async (_, args) => {
    const disk = scratchFolder();
    mountSmallDisk(disk, 20);
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk]);
    });
    const relay = ['--relay', `mine=exec ${node} ${odd} {port} fills {dir}`];
    const { code, stdout, stderr } = await reqbench([...args, ...relay], undefined, {
      ...process.env,
      TMPDIR: disk,
    });
    expect({ code, stdout, stderr }).toMatchObject({ code: 3 });
    const said = `${stdout}${stderr}`.replace(/\s+/g, ' ');
    expect(said).toMatch(/the disk that holds \S+ is full \(\d+ KiB left\): free some room, or set TMPDIR/);
    expect(said).toContain("can't write: ENOSPC");
  });
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
