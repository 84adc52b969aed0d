import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { openPrepared } from '../../workflow/prepared-sessions.ts'
import { prepareCommand } from './prepare.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-prepare-command-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const log = join(folder, 'events.csv')
writeFileSync(log, `session,price\n${['a,1', 'a,2', 'b,10', 'a,3', 'b,20', 'a,4'].join('\n')}\n`)
const config = join(folder, 'workflow.json')
const price = { op: 'column', inputs: [], options: { name: 'price', type: 'number' } }
writeFileSync(config, JSON.stringify({ session: 'session', steps: [], features: { price } }))

async function run(...args: readonly string[]): Promise<string> {
  let printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await prepareCommand().exitOverride().parseAsync(args, { from: 'user' })
  vi.restoreAllMocks()
  return printed
}

test.each([
  ['-1:', [[4], [20]]],
  [
    '0:3',
    [
      [1, 2, 3],
      [10, 20],
    ],
  ],
  ['2:', [[3, 4]]],
  [':-1', [[1, 2, 3], [10]]],
])('--slice %s', async (slice, expected) => {
  const out = join(folder, 'out')
  const printed = await run(log, '--config', config, '--slice', slice, '--out', out, '--json')
  expect(JSON.parse(printed)).toMatchObject({ sessions: expected.length, events: expected.flat().length })
  const opened = await openPrepared(out)
  const { offsets, values, rows } = await opened.read([opened.parts[0]!.file], ['price'])
  const lists = Array.from({ length: rows }, (_, row) => [
    ...values[0]!.subarray(offsets[row], offsets[row + 1]),
  ])
  expect(lists).toEqual(expected)
})

test('the closing lines say what was written and what was left out', async () => {
  const out = join(folder, 'told')
  expect(await run(log, '--config', config, '--out', out)).toContain('Of 6 events read, none is left out.')
  const cut = await run(log, '--config', config, '--min-events', '3', '--max-events', '3', '--out', out)
  expect(cut).toMatch(/^1 sessions with 3 events in /)
  expect(cut).toContain('Of 6 events read, left out: 2 in 1 sessions of fewer than 3 events; 1 cut off.')
  const emptied = await run(log, '--config', config, '--slice', '2:', '--out', out)
  expect(emptied).toContain('left out: 4 cut off, which leaves nothing of 1 sessions.')
})

test.each(['3', '-:', '1:2:3', 'a:', '1.5:'])('--slice %s is refused', async (slice) => {
  await expect(run(log, '--config', config, '--slice', slice, '--out', join(folder, 'no'))).rejects.toThrow(
    `Expected start:end, such as -20: or 0:10, received '${slice}'.`,
  )
})
