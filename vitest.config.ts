import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{bin,relays,harness,micro,profile,reports,tests,bench}/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // The default of 1 s is an assertion on time where many processes share a machine.
    expect: { poll: { timeout: 10_000 } },
    maxWorkers: 2,
  },
});
