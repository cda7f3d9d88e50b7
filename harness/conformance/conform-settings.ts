import type { RelaySettingsInput } from '../../relays/relay.js';
import { InputError, type InputProblem } from '../errors.js';
import { applyOverride, parseOverride } from '../scenario/override.js';
import { relay } from '../scenario/schema.js';

/**
 * Settings of the reference relays from `--set key=value`, each as below `relay:` in a scenario.
 * @throws {InputError} for what is no setting
 */
export function conformSettings(set: readonly string[]): RelaySettingsInput {
  const given = set.map(parseOverride).reduce<unknown>((value, one) => applyOverride(value, one).value, {});
  const parsed = relay.safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }): InputProblem => ({
      message: `--set ${path.map(String).join('.') || 'with an unknown key'}: ${message}`,
    }),
  );
  const [first = { message: '--set: not a setting' }, ...more] = problems;
  throw new InputError([first, ...more]);
}
