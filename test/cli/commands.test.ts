import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
  expect(evaluated).toMatchObject({ sessions: 200, items: 20, filterSeen: false, split: 'leave-one-out' })
  expect(evaluated['ndcg@5']).toBe(result.test['ndcg@5'])
  expect(evaluated['recall@5']).toBeGreaterThan(evaluated.floors.popularity['recall@5'] as number)
  expect(evaluated.floors.markov['ndcg@1']).toBeGreaterThan(0.9)

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

it.each(['train', 'evaluate', 'recommend', 'demo'])('%s --help shows examples', async (command) => {
  const { code, stdout } = await ensuite([command, '--help'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/Examples?:\n\s+\$ ensuite/)
})
