/** Mutants that check AUTH wrongly, or let through who has not given it. */
import { type NostrEvent, validateEvent } from 'nostr-tools/pure';
import { type Mutant, type Mutation, tampered } from './mutant.js';
import { answersEvents, saysInstead } from './rules.js';
import { type Elements, eachRule, oneRule, type Rule, type Scene, sharingRule } from './scene.js';

const AUTH_REQUIRED = 'auth-required: authenticate first';

/** Where a {@link gate} is open. */
interface Hole {
  /** What an AUTH does; default: it opens the gate of its connection when it is right. */
  readonly auth?: 'opens-when-refused' | 'opens-nothing' | 'opens-all';
  /** What goes through without AUTH. */
  readonly lets?: 'stored' | 'live' | 'COUNT' | 'EVENT';
}

/** Asks for AUTH in front of a relay that serves everybody. */
function gate(hole: Hole): Mutation {
  return sharingRule(
    () => ({ openedBy: new Set<Gate>() }),
    (all) => new Gate(hole, all),
  );
}

class Gate implements Rule {
  readonly #challenge = `gate ${Math.random().toString(36).slice(2)}`;
  readonly #let = new Set<unknown>();
  #isOpen = false;
  #isChallenged = false;

  constructor(
    private readonly hole: Hole,
    private readonly all: { readonly openedBy: Set<Gate> },
  ) {}

  fromClient(message: Elements, scene: Scene): readonly Elements[] | undefined {
    const [label, subject] = message;
    if (label === 'AUTH') return this.#authenticate(subject as NostrEvent, scene);
    if (this.#isOpen || this.all.openedBy.size > 0 || label === 'CLOSE') return undefined;
    if (label === this.hole.lets) return undefined;
    if (label !== 'REQ' && label !== 'COUNT' && label !== 'EVENT') return undefined;
    if (!this.#isChallenged) scene.say(['AUTH', this.#challenge]);
    this.#isChallenged = true;
    if (label === 'EVENT') scene.say(['OK', (subject as NostrEvent).id, false, AUTH_REQUIRED]);
    else if (label === 'REQ' && this.hole.lets !== undefined && this.hole.lets !== 'COUNT') {
      this.#let.add(subject);
      return undefined;
    } else scene.say(['CLOSED', subject, AUTH_REQUIRED]);
    return [];
  }

  /** Of a REQ that was let through although it is refused, stored or live events are seen. */
  fromRelay(message: Elements, scene: Scene): readonly Elements[] | undefined {
    const [label, id] = message;
    if (!this.#let.has(id)) return undefined;
    const isStored = scene.subscription(id)?.phase === 'stored';
    if (label === 'EVENT') return isStored === (this.hole.lets === 'stored') ? undefined : [];
    if (label !== 'EOSE') return undefined;
    return this.hole.lets === 'live' ? undefined : [['CLOSED', id, AUTH_REQUIRED]];
  }

  clientLeft(): void {
    this.all.openedBy.delete(this);
  }

  #authenticate({ id, tags }: NostrEvent, scene: Scene): readonly Elements[] {
    const value = (name: string) => tags.find(([key]) => key === name)?.[1] ?? '';
    const isRight = value('challenge') === this.#challenge && !value('relay').includes('relay.invalid');
    const { auth } = this.hole;
    scene.say(['OK', id, isRight, isRight ? '' : 'invalid: not for this relay']);
    if (auth === 'opens-nothing') return [];
    this.#isOpen ||= isRight || auth === 'opens-when-refused';
    if (isRight && auth === 'opens-all') this.all.openedBy.add(this);
    return [];
  }
}

const at = { stage: 'gate' } as const;

/** The gate without a hole: a clean relay of its stage. */
export const CLEAN_GATE: Mutation = gate({});

export const ACCESS_MUTANTS: readonly Mutant[] = [
  tampered(
    'auth-refused',
    { breaks: 'A right AUTH gets OK false.', stage: 'auth-required' },
    eachRule(() => ({
      fromClient([label, event], scene) {
        if (label !== 'AUTH') return undefined;
        scene.say(['OK', (event as NostrEvent).id, false, 'invalid: no']);
        return [];
      },
    })),
  ),
  tampered(
    'auth-unchecked',
    { breaks: 'Every AUTH gets OK true.', stage: 'auth-required' },
    eachRule(() => ({
      fromClient([label, event], scene) {
        if (label !== 'AUTH') return undefined;
        scene.say(['OK', (event as NostrEvent).id, true, '']);
        return [];
      },
    })),
  ),
  tampered(
    'restricted-as-auth-required',
    { breaks: '`restricted:` is called `auth-required:`.', stage: 'managed' },
    saysInstead('CLOSED', ([label, id, reason]) => [
      [label, id, String(reason).replace('restricted:', 'auth-required:')],
    ]),
  ),
  tampered(
    'protected-taken',
    { breaks: 'Protected events get OK true from anybody.', stage: 'auth-required' },
    answersEvents(({ tags }) => tags.some(([name]) => name === '-'), true, ''),
  ),
  tampered(
    'protected-refused',
    {
      breaks: 'Protected events are refused from their authors too.',
      observed: true,
      stage: 'auth-required',
    },
    answersEvents(({ tags }) => tags.some(([name]) => name === '-'), false, 'blocked: no protected events'),
  ),
  tampered(
    'auth-opens-nothing',
    { breaks: 'AUTH gets OK true, and nothing is served after it.', ...at },
    gate({ auth: 'opens-nothing' }),
  ),
  tampered(
    'auth-shared',
    { breaks: 'The AUTH of one connection opens all others.', ...at },
    gate({ auth: 'opens-all' }),
  ),
  tampered(
    'refused-auth-opens',
    { breaks: 'An AUTH that got OK false opens the relay.', ...at },
    gate({ auth: 'opens-when-refused' }),
  ),
  tampered(
    'stored-leaked',
    { breaks: 'Stored events are sent before a REQ is refused for want of AUTH.', ...at },
    gate({ lets: 'stored' }),
  ),
  tampered(
    'live-leaked',
    { breaks: 'Without AUTH live events are sent, and no stored ones.', ...at },
    gate({ lets: 'live' }),
  ),
  tampered('count-leaked', { breaks: 'COUNT is answered without AUTH.', ...at }, gate({ lets: 'COUNT' })),
  tampered('writing-unguarded', { breaks: 'EVENT is taken without AUTH.', ...at }, gate({ lets: 'EVENT' })),
  tampered(
    'private-to-third-parties',
    { breaks: 'Private events are sent to whoever has authenticated.', stage: 'follows' },
    oneRule(() => {
      const kept: NostrEvent[] = [];
      return {
        fromClient([label, event]) {
          if (label === 'EVENT' && validateEvent(event)) kept.push(event as NostrEvent);
          return undefined;
        },
        fromRelay(message, scene) {
          const seen = scene.subscription(message[1]);
          if (message[0] !== 'EOSE' || !seen) return undefined;
          const [tag] = seen.filters[0]?.['#t'] ?? [];
          const missing = kept.filter(
            (event) =>
              event.tags.some(([name, value]) => name === 't' && value === tag) &&
              !seen.events.some(({ id }) => id === event.id),
          );
          return [...missing.map((event) => ['EVENT', message[1], event]), message];
        },
      };
    }),
  ),
  tampered(
    'private-counted',
    { breaks: 'Private events are counted for whoever asks.', stage: 'follows' },
    saysInstead('COUNT', ([label, id, result]) => [
      [label, id, { ...(result as object), count: Number((result as { count?: unknown }).count) + 1 }],
    ]),
  ),
];
