import { z } from 'zod';
import { suggestion } from './nearest.js';

/**
 * An object that refuses keys it doesn't know. The message of its `unrecognized_keys` issue has one line for each
 * key: the hint for that key (issues.ts takes it apart).
 */
export function strict<Shape extends z.ZodRawShape>(
  shape: Shape,
  suggested: readonly string[] = Object.keys(shape),
) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => suggestion(key, suggested)).join('\n')
        : undefined,
  });
}

/** The problem of an object that must have exactly one of `keys`, or undefined when it does. */
function oneKeyProblem(value: object, keys: readonly string[]): string | undefined {
  const given = keys.filter((key) => Object.hasOwn(value, key));
  if (given.length === 1) return undefined;
  if (given.length === 0) return `one of ${keys.join(', ')} is needed`;
  return `only one of ${given.join(', ')} can be given`;
}

/** Marks an object in the JSON Schema as having exactly one of `keys`. */
export function oneOfKeys(keys: readonly string[]): { oneOf: { required: string[] }[] } {
  return { oneOf: keys.map((key) => ({ required: [key] })) };
}

/** A check for {@link strict} objects that need exactly one of `keys`; silent where something else is wrong already. */
export function exactlyOne(keys: readonly string[]) {
  return (context: { value: object; issues: z.core.$ZodRawIssue[] }): void => {
    const problem = context.issues.length === 0 ? oneKeyProblem(context.value, keys) : undefined;
    if (problem) context.issues.push({ code: 'custom', input: context.value, message: problem });
  };
}
