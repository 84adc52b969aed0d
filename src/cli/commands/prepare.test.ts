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

test('learning from the training sessions needs sessions that are divided', async () => {
  const learning = (...flags: readonly string[]): Promise<string> =>
    run(log, '--config', config, '--learn-from', ...flags, '--out', join(folder, 'learnt'))
  await expect(learning('training')).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('--learn-from training') as string,
  })
  for (const flags of [['training', '--validation', '0.4'], ['training', '--split'], ['all']])
    expect(await learning(...flags)).toContain('2 sessions')
})

test.each(['3', '-:', '1:2:3', 'a:', '1.5:'])('--slice %s is refused', async (slice) => {
  await expect(run(log, '--config', config, '--slice', slice, '--out', join(folder, 'no'))).rejects.toThrow(
    `Expected start:end, such as -20: or 0:10, received '${slice}'.`,
  )
})

test('--extend learns on: codes stay, new values come behind them, with the definition of what was learnt', async () => {
  const [first, later] = [
    ['a', 'b'],
    ['c', 'b', 'd', 'a'],
  ].map((items, at) => {
    const path = join(folder, `items${at}.csv`)
    writeFileSync(path, `session,item\n${items.map((each) => `s,${each}\n`).join('')}`)
    return path
  }) as [string, string]
  const category = { op: 'categorify', inputs: [{ ...price, options: { name: 'item', type: 'text' } }] }
  const of = (name: string, features: object): string => {
    writeFileSync(join(folder, name), JSON.stringify({ session: 'session', features }))
    return join(folder, name)
  }
  const items = of('items.json', { item: { ...category, options: {} } })
  const out = join(folder, 'first')
  await run(first, '--config', items, '--out', out)
  const fitted = join(out, 'workflow.json')
  const values = async (...flags: readonly string[]): Promise<readonly string[]> => {
    const next = join(folder, 'next')
    await run(later, '--extend', fitted, ...flags, '--out', next)
    return (await (await openPrepared(next)).fitted()).vocabulary('item').values
  }
  expect(await values()).toEqual(['a', 'b', 'c', 'd'])
  expect(await values('--config', items)).toEqual(['a', 'b', 'c', 'd'])
  const refused = (...flags: readonly string[]): Promise<unknown> =>
    run(later, ...flags, '--out', join(folder, 'none')).catch((error: unknown) => String(error))
  expect(await refused('--extend', items)).toMatch(/--extend expects a fitted workflow/)
  expect(await refused('--extend', fitted, '--config', config)).toMatch(
    /expects a fitted workflow of the same definition, received one of another/,
  )
  expect(await refused('--extend', fitted, '--config', fitted)).toMatch(/learns nothing more, so extend/)
  expect(await refused()).toMatch(/prepare expects --config/)
})
