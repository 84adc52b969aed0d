// Runs everything that must hold: build, format, lint, types, tests. The last line counts the tests, from vitest's own report.
// `--long` adds the tests that take minutes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const bin = (name) => join('node_modules', '.bin', name)
const run = (command, args) =>
  spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1
const folder = mkdtempSync(join(tmpdir(), 'ensuite-test-'))

const checks = [
  ['build', () => run('npm', ['run', '--silent', 'build'])],
  ['format', () => run(bin('prettier'), ['--check', '--log-level', 'warn', '.'])],
  ['types', () => run(bin('tsc'), ['--noEmit'])],
  ['lint', () => run(bin('eslint'), ['.', '--max-warnings', '0'])],
]

function tests(config) {
  const report = join(folder, `${config}.json`)
  const status = run(bin('vitest'), [
    'run',
    '--config',
    config,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ])
  try {
    const {
      numPassedTests: passed,
      numFailedTests: failed,
      numPendingTests: skipped,
      success,
    } = JSON.parse(readFileSync(report, 'utf8'))
    return { passed, failed, skipped, ok: success && status === 0 }
  } catch {
    console.error(`vitest left no report for ${config}`)
    return { passed: 0, failed: 1, skipped: 0, ok: false }
  }
}

const broken = checks.filter(([, check]) => check() !== 0).map(([name]) => name)
const configs = ['vitest.config.ts', ...(process.argv.includes('--long') ? ['vitest.long.config.ts'] : [])]
const results = broken.includes('build') ? [] : configs.map(tests)
rmSync(folder, { recursive: true, force: true })

const total = (key) => results.reduce((all, result) => all + result[key], 0)
if (broken.length > 0) console.error(`failed before the tests: ${broken.join(', ')}`)
const failed = total('failed') + broken.length
console.log(
  `${total('passed')} passed, ${failed} failed${total('skipped') > 0 ? `, ${total('skipped')} skipped` : ''}`,
)
process.exitCode = failed === 0 && results.length > 0 && results.every((result) => result.ok) ? 0 : 1
