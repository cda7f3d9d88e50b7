/** What a session knows of one REQ of its script; a refused one that is sent again after AUTH stays the same. */
export interface Request {
  /** Label of the script. */
  readonly as: string;
  /** Index into the workload's requests. */
  readonly request: number;
  readonly dueNs: number;
  readonly closesAtEose: boolean;
  /** The subscription id that is in use now. */
  subscription: string;
  firstEventNs: number | undefined;
  eoseNs: number | undefined;
  /** Events got, stored and live. */
  events: number;
  /** Reasons of CLOSED, in order; hostile text. */
  readonly refusals: string[];
  /** EOSE came, or a CLOSED that the session doesn't answer by AUTH, or the connection ended. */
  ended: boolean;
  /** Called after every change. */
  watchers: (() => void)[];
}

export function newRequest(
  given: Pick<Request, 'as' | 'request' | 'dueNs' | 'closesAtEose' | 'subscription'>,
): Request {
  return {
    ...given,
    firstEventNs: undefined,
    eoseNs: undefined,
    events: 0,
    refusals: [],
    ended: false,
    watchers: [],
  };
}

/** Wakes whoever waits on the request. */
export function changed({ watchers }: Request): void {
  // Who stops to wait leaves a new list behind, so this one can be walked.
  for (const watcher of watchers) watcher();
}

/** Marks the request as one that gets no further answer. */
export function end(request: Request): void {
  request.ended = true;
  changed(request);
}

/** Resolves with true once `condition` holds, looking after every change; with false when `giveUp` resolves first. */
export function until(
  request: Request,
  condition: () => boolean,
  giveUp?: Promise<unknown>,
): Promise<boolean> {
  if (condition()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (met: boolean): void => {
      request.watchers = request.watchers.filter((other) => other !== watcher);
      resolve(met);
    };
    const watcher = (): void => {
      if (condition()) settle(true);
    };
    request.watchers.push(watcher);
    void giveUp?.then(() => settle(false));
  });
}
