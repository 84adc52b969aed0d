import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { SessionSource } from '../data/index.ts'
import { prepareCommand } from './commands/prepare.ts'
import { trainCommand } from './commands/train.ts'
import { lookForLeaks } from './look-for-leaks.ts'
import type { TrainingData } from './training-data.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-leaks-'))
afterAll(() => rmSync(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())
const at = (name: string): string => join(folder, name)
/** Steps of one, two or three, so that an item does not tell the next one; `next` does. */
const item = (session: number, event: number): number => (session * 7 + event * (1 + (session % 3))) % 20
const rows = Array.from({ length: 300 }, (_, session) =>
  Array.from({ length: 8 }, (_, event) =>
    [
      `s${session}`,
      `i${item(session, event)}`,
      `n${item(session, Math.min(event + 1, 7))}`,
      1_700_000_000 + session * 1000 + event,
    ].join(','),
  ),
).flat()
writeFileSync(at('clicks.csv'), `session,item,next,time\n${rows.join('\n')}\n`)

const column = (name: string): object => ({ op: 'column', options: { name, type: 'text' } })
const category = (name: string): object => ({ op: 'categorify', inputs: [column(name)] })

/** Prepares the log with these features, divided, and says where. */
async function prepared(name: string, features: readonly string[]): Promise<string> {
  const config = at(`${name}.json`)
  const time = { op: 'column', options: { name: 'time', type: 'seconds' } }
  const all = Object.fromEntries(features.map((feature) => [feature, category(feature)]))
  writeFileSync(config, JSON.stringify({ session: 'session', item: 'item', time, features: all }))
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true)
  const args = [at('clicks.csv'), '--config', config, '--split', '--max-events', '7', '--out', at(name)]
  await prepareCommand().exitOverride().parseAsync(args, { from: 'user' })
  return at(name)
}

/** What `train` prints. */
async function trained(...args: readonly string[]): Promise<string> {
  let printed = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text)
      return true
    })
  await trainCommand().exitOverride().parseAsync(args, { from: 'user' })
  return printed
}

test('a divided prepared folder is looked at: a feature that tells the next item ends a strict run, before it trains', async () => {
  const leaking = await prepared('leaking', ['item', 'next'])
  expect(await trained(leaking, '--check')).toMatch(/^Leak \(error\) target-in-features: Feature 'next'/m)
  await expect(trained(leaking, '--strict-leakage', '--out', at('out'))).rejects.toMatchObject({
    code: 'LEAKAGE_FOUND',
  })
  await expect(
    trained(leaking, '--strict-leakage', '--baseline', 'markov', '--out', at('out')),
  ).rejects.toMatchObject({ code: 'LEAKAGE_FOUND' })
})

test('the line that ends a strict run names each kind once', async () => {
  const twice = rows.map((row) => `${row},${row.split(',')[2]!}`)
  writeFileSync(at('twice.csv'), `session,item,next,time,again\n${twice.join('\n')}\n`)
  const columns = ['--session', 'session', '--item', 'item', '--time', 'time']
  const features = ['--categorical', 'next,again']
  const strict = [
    at('twice.csv'),
    ...columns,
    ...features,
    '--split',
    'random',
    '--check',
    '--strict-leakage',
  ]
  await expect(trained(...strict)).rejects.toThrow(/^target-in-features found, and/)
  expect(await trained(...strict.slice(0, -1))).toMatch(/'next'.*\n.*'again'/)
})

test('what a draw by session does is its design, and a folder without a leak is trained on', async () => {
  const clean = await prepared('clean', ['item'])
  const said = await trained(clean, '--check', '--strict-leakage', '--json')
  const { leakage } = JSON.parse(said.slice(said.indexOf('{'))) as { leakage: { severity: string }[] }
  expect(leakage.length).toBeGreaterThan(0)
  expect(leakage.filter(({ severity }) => severity !== 'by-design')).toEqual([])
  await trained(clean, '--strict-leakage', '--baseline', 'markov', '-k', '1', '--out', at('markov'))
})

test('one of more events than are read at once is refused where leaks must be looked for, and said otherwise', async () => {
  const train = { blocks: [] as readonly object[] } as SessionSource
  const data = {
    train,
    folder: { path: 'large', events: 5_000_001, train: () => Promise.reject(new Error('it is read')) },
  } as unknown as TrainingData
  const notes: string[] = []
  const output = {
    json: false,
    live: false,
    result: () => undefined,
    note: (line: string) => void notes.push(line),
  }
  const input = { prepared: 'large' }
  expect(await lookForLeaks(data, { input, strict: false }, output)).toBeUndefined()
  expect(notes).toEqual([
    'Leaks are not looked for: large holds 5000001 events, more than the 5000000 that are read at once.',
  ])
  for (const [options, flag] of [
    [{ strict: true }, '--strict-leakage'],
    [{ strict: false, asked: '--check' }, '--check'],
  ] as const)
    await expect(lookForLeaks(data, { input, ...options }, output)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(
        `${flag} reads all sessions at once, and large holds 5000001`,
      ) as string,
    })
})
