/** Text and tables as a terminal shows them. */
import Table from 'cli-table3';

/** What a terminal is: whether it has colour, and how many columns. */
export interface TerminalPage {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const LONGEST_LINE = 110;

/** Columns that are written to, of those that a terminal has. */
export function lineWidth(columns: number): number {
  return Math.max(30, Math.min(columns, LONGEST_LINE));
}

/** Breaks text at spaces; `indent` leads every line but the first. Words that are too long are cut. */
export function wrapped(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((part) => pieces(part, width - indent.length))) {
    const room = width - (lines.length ? indent.length : 0);
    if (line && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}

function pieces(word: string, length: number): readonly string[] {
  const count = Math.max(1, Math.ceil(word.length / length));
  return Array.from({ length: count }, (_, index) => word.slice(index * length, (index + 1) * length));
}

/** A table without lines: the first column to the left, the others to the right. */
export function plainTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const grid = new Table({
    head: [...head],
    colAligns: head.map((_, index) => (index === 0 ? 'left' : 'right')),
    chars: PLAIN_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2, compact: true },
  });
  for (const row of rows) grid.push([...row]);
  return grid
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .filter(Boolean)
    .join('\n');
}

const PLAIN_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
