import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{bin,relays,harness,reports,tests,bench}/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});
