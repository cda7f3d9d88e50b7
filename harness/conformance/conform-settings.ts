import { randomBytes } from 'node:crypto';
import type { RelaySettingsInput } from '../../relays/relay.js';
import { publicKeyOf } from '../corpus/keys.js';
import type { SigningKey } from '../corpus/signature.js';
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

/**
 * Keys that may write under `follows` and `managed`, and the settings that say so to a reference relay: those that were
 * given, or else two new ones.
 */
export function withWriters(
  settings: RelaySettingsInput,
  given: readonly SigningKey[],
): { readonly settings: RelaySettingsInput; readonly allowedKeys: readonly SigningKey[] } {
  const { access, members } = settings;
  if ((access !== 'follows' && access !== 'managed') || members !== undefined)
    return { settings, allowedKeys: given };
  const allowedKeys = given.length > 0 ? given : [newKey(), newKey()];
  return {
    settings: { ...settings, members: { write: allowedKeys.map(({ publicKey }) => publicKey) } },
    allowedKeys,
  };
}

function newKey(): SigningKey {
  const secretKey = randomBytes(32).toString('hex');
  return { secretKey, publicKey: publicKeyOf(secretKey) };
}
