import type { KnownEvents } from '../client/known-events.js';
import type { EventMessage, ReceivedMessage, SentMessage } from '../client/message.js';
import { NS_PER_MS } from '../clock.js';
import type { ExcerptLine } from '../results.js';

/** Messages that are kept for each connection. */
const KEPT = 48;
/** Lines of an excerpt about other things than what was asked for are left out; of EVENTs the last few are shown. */
const EVENTS_SHOWN = 6;
/** REQ, EOSE, CLOSE and CLOSED of ids that are kept longer than the messages around them. */
const LANDMARKS_KEPT = 64;
const MAX_CHARACTERS = 300;

/** What an excerpt is about. */
export interface Subject {
  readonly subscription?: string | undefined;
  readonly eventId?: string | undefined;
}

interface Line extends Subject {
  readonly atNs: number;
  readonly direction: ExcerptLine['direction'];
  /** Rendered, or an event whose text can be made when it is needed. */
  readonly content: string | EventMessage;
}

/** The last messages of a connection, from which failures take their evidence. Bounded in number and in size. */
export class WireLog {
  readonly #times = new Float64Array(KEPT);
  readonly #entries: (EventMessage | Line | undefined)[] = [];
  readonly #landmarks: Line[] = [];
  #next = 0;

  constructor(
    private readonly openedNs: number,
    private readonly known: KnownEvents,
  ) {}

  sent(message: SentMessage, atNs: number): void {
    const line: Line = {
      ...subjectOfSent(message),
      atNs,
      direction: 'sent',
      content: cut(this.#textOfSent(message)),
    };
    this.#keep(line, atNs);
    if (message.label === 'REQ' || message.label === 'CLOSE') this.#mark(line);
  }

  got(message: ReceivedMessage, atNs: number): void {
    if (message.label === 'EVENT' && message.known !== undefined) {
      this.#keep(message, atNs);
      return;
    }
    const line: Line = { ...subjectOfGot(message), atNs, direction: 'got', content: cut(textOfGot(message)) };
    this.#keep(line, atNs);
    if (message.label === 'EOSE' || message.label === 'CLOSED') this.#mark(line);
  }

  note(text: string, atNs: number): void {
    this.#keep({ atNs, direction: 'note', content: cut(text) }, atNs);
  }

  /** The lines that matter for a subject, oldest first; AUTH, NOTICE and notes matter for every subject. */
  excerpt(subject: Subject): ExcerptLine[] {
    const kept = this.#lines().filter((line) => concerns(line, subject));
    const earlier = this.#landmarks.filter((line) => concerns(line, subject) && !kept.includes(line));
    const lines = [...earlier, ...kept].sort((a, b) => a.atNs - b.atNs);
    const events = lines.filter(
      ({ direction, content }) => direction === 'got' && typeof content !== 'string',
    );
    const left = new Set(events.slice(0, -EVENTS_SHOWN));
    const shown = lines.filter((line) => !left.has(line)).map((line) => this.#render(line));
    return left.size === 0 ? shown : withNote(shown, left.size);
  }

  #keep(entry: EventMessage | Line, atNs: number): void {
    this.#times[this.#next] = atNs;
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % KEPT;
  }

  #mark(line: Line): void {
    this.#landmarks.push(line);
    if (this.#landmarks.length > LANDMARKS_KEPT) this.#landmarks.shift();
  }

  #lines(): Line[] {
    return this.#entries.flatMap((entry, slot): Line[] => {
      if (!entry) return [];
      if (!('label' in entry)) return [entry];
      const { subscription, id: eventId } = entry;
      return [{ subscription, eventId, atNs: this.#times[slot] ?? 0, direction: 'got', content: entry }];
    });
  }

  #render({ atNs, direction, content }: Line): ExcerptLine {
    const text = typeof content === 'string' ? content : cut(this.#textOfEvent(content));
    return { atMs: (atNs - this.openedNs) / NS_PER_MS, direction, text };
  }

  #textOfEvent({ subscription, known }: EventMessage): string {
    return `["EVENT",${JSON.stringify(subscription)},${known === undefined ? '{…}' : this.#json(known)}]`;
  }

  #textOfSent(message: SentMessage): string {
    switch (message.label) {
      case 'EVENT':
        return `["EVENT",${this.#json(message.known)}]`;
      case 'REQ':
      case 'COUNT':
        return `["${message.label}",${JSON.stringify(message.subscription)},${message.request.filtersJson.slice(0, MAX_CHARACTERS)}]`;
      case 'CLOSE':
        return JSON.stringify([message.label, message.subscription]);
      case 'AUTH':
        return JSON.stringify([message.label, message.event]);
      case 'other':
        return message.text;
    }
  }

  #json(known: number): string {
    return this.known.bytesOf(known).toString('utf8', 0, MAX_CHARACTERS);
  }
}

function withNote(lines: readonly ExcerptLine[], left: number): ExcerptLine[] {
  const firstEvent = lines.findIndex(
    ({ direction, text }) => direction === 'got' && text.startsWith('["EVENT"'),
  );
  const at = Math.max(firstEvent, 0);
  const note: ExcerptLine = {
    atMs: lines[at]?.atMs ?? 0,
    direction: 'note',
    text: `${left} earlier EVENT messages left out`,
  };
  return [...lines.slice(0, at), note, ...lines.slice(at)];
}

function concerns(line: Line, { subscription, eventId }: Subject): boolean {
  if (line.subscription === undefined && line.eventId === undefined) return true;
  return (
    (subscription !== undefined && line.subscription === subscription) ||
    (eventId !== undefined && line.eventId === eventId)
  );
}

function subjectOfSent(message: SentMessage): Subject {
  switch (message.label) {
    case 'EVENT':
      return { eventId: message.event.id };
    case 'AUTH':
    case 'other':
      return {};
    default:
      return { subscription: message.subscription };
  }
}

function subjectOfGot(message: ReceivedMessage): Subject {
  switch (message.label) {
    case 'EVENT':
      return { subscription: message.subscription, eventId: message.id };
    case 'EOSE':
    case 'CLOSED':
    case 'COUNT':
      return { subscription: message.subscription };
    case 'OK':
      return { eventId: message.id };
    case 'malformed':
      return message.about ? { subscription: message.about.key, eventId: message.about.key } : {};
    default:
      return {};
  }
}

function textOfGot(message: ReceivedMessage): string {
  switch (message.label) {
    case 'EVENT': {
      const { id, pubkey, created_at, kind, content } = message.event();
      const event = { id, pubkey, created_at, kind, content: content.slice(0, MAX_CHARACTERS) };
      return JSON.stringify(['EVENT', message.subscription, event]);
    }
    case 'EOSE':
      return JSON.stringify(['EOSE', message.subscription]);
    case 'CLOSED':
      return JSON.stringify(['CLOSED', message.subscription, message.reason.slice(0, MAX_CHARACTERS)]);
    case 'OK':
      return JSON.stringify(['OK', message.id, message.accepted, message.reason.slice(0, MAX_CHARACTERS)]);
    case 'NOTICE':
      return JSON.stringify(['NOTICE', message.text.slice(0, MAX_CHARACTERS)]);
    case 'AUTH':
      return JSON.stringify(['AUTH', message.challenge.slice(0, MAX_CHARACTERS)]);
    case 'COUNT':
      return JSON.stringify(['COUNT', message.subscription, { count: message.count }]);
    case 'unknown':
      return JSON.stringify([message.name]);
    case 'oversized':
      return `(${message.bytes} bytes)`;
    case 'malformed':
      return message.text;
  }
}

/** Cut, and a string of its own: a slice would keep the whole text alive. */
function cut(text: string): string {
  const isShort = text.length <= MAX_CHARACTERS;
  return isShort ? text : `${Buffer.from(text.slice(0, MAX_CHARACTERS)).toString()}…`;
}
