/**
 * Builds the relays that reqbench.config.yaml names into .peers/, as far as their toolchains are here:
 * `npm run peers [name …]`. What is built from the same sources already is left alone. Ends with 1 when a build
 * fails or, with --require, when a named peer is skipped.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const out = join(root, '.peers');
const external = join(root, 'relays', 'external');

/** name → tools that it takes, the sources that decide about it, what is made, and how. */
const PEERS = {
  khatru: goModule('khatru'),
  'khatru-next': goModule('nostr-khatru'),
  relayer: goModule('relayer'),
  'nostr-relay-builder': cargoCrate('nostr-relay-builder'),
  rnostr: cargoCrate('rnostr'),
  'nostr-rs-relay': {
    // Its build script compiles protocol buffers; its locked dependencies don't compile with today's Rust.
    tools: ['cargo', 'protoc'],
    version: '0.8.12',
    made: 'bin/nostr-rs-relay',
    build: () =>
      run('cargo', [
        'install',
        '--root',
        out,
        '--target-dir',
        target(),
        'nostr-rs-relay',
        '--version',
        '0.8.12',
      ]),
  },
  'nostr-relay-core': {
    tools: ['npm', 'c++', 'make', 'python3'],
    sources: join(root, 'docs', 'examples', 'nostr-relay-core'),
    made: 'nostr-relay-core/node_modules/better-sqlite3/build/Release/better_sqlite3.node',
    build: () => {
      const folder = join(out, 'nostr-relay-core');
      mkdirSync(folder, { recursive: true });
      for (const file of ['package.json', 'relay.mjs']) {
        cpSync(join(root, 'docs', 'examples', 'nostr-relay-core', file), join(folder, file));
      }
      run('npm', ['install', '--no-audit', '--no-fund'], folder);
    },
  },
};

/** Those that are no build of ours: used where their program is on PATH. */
const ON_PATH = ['orly', 'orly-latest', 'strfry'];

function goModule(name) {
  return {
    tools: ['go', 'cc'],
    sources: join(external, name),
    made: `bin/${name}`,
    build: () =>
      run('go', ['build', '-o', join(out, 'bin', name), '.'], join(external, name), {
        CGO_ENABLED: '1',
      }),
  };
}

function cargoCrate(name) {
  return {
    tools: ['cargo', 'cc'],
    sources: join(external, name),
    made: `bin/${name}`,
    build: () => {
      run('cargo', ['build', '--release', '--locked', '--target-dir', target()], join(external, name));
      cpSync(join(target(), 'release', name), join(out, 'bin', name));
    },
  };
}

function target() {
  return join(out, 'target');
}

function run(program, args, cwd = root, env = {}) {
  execFileSync(program, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
  });
}

function isOnPath(program) {
  return (process.env.PATH ?? '')
    .split(':')
    .some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Of everything that decides what a build gives. */
function fingerprint({ sources, version = '' }) {
  const hash = createHash('sha256').update(version);
  for (const file of sources ? filesBelow(sources) : []) hash.update(file).update(readFileSync(file));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder)
    .sort()
    .filter((name) => name !== 'node_modules')
    .map((name) => join(folder, name))
    .flatMap((file) => (statSync(file).isDirectory() ? filesBelow(file) : [file]));
}

function build(name, peer) {
  const missing = peer.tools.filter((tool) => !isOnPath(tool));
  if (missing.length > 0) return { name, result: 'skipped', why: `${missing.join(', ')} not on PATH` };
  const stampFile = join(out, 'stamps', name);
  const stamp = fingerprint(peer);
  const isThere = existsSync(join(out, peer.made)) && existsSync(stampFile);
  if (isThere && readFileSync(stampFile, 'utf8') === stamp) return { name, result: 'there', why: '' };
  const startedAt = Date.now();
  process.stdout.write(`${name}: building\n`);
  try {
    peer.build();
  } catch (error) {
    return { name, result: 'failed', why: `${error.message.split('\n')[0]}; its output is above` };
  }
  if (!existsSync(join(out, peer.made)))
    return { name, result: 'failed', why: `the build left no ${peer.made}` };
  writeFileSync(stampFile, stamp);
  return { name, result: 'built', why: `in ${Math.round((Date.now() - startedAt) / 1000)} s` };
}

const isRequired = process.argv.includes('--require');
const asked = process.argv.slice(2).filter((argument) => argument !== '--require');
const unknown = asked.filter((name) => !(name in PEERS));
if (unknown.length > 0) {
  process.stderr.write(`no such peer: ${unknown.join(', ')}; there are ${Object.keys(PEERS).join(', ')}\n`);
  process.exit(2);
}
mkdirSync(join(out, 'bin'), { recursive: true });
mkdirSync(join(out, 'stamps'), { recursive: true });
const chosen = asked.length > 0 ? asked : Object.keys(PEERS);
const outcomes = chosen.map((name) => build(name, PEERS[name]));
for (const { name, result, why } of outcomes)
  process.stdout.write(`${name}: ${result}${why ? ` (${why})` : ''}\n`);
if (asked.length === 0) {
  for (const name of ON_PATH) {
    const { status } = spawnSync('/bin/sh', ['-c', `command -v ${name}`], { stdio: 'ignore' });
    process.stdout.write(
      `${name}: ${status === 0 ? 'on PATH' : 'skipped (not on PATH; nothing here builds it)'}\n`,
    );
  }
}
const bad = outcomes.some(({ result }) => result === 'failed' || (isRequired && result === 'skipped'));
process.exit(bad ? 1 : 0);
