/**
 * Values that are there now or later. A relay whose hooks all answer at once never waits for a turn of the event loop, so
 * that hooks nobody uses cost nothing.
 */
export type MaybePromise<T> = T | Promise<T>;

export function isPending<T>(value: MaybePromise<T>): value is Promise<T> {
  return value instanceof Promise;
}

/** `next` with the value, at once if it is there. */
export function andThen<A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return isPending(value) ? value.then(next) : next(value);
}

/** Asks one after another until there is an answer. */
export function firstAnswer<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => MaybePromise<Answer | undefined>,
): MaybePromise<Answer | undefined> {
  for (const [index, item] of items.entries()) {
    const answer = ask(item);
    if (isPending(answer)) {
      return answer.then((given) => given ?? firstAnswer(items.slice(index + 1), ask));
    }
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** Hands a value through all steps, one after another. */
export function throughAll<T>(steps: readonly ((value: T) => MaybePromise<T>)[], start: T): MaybePromise<T> {
  return steps.reduce<MaybePromise<T>>((value, step) => andThen(value, step), start);
}

/** What `attempt` gives, or `otherwise` of what it threw, now or later. */
export function rescued<T>(
  attempt: () => MaybePromise<T>,
  otherwise: (error: unknown) => T,
): MaybePromise<T> {
  try {
    const value = attempt();
    return isPending(value) ? value.catch(otherwise) : value;
  } catch (error) {
    return otherwise(error);
  }
}
