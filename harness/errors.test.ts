import { expect, test } from 'vitest';
import { formatProblem, InputError } from './errors.js';

test('a problem reads file:line:column, then what to write instead', () => {
  expect(
    formatProblem({
      message: 'unknown step "conect"',
      at: { file: 'a.yaml', line: 3, column: 7 },
      hint: 'did you mean "connect"?',
    }),
  ).toBe('a.yaml:3:7: unknown step "conect"\n  did you mean "connect"?');
});

test('an input error shows every problem', () => {
  const error = new InputError([{ message: 'one' }, { message: 'two', at: { file: 'b.yaml' } }]);
  expect(error.message).toBe('one\nb.yaml: two');
});
