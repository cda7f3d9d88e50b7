import { isMap, isNode, isPair, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { InputError, type InputProblem, type SourcePosition } from '../errors.js';
import { applyOverride, type Override, type Path } from './override.js';

/** The content of a YAML file with the overrides applied, and where each of its values came from. */
export interface Source {
  readonly value: unknown;
  /** Nothing but white space and comments. */
  readonly isEmpty: boolean;
  /** Where the value at `path` is; of a value that isn't there, where it should be. */
  at(path: Path): SourcePosition;
  /** Where the key at the end of `path` is. */
  keyAt(path: Path): SourcePosition;
  /** Whether the value at `path` came from an override. */
  overridden(path: Path): boolean;
}

/** @throws {InputError} with line and column of every YAML error. */
export function readSource(text: string, file: string, overrides: readonly Override[]): Source {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const [first, ...rest] = document.errors.map(
    (error): InputProblem => ({
      message: `not YAML: ${error.message}`,
      at: position(error.pos[0]),
      hint: yamlHint(error.code),
    }),
  );
  if (first) throw new InputError([first, ...rest]);
  let value = plain(() => document.toJS(), file);
  const isEmpty = value === null || value === undefined;
  const applied: { path: Path; at: SourcePosition }[] = [];
  for (const override of isEmpty ? [] : overrides) {
    const resolved = applyOverride(value, override);
    value = resolved.value;
    applied.push({ path: resolved.path, at: override.at });
  }
  const overrideOf = (path: Path) => applied.findLast((one) => isPrefix(one.path, path));
  const locate = (path: Path, part: 'key' | 'value'): SourcePosition => {
    const override = overrideOf(path);
    return override ? override.at : position(offsetOf(document.contents, path, part));
  };
  return {
    value,
    isEmpty,
    at: (path) => locate(path, 'value'),
    keyAt: (path) => locate(path, 'key'),
    overridden: (path) => overrideOf(path) !== undefined,
  };
}

function yamlHint(code: string): string | undefined {
  if (code === 'DUPLICATE_KEY') return 'keep one of them';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  return "check indentation and brackets; a tag key such as '#t' needs quotes";
}

/** Aliases can be nested so that the value explodes; the parser refuses that when it builds it. */
function plain(build: () => unknown, file: string): unknown {
  try {
    return build();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new InputError([{ message: `not usable YAML: ${message}`, at: { file } }]);
  }
}

function isPrefix(prefix: Path, path: Path): boolean {
  return prefix.length <= path.length && prefix.every((part, index) => String(part) === String(path[index]));
}

function offsetOf(root: Node | null, path: Path, part: 'key' | 'value'): number {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const [index, key] of path.entries()) {
    const child = childOf(node, key);
    if (child === undefined) return offset;
    const wanted =
      isPair(child) && part === 'key' && index === path.length - 1 ? child.key : pairValue(child);
    offset = startOf(wanted) ?? (isPair(child) ? startOf(child.key) : undefined) ?? offset;
    node = pairValue(child);
  }
  return offset;
}

function childOf(node: unknown, key: PropertyKey): Pair | Node | undefined {
  if (isMap(node)) return node.items.find((pair) => keyText(pair.key) === String(key));
  if (!isSeq(node)) return undefined;
  const item = node.items[Number(key)];
  return isNode(item) ? item : undefined;
}

function keyText(key: unknown): string {
  return isNode(key) ? String(key.toJSON()) : String(key);
}

function pairValue(child: Pair | Node): unknown {
  return isPair(child) ? child.value : child;
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
