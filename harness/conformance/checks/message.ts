/** Rules on the form of messages, on AUTH, and on what has no other place. */
import { type Check, quoted } from './check.js';

export const wellFormed: Check<{ readonly problem: string | undefined }> = {
  id: 'nip01/message/well-formed',
  level: 'MUST',
  title: 'Messages have their form',
  requirement:
    'Every message is a text frame of valid UTF-8 that holds a JSON array of the form that its label has in its NIP.',
  reference: 'NIP-01, From relay to client; NIP-42; NIP-45',
  rule: ({ problem }) => (problem === undefined ? 'passed' : { broken: problem }),
};

export const unknownLabel: Check<{ readonly name: string | undefined }> = {
  id: 'nip01/message/unknown-label',
  level: 'INFO',
  title: 'Labels that we do not know',
  requirement: 'A message has a label of NIP-01, NIP-42 or NIP-45; others are noted.',
  reference: 'NIP-01, From relay to client',
  rule: ({ name }) =>
    name === undefined ? 'passed' : { broken: `a message with the label ${quoted(name)}` },
};

export const oversized: Check<{ readonly bytes: number | undefined }> = {
  id: 'nip01/message/oversized',
  level: 'INFO',
  title: 'Messages too large to be read',
  requirement: 'Messages over 16 MiB are not parsed, so nothing is said about their form.',
  reference: 'reqbench',
  rule: ({ bytes }) => (bytes === undefined ? 'passed' : { broken: `a message of ${bytes} bytes` }),
};

export const connectionEnded: Check<{ readonly by: 'client' | 'relay'; readonly detail: string }> = {
  id: 'nip01/connection/ended',
  level: 'INFO',
  title: 'Connections that the relay ended',
  requirement:
    'A connection lasts until the client ends it; what was still owed on one that ended is not judged.',
  reference: 'NIP-01, Communication between clients and relays',
  rule: ({ by, detail }) =>
    by === 'client' ? 'passed' : { broken: `the relay ended the connection: ${quoted(detail)}` },
};

export const challengeKnown: Check<{ readonly challenged: boolean; readonly answer: string }> = {
  id: 'nip42/challenge-known',
  level: 'MUST',
  title: 'auth-required only with a challenge',
  requirement: '`auth-required:` comes only after a challenge was sent on the same connection.',
  reference: 'NIP-42, Protocol flow',
  claim: 42,
  rule: ({ challenged, answer }) =>
    challenged
      ? 'passed'
      : { broken: `${answer} says auth-required, but no AUTH challenge came before on this connection` },
};

export const authNotServed: Check<{ readonly id: string; readonly kind: number }> = {
  id: 'nip42/no-22242',
  level: 'MUST',
  title: 'AUTH events reach nobody',
  requirement: 'Events of kind 22242 are sent to no client.',
  reference: 'NIP-42, Canonical authentication event',
  claim: 42,
  rule: ({ id, kind }) =>
    kind === 22242 ? { broken: `event ${quoted(id)} of kind 22242 was sent to a client` } : 'passed',
};
