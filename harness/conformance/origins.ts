import type { KnownEvents } from '../client/known-events.js';
import type { EventMessage } from '../client/message.js';
import { foreignEvent, nothingInvented } from './checks/event.js';
import { authNotServed } from './checks/message.js';
import type { Connection } from './connection.js';
import type { Evidence, Verdicts } from './verdicts.js';

const AUTH_KIND = 22242;
const DEFAULT_VERIFICATIONS = 5_000;

export interface OriginOptions {
  readonly known: KnownEvents;
  readonly loaded: number;
  readonly verify: (event: ReturnType<EventMessage['event']>) => boolean;
  readonly verifications?: number | undefined;
  /** Called where an event has the id of a known one and is not known to be genuine. */
  readonly onAltered: (message: EventMessage, connection: Connection) => void;
}

/** Judges what an event is, whatever subscription it came for: genuine, ours, fit to be served. */
export class Origins {
  readonly #authEvents = new Set<number>();
  #verificationsLeft: number;
  #known = 0;

  constructor(
    private readonly options: OriginOptions,
    private readonly verdicts: Verdicts,
  ) {
    this.#verificationsLeft = options.verifications ?? DEFAULT_VERIFICATIONS;
    for (let number = 0; number < options.loaded; number++) this.noteKind(number);
  }

  /** A known event that must not be served is remembered, so that the others cost nothing. */
  noteKind(number: number): void {
    if (this.options.known.eventOf(number).kind === AUTH_KIND) this.#authEvents.add(number);
  }

  /** @returns the number that the event stands for, also when it was altered; undefined for foreign ones. */
  judge(message: EventMessage, connection: Connection): number | undefined {
    const { known } = message;
    if (known === undefined) return this.#judgeUnknown(message, connection);
    this.#known += 1;
    if (this.#authEvents.size > 0 && this.#authEvents.has(known)) {
      this.verdicts.apply(
        authNotServed,
        { id: message.id, kind: AUTH_KIND },
        evidenceOf(message, connection),
      );
    }
    return known;
  }

  /** Counts the events that needed no look. */
  finish(): void {
    this.verdicts.passed(nothingInvented, this.#known);
    this.verdicts.passed(foreignEvent, this.#known);
    this.verdicts.passed(authNotServed, this.#known);
  }

  #judgeUnknown(message: EventMessage, connection: Connection): number | undefined {
    const evidence = evidenceOf(message, connection);
    const event = message.event();
    const { id, kind } = event;
    const valid = this.#verificationsLeft > 0 ? this.options.verify(event) : undefined;
    if (valid !== undefined) this.#verificationsLeft -= 1;
    const number = this.options.known.numberOf(id);
    if (number !== undefined && valid !== true) this.options.onAltered(message, connection);
    this.verdicts.apply(nothingInvented, { id, valid }, evidence);
    if (valid && number === undefined) this.verdicts.apply(foreignEvent, { id, known: false }, evidence);
    this.verdicts.apply(authNotServed, { id, kind }, evidence);
    return number;
  }
}

function evidenceOf({ subscription, id }: EventMessage, connection: Connection): Evidence {
  return connection.evidence({ subscription, eventId: id });
}
