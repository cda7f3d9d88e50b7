/** Mutants that take or refuse the wrong events, or serve them altered. */
import type { NostrEvent } from 'nostr-tools/pure';
import { eventId, isSignatureValid } from '../../corpus/signature.js';
import { type Mutant, made, tampered } from './mutant.js';
import { answersEvents, published, saysInstead } from './rules.js';
import { eachRule } from './scene.js';

const LARGE = 500_000;
const LAST_KIND = 65_535;
const FIELDS = 7;
const INVALID = 'invalid: not here';

function isIdRight(event: NostrEvent): boolean {
  return isWellFormed(event) && eventId(event) === event.id;
}

/** As NIP-01 has it. */
function isWellFormed({ id, pubkey, sig, content, tags, created_at, kind }: NostrEvent): boolean {
  return (
    [id, pubkey].every((hex) => /^[0-9a-f]{64}$/.test(hex)) &&
    /^[0-9a-f]{128}$/.test(sig) &&
    typeof content === 'string' &&
    Number.isInteger(created_at) &&
    Number.isInteger(kind) &&
    Array.isArray(tags) &&
    tags.every((tag) => Array.isArray(tag) && tag.every((one) => typeof one === 'string'))
  );
}

export const PUBLISH_MUTANTS: readonly Mutant[] = [
  tampered(
    'valid-refused',
    { breaks: 'Every EVENT is called invalid.' },
    answersEvents(() => true, false, INVALID),
  ),
  tampered(
    'wrong-id-accepted',
    { breaks: 'An EVENT whose id is wrong gets OK true.' },
    answersEvents((event) => isWellFormed(event) && !isIdRight(event), true, ''),
  ),
  tampered(
    'wrong-signature-accepted',
    { breaks: 'An EVENT whose signature is wrong gets OK true.' },
    answersEvents((event) => isIdRight(event) && !isSignatureValid(event), true, ''),
  ),
  tampered(
    'malformed-accepted',
    { breaks: 'An EVENT whose fields have the wrong form gets OK true.' },
    answersEvents((event) => !isWellFormed(event), true, ''),
  ),
  tampered(
    'untagged-refused',
    { breaks: 'An EVENT without tags is called invalid.' },
    answersEvents(({ tags }) => Array.isArray(tags) && tags.length === 0, false, INVALID),
  ),
  tampered(
    'kind-zero-refused',
    { breaks: 'Kind 0 is called invalid.' },
    answersEvents(({ kind }) => kind === 0, false, INVALID),
  ),
  tampered(
    'kind-greatest-refused',
    { breaks: 'Kind 65535 is called invalid.' },
    answersEvents(({ kind }) => kind === LAST_KIND, false, INVALID),
  ),
  tampered(
    'kind-65536-accepted',
    { breaks: 'Kind 65536 gets OK true.' },
    answersEvents(({ kind }) => kind > LAST_KIND, true, ''),
  ),
  tampered(
    'times-refused',
    { breaks: 'No created_at is good enough.', observed: true },
    answersEvents(() => true, false, 'invalid: created_at is improbable'),
  ),
  tampered(
    'extra-fields-refused',
    { breaks: 'An EVENT with fields that NIP-01 does not know is refused.', observed: true },
    answersEvents((event) => Object.keys(event).length > FIELDS, false, INVALID),
  ),
  tampered(
    'large-event-ignored',
    { breaks: 'A large EVENT is not answered.' },
    eachRule(() => ({
      fromClient: (message) => ((published(message)?.content?.length ?? 0) > LARGE ? [] : undefined),
    })),
  ),
  tampered(
    'oks-dropped',
    { breaks: 'No EVENT gets an OK.' },
    saysInstead('OK', () => []),
  ),
  tampered(
    'oks-doubled',
    { breaks: 'Every EVENT gets two OKs.' },
    saysInstead('OK', (ok) => [ok, ok]),
  ),
  tampered(
    'ok-refusals-without-prefix',
    { breaks: 'OK false says why without a machine-readable prefix.' },
    saysInstead('OK', (ok) => (ok[2] === false ? [['OK', ok[1], false, 'no']] : undefined)),
  ),
  tampered(
    'unicode-normalised',
    { breaks: 'Characters beyond ASCII come back as others.' },
    saysInstead('EVENT', ([, id, event]) => {
      const given = event as NostrEvent;
      return [['EVENT', id, { ...given, content: given.content.replaceAll(/[^ -~]/g, '?') }]];
    }),
  ),
  tampered(
    'tags-shortened',
    { breaks: 'Tags lose what stands behind their second element.' },
    saysInstead('EVENT', ([, id, event]) => {
      const given = event as NostrEvent;
      return [['EVENT', id, { ...given, tags: given.tags.map((tag) => tag.slice(0, 2)) }]];
    }),
  ),
  made(
    'process-dies',
    { breaks: 'The process ends when a long event comes.', stage: 'fragile' },
    { kind: 'strategy' },
  ),
];
