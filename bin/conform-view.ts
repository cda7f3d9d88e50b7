/** The suite in a terminal: a tree of checks that grows as they end, with the evidence of what failed. */
import pc from 'picocolors';
import type { CheckResult, RelayResult } from '../harness/results.js';
import { failedByLevel, type TerminalPage } from '../reports/index.js';
import { printable } from '../reports/printable.js';
import { wrapped } from '../reports/terminal-text.js';
import { excerptText } from './excerpt-text.js';

const EXCERPT_LINES = 16;
/** Columns that are written to, at most: beyond them the report is easier to read. */
const WIDEST = 180;
const NARROWEST = 40;
const INDENT = ' '.repeat(8);
const READ_ONLY =
  "an address is read only: for all checks let reqbench start the relay, --relay 'mine=./relay --port {port} --data {dir}'";

/** Prints the checks of one relay in the order of the catalogue, each as soon as all before it have ended. */
export class ConformView {
  readonly #colors: ReturnType<typeof pc.createColors>;
  readonly #width: number;
  readonly #arrived = new Map<string, CheckResult>();
  #next = 0;
  #section = '';

  constructor(
    private readonly stream: NodeJS.WritableStream,
    /** Ids of the checks that come one by one. */
    private readonly order: readonly string[],
    { color, width }: TerminalPage,
  ) {
    this.#colors = pc.createColors(color);
    this.#width = Math.max(NARROWEST, Math.min(width, WIDEST));
  }

  begin(relay: string): void {
    this.#arrived.clear();
    this.#next = 0;
    this.#section = '';
    this.stream.write(`${this.#colors.bold(printable(relay, 60))}\n`);
  }

  add(check: CheckResult): void {
    this.#arrived.set(check.id, check);
    for (;;) {
      const id = this.order[this.#next];
      const arrived = id === undefined ? undefined : this.#arrived.get(id);
      if (!arrived) return;
      this.#next += 1;
      this.#show(arrived);
    }
  }

  /** The invariants, which are known when all probes have ended, and the sum of it all. */
  end({ conformance, error, target }: RelayResult): void {
    const left = new Set(this.order.slice(this.#next));
    const seen = new Set(this.order.slice(0, this.#next));
    const checks = conformance?.checks ?? [];
    for (const check of checks.filter(({ id }) => left.has(id))) this.#show(check);
    const rest = checks.filter(({ id }) => !left.has(id) && !seen.has(id));
    if (rest.length > 0) {
      this.#section = '';
      this.stream.write(`  ${this.#colors.bold('throughout')} (on every message of the probes)\n`);
      for (const check of rest) this.#line(check, check.id);
    }
    if (error) this.stream.write(`  ${this.#colors.red(printable(error.message, 500))}\n`);
    for (const line of error?.logTail.slice(-5) ?? []) this.stream.write(`    ${printable(line, 200)}\n`);
    if (conformance) this.stream.write(`  ${this.#sum(conformance.checks)}\n`);
    if (conformance && target.kind === 'attached') this.stream.write(`  ${READ_ONLY}\n`);
    if (conformance) this.stream.write('\n');
  }

  #show(check: CheckResult): void {
    const parts = check.id.split('/');
    const section = parts.slice(0, -1).join('/');
    if (section !== this.#section) this.stream.write(`  ${this.#colors.bold(section)}\n`);
    this.#section = section;
    this.#line(check, parts.at(-1) ?? check.id);
  }

  #line(check: CheckResult, name: string): void {
    const { green, red, yellow, dim } = this.#colors;
    const title = printable(check.title, 100);
    const note = check.note === undefined ? '' : dim(` (${printable(check.note, 160)})`);
    switch (check.result) {
      case 'passed':
        this.stream.write(`    ${green('✓')} ${name}  ${dim(title)}${note}\n`);
        break;
      case 'observed':
        this.stream.write(`    · ${name}  ${dim(title)}${note || this.#observed(check)}\n`);
        break;
      case 'not-supported':
        this.stream.write(dim(`    - ${name}  not supported\n`));
        break;
      case 'not-tested':
        this.stream.write(
          dim(`    - ${name}  not tested: ${printable(check.note ?? 'no case to judge', 200)}\n`),
        );
        break;
      case 'failed': {
        const paint = check.level === 'SHOULD' ? yellow : red;
        this.stream.write(`    ${paint(`✗ ${name}  ${check.level}: ${title}`)}\n`);
        this.#evidence(check);
      }
    }
  }

  /** A trait is no failure, and its title says what it would be: whether it was seen has to stand there. */
  #observed({ failedCases }: CheckResult): string {
    return this.#colors.dim(failedCases > 0 ? ` (seen ${failedCases}×)` : ' (not seen)');
  }

  #evidence({ failures, requirement, reference }: CheckResult): void {
    const { dim } = this.#colors;
    const [first] = failures;
    const paragraph = (text: string) => `${INDENT}${wrapped(text, this.#width - INDENT.length, INDENT)}`;
    this.stream.write(`${paragraph(printable(first?.message ?? '', 400))}\n`);
    this.stream.write(`${dim(paragraph(`${requirement} (${reference})`))}\n`);
    const excerpt = first?.excerpt ?? [];
    if (excerpt.length > EXCERPT_LINES) {
      this.stream.write(`        ${dim(`… ${excerpt.length - EXCERPT_LINES} lines more in the report`)}\n`);
    }
    for (const line of excerpt.slice(-EXCERPT_LINES)) {
      this.stream.write(`      ${dim(excerptText(line, this.#width - 6))}\n`);
    }
  }

  #sum(checks: readonly CheckResult[]): string {
    const count = (result: CheckResult['result']) => checks.filter((check) => check.result === result).length;
    const { green, red, bold } = this.#colors;
    const sum = [
      `✓ ${count('passed')} passed`,
      `${count('failed') > 0 ? '✗ ' : ''}${failedByLevel(checks)}`,
      `· ${count('observed')} observed`,
      `- ${count('not-supported')} not supported, ${count('not-tested')} not tested`,
    ].join('   ');
    return bold(count('failed') > 0 ? red(sum) : green(sum));
  }
}
