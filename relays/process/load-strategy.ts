import { pathToFileURL } from 'node:url';
import type { Strategy } from '../strategy.js';

/** A module that can't be loaded, or exports no strategy. */
export class StrategyModuleError extends Error {
  override readonly name = 'StrategyModuleError';
}

/**
 * The strategy `streaming` or `batched`, or the default export of the module at an absolute path. Only what is asked
 * for is imported.
 * @throws {StrategyModuleError}
 */
export async function loadStrategy(strategy: string): Promise<Strategy> {
  if (strategy === 'streaming') return (await import('../streaming/index.js')).streaming;
  if (strategy === 'batched') return (await import('../batched/index.js')).batched;
  const exported = await defaultExport(strategy);
  if (isStrategy(exported)) return exported;
  throw new StrategyModuleError(
    `the default export of ${strategy} is no strategy; ` +
      `write: export default { name: 'mine', converse(connection, substrate) { … } }`,
  );
}

async function defaultExport(path: string): Promise<unknown> {
  try {
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href);
    return module.default;
  } catch (error) {
    throw new StrategyModuleError(`${path} can't be loaded: ${inWords(error, path)}`, { cause: error });
  }
}

function isStrategy(value: unknown): value is Strategy {
  if (typeof value !== 'object' || value === null) return false;
  const { name, converse }: { readonly name?: unknown; readonly converse?: unknown } = value;
  return typeof name === 'string' && typeof converse === 'function';
}

/** Node tells the place of a syntax error only to whoever runs the file. */
function inWords(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof SyntaxError ? `${error.message} (node --check ${path} shows where)` : error.message;
}
