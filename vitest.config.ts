import { execFileSync } from 'node:child_process'
import { defineConfig } from 'vitest/config'

// The kernels are made from their sources, so that a single test runs in a new clone, too.
execFileSync(process.execPath, ['scripts/build-kernels.mjs'])

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts', 'bench/**/*.test.ts'],
    exclude: ['**/*.long.test.ts', '**/node_modules/**'],
    pool: 'forks',
    testTimeout: 60_000,
  },
})
