import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ensuite, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-cli-'))
const events = join(folder, 'clicks.csv')
const artifact = join(folder, 'artifact')
const options = [
  '--session',
  'session',
  '--item',
  'item',
  '--time',
  'time',
  '--categorical',
  'colour',
  '--width',
  '32',
  '--layers',
  '1',
  '--heads',
  '2',
  '--dropout',
  '0.1',
  '--learning-rate',
  '0.01',
  '--batch-size',
  '16',
  '--epochs',
  '30',
  '-k',
  '1,5',
  '--keep-seen',
]

beforeAll(() => writeFileSync(events, plantedLog({ sessions: 200, length: 8, items: 20 })))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Json = Readonly<Record<string, unknown>>

it('trains, evaluates and recommends what was planted', async () => {
  const trained = await ensuite(['train', events, ...options, '--json', '--out', artifact])
  expect([trained.code, trained.stderr]).toEqual([0, expect.stringContaining('epoch 1 ')])
  const result = JSON.parse(trained.stdout) as { test: Json; artifact: string }
  expect(result.artifact).toBe(artifact)
  expect(result.test['ndcg@1']).toBeGreaterThan(0.95)

  const evaluated = JSON.parse(
    (await ensuite(['evaluate', artifact, events, '-k', '1,5', '--keep-seen', '--json'])).stdout,
  ) as Json & { floors: { popularity: Json; markov: Json } }
  expect(evaluated).toMatchObject({
    sessions: 200,
    items: 20,
    filterSeen: false,
    split: { kind: 'leave-one-out' },
  })
  expect(evaluated['ndcg@5']).toBe(result.test['ndcg@5'])
  expect(evaluated['recall@5']).toBeGreaterThan(evaluated.floors.popularity['recall@5'] as number)
  expect(evaluated.floors.markov['ndcg@1']).toBeGreaterThan(0.9)

  const beside = await ensuite([
    ...['evaluate', artifact, events, '-k', '1,5', '--keep-seen', '--json'],
    ...['--baselines', '[{"kind": "vsknn", "options": {"neighbours": 50}}, "vsknn", "decayed-markov"]'],
  ])
  const { baselines, ...model } = JSON.parse(beside.stdout) as Json & { baselines: Record<string, Json> }
  expect(model).toEqual(evaluated)
  expect(Object.keys(baselines)).toEqual(['vsknn', 'vsknn 2', 'decayed-markov'])
  expect(baselines['vsknn']).toMatchObject({ sessions: 200, filterSeen: false, options: { neighbours: 50 } })
  expect(baselines['decayed-markov']!['ndcg@1']).toBeGreaterThan(0.9)
  const sliced = [...['evaluate', artifact, events, '-k', '5', '--keep-seen'], '--slices', 'length,day']
  const further = JSON.parse((await ensuite([...sliced, '--json'])).stdout) as Json & {
    slices: Record<string, readonly Json[]>
  }
  expect(further.slices).toMatchObject({
    length: [{ name: '6-10', sessions: 200, metrics: { 'ndcg@5': evaluated['ndcg@5'] } }],
    day: [
      { name: '2023-11-14', sessions: expect.any(Number) as number },
      { name: '2023-11-15' },
      { name: '2023-11-16' },
      { name: '2023-11-17' },
    ],
  })
  expect(further['coverage@5']).toBe(1)
  expect(further['novelty@5']).toBeGreaterThan(0)
  const tables = (await ensuite(sliced)).stdout
  expect(tables).toMatch(
    /│ coverage@5 │ gini@5 │ popularity@5 │ popularity-lift@5 │ novelty@5 │ diversity@5 │ ser/,
  )
  expect(tables).toMatch(/│ day +│ +sessions │ +ndcg@5 │ +recall@5 │/)
  const all = await ensuite(['evaluate', artifact, events, '-k', '1', '--baselines', 'all'])
  for (const row of ['sasrec', 'vstan', 'ease', 'recent-popularity', 'markov'])
    expect(all.stdout).toMatch(new RegExp(`│ ${row} +│ +[01]\\.\\d{4} `))

  const recommended = JSON.parse(
    (await ensuite(['recommend', artifact, '--items', 'i3,i4,nothing,i5', '-k', '3', '--json'])).stdout,
  ) as { items: { item: string; score: number }[]; unknown: string[] }
  expect(recommended.items[0]!.item).toBe('i6')
  expect(recommended.items).toHaveLength(3)
  expect(recommended.unknown).toEqual(['nothing'])

  const withFeatures = JSON.parse(
    (
      await ensuite([
        'recommend',
        artifact,
        '--events',
        '[{"item": "i18", "colour": "red"}, {"item": "i19", "colour": "red"}]',
        '-k',
        '1',
        '--json',
      ])
    ).stdout,
  ) as { items: { item: string }[] }
  expect(withFeatures.items[0]!.item).toBe('i0')
})

it('looks for leaks before it trains, on request alone, and ends where it must', async () => {
  const leaking = join(folder, 'leaking.csv')
  // Steps of one, two or three, so that an item does not tell the next one.
  const rows = Array.from({ length: 200 }, (_, session) =>
    Array.from({ length: 8 }, (_, event) => {
      const item = (at: number): number => (session * 7 + at * (1 + (session % 3))) % 20
      return `s${session},i${item(event)},${1_700_000_000 + session * 1000 + event},n${item(Math.min(event + 1, 7))}`
    }),
  ).flat()
  writeFileSync(leaking, `session,item,time,next\n${rows.join('\n')}\n`)
  const columns = ['--session', 'session', '--item', 'item', '--time', 'time']
  const check = ['train', leaking, ...columns, '--check', '--split', 'time']
  const clean = await ensuite([...check, '--strict-leakage', '--json'])
  expect([clean.code, JSON.parse(clean.stdout)]).toEqual([
    0,
    { leakage: [], split: { kind: 'time', validation: 0.1, test: 0.1 } },
  ])
  const found = await ensuite([...check, '--categorical', 'next'])
  expect([found.code, found.stdout]).toEqual([
    0,
    expect.stringMatching(/^Leak \(error\) target-in-features: /),
  ])
  const out = join(folder, 'leaking')
  const strict = await ensuite([
    ...[
      'train',
      leaking,
      ...columns,
      '--categorical',
      'next',
      '--split',
      'time',
      '--strict-leakage',
      '--out',
      out,
    ],
  ])
  expect([strict.code, strict.stderr]).toEqual([2, expect.stringContaining('error [LEAKAGE_FOUND]')])
  const trained = await ensuite([
    ...[
      'train',
      leaking,
      ...columns,
      '--categorical',
      'next',
      '--split',
      'time',
      '--epochs',
      '1',
      '--out',
      out,
    ],
    ...['--width', '8', '--layers', '1', '--heads', '1'],
  ])
  expect(trained.code).toBe(0)
  expect(JSON.parse(readFileSync(join(out, 'training.json'), 'utf8'))).toMatchObject({
    leakage: [{ kind: 'target-in-features', severity: 'error', examples: ['next'] }],
  })
  // What was found is no part of the config that trains it again.
  const inspected = await ensuite(['inspect', out, '--json'])
  expect([inspected.code, inspected.stdout.includes('leakage')]).toEqual([0, false])
})

it('prepares a log by day, trains on the folder, and evaluates there', async () => {
  const config = join(folder, 'workflow.json')
  writeFileSync(
    config,
    JSON.stringify({
      session: 'session',
      item: 'item',
      time: { op: 'column', options: { name: 'seconds', type: 'seconds' } },
      features: {
        item: { op: 'categorify', inputs: [{ op: 'column', options: { name: 'item', type: 'text' } }] },
      },
    }),
  )
  const log = join(folder, 'days.csv')
  writeFileSync(
    log,
    plantedLog({ sessions: 300, length: 8, items: 20 }).replace('session,item,time', 'session,item,seconds'),
  )
  const prepared = join(folder, 'prepared')
  const done = await ensuite(['prepare', log, '--config', config, '--split', '--json', '--out', prepared])
  expect([done.code, JSON.parse(done.stdout)]).toEqual([
    0,
    expect.objectContaining({ sessions: 300, events: 2400 }),
  ])
  const own = join(folder, 'from-prepared')
  const training = options.slice(options.indexOf('--width'))
  const trained = await ensuite(['train', prepared, ...training, '--json', '--out', own])
  expect([trained.code, trained.stderr]).toEqual([0, expect.stringContaining('sessions to train on')])
  // The shares are drawn by session.
  expect(trained.stderr).toMatch(/trains on what comes after its targets: [1-9]/)
  const result = JSON.parse(trained.stdout) as { test: Json }
  expect(result.test['ndcg@1']).toBeGreaterThan(0.9)
  const evaluated = await ensuite(['evaluate', own, prepared, '-k', '1,5', '--keep-seen', '--json'])
  expect(JSON.parse(evaluated.stdout)).toMatchObject({
    'ndcg@5': result.test['ndcg@5'],
    split: { kind: 'prepared' },
  })
  const recommended = await ensuite(['recommend', own, '--items', 'i3,i4', '-k', '1', '--json'])
  expect(JSON.parse(recommended.stdout)).toMatchObject({ items: [{ item: 'i5' }] })
  for (const [args, says] of [
    [['train', prepared, '--item', 'item', '--out', own], /--item out/],
    [['train', prepared, '--split', 'random', '--overwrite', '--out', own], /--split out/],
    [['evaluate', artifact, prepared], /another workflow/],
  ] as const) {
    const refused = await ensuite(args)
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(says)])
  }
  // Not taken for raw events.
  rmSync(join(prepared, 'prepared.json'))
  const lost = await ensuite(['train', prepared, '--overwrite', '--out', own])
  expect([lost.code, lost.stderr]).toEqual([2, expect.stringContaining('ARTIFACT_INVALID')])
})

it('guesses the columns where none are named, and says so', async () => {
  const own = join(folder, 'guessed')
  const short = ['--width', '8', '--layers', '1', '--heads', '1', '--epochs', '1', '-k', '1', '--json']
  const trained = await ensuite(['train', events, ...short, '--out', own])
  expect([trained.code, trained.stderr]).toEqual([
    0,
    expect.stringMatching(/session +session .*item +item .*time +time .*Guessed/s),
  ])
  // Users' last items but one are followed by other users' last ones.
  expect(trained.stderr).toMatch(/trains on what comes after its targets: \d/)
})

it('two runs of one seed give the same artifact weights, and text output names the protocol', async () => {
  const short = [...options.slice(0, options.indexOf('--epochs')), '--epochs', '2', '-k', '1']
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  const ran = await ensuite(['train', events, ...short, '--out', first])
  expect(ran.stdout).toMatch(/seen items filtered/)
  expect(ran.stdout).toMatch(/markov/)
  await ensuite(['train', events, ...short, '--out', second])
  const { readFileSync } = await import('node:fs')
  expect(
    readFileSync(join(first, 'weights.safetensors')).equals(
      readFileSync(join(second, 'weights.safetensors')),
    ),
  ).toBe(true)
})

it.each(['train', 'evaluate', 'inspect', 'recommend', 'demo'])(
  '%s --help shows examples',
  async (command) => {
    const { code, stdout } = await ensuite([command, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples?:\n\s+\$ ensuite/)
  },
)
