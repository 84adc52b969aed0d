import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensuite, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-cli-heads-'))
const at = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Measured {
  readonly metrics: Readonly<Record<string, number>>
  readonly constant?: Readonly<Record<string, number>>
}
type Heads = Readonly<Record<'price' | 'colour', Measured>>

const small = ['--width', '8', '--layers', '1', '--heads', '2', '--epochs', '2', '-k', '1']
const log = at('clicks.csv')
const trained = (input: string, out: string, ...flags: readonly string[]) =>
  ensuite(['train', input, '--config', at('config.json'), ...small, ...flags, '--out', at(out)])

beforeAll(async () => {
  const [head, ...rows] = plantedLog({ sessions: 60, length: 6, items: 12 }).trim().split('\n')
  const priced = rows.map((row, index) => `${row},${((index * 7) % 11) / 2}`)
  writeFileSync(log, `${[`${head!},price`, ...priced].join('\n')}\n`)
  const column = (name: string, type: string): object => ({ op: 'column', options: { name, type } })
  const workflow = {
    session: 'session',
    time: column('time', 'seconds'),
    item: 'item',
    features: {
      item: { op: 'categorify', inputs: [column('item', 'text')] },
      colour: { op: 'categorify', inputs: [column('colour', 'text')] },
      price: column('price', 'number'),
    },
  }
  const model = {
    heads: [
      { kind: 'next-item' },
      { kind: 'regression', options: { target: 'price' } },
      { kind: 'multi-class', options: { target: 'colour' } },
    ],
  }
  writeFileSync(at('workflow.json'), JSON.stringify(workflow))
  writeFileSync(at('config.json'), JSON.stringify({ workflow, model, train: { metric: 'price/rmse' } }))
  const ran = await trained(log, 'shop')
  expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)])
  writeFileSync(at('printed.txt'), ran.stdout)
})

const saved = (artifact: string): Heads =>
  (JSON.parse(readFileSync(at(`${artifact}/metrics.json`), 'utf8')) as { test: { heads: Heads } }).test.heads

describe('heads beside that of the next item are measured on the test part', () => {
  it('train saves them beside their constants, the watched metric among them', () => {
    const { price, colour } = saved('shop')
    expect(Object.keys(price.metrics)).toEqual(['rmse', 'mae', 'r2'])
    expect(Object.keys(colour.metrics)).toEqual(['accuracy', 'logLoss'])
    // The mean of 0 to 5 in steps of a half lies 1.5 from them at least.
    expect(price.constant!['rmse']).toBeGreaterThan(1)
    expect(Object.keys(colour.constant!)).toEqual(['accuracy', 'logLoss'])
  })

  it('train and inspect print them in a table after the ranking one', async () => {
    const row = new RegExp(
      `│ price/rmse +│ +${Number(saved('shop').price.metrics['rmse']!.toPrecision(4))} │ +\\d.\\d+ │`,
    )
    const inspected = await ensuite(['inspect', at('shop')])
    for (const text of [readFileSync(at('printed.txt'), 'utf8'), inspected.stdout]) {
      expect(text).toMatch(row)
      expect(text.indexOf('│ price/rmse')).toBeGreaterThan(text.indexOf('popularity'))
    }
    expect(readFileSync(at('printed.txt'), 'utf8')).toMatch(
      /^price: 60 targets, (not )?better than the constant/m,
    )
  })

  it('evaluate measures the same', async () => {
    const told = await ensuite(['evaluate', at('shop'), log, '-k', '1', '--json'])
    expect([told.code, told.stderr]).toEqual([0, expect.any(String)])
    expect((JSON.parse(told.stdout) as { heads: Heads }).heads).toEqual(saved('shop'))
    const shown = await ensuite(['evaluate', at('shop'), log, '-k', '1'])
    expect(shown.stdout).toMatch(/│ colour\/logLoss +│/)
  })

  it('recommend says normalised amounts in the unit of their column, too', async () => {
    const config = JSON.parse(readFileSync(at('config.json'), 'utf8')) as {
      workflow: { features: Record<string, object> }
    }
    const { features } = config.workflow
    features['price'] = { op: 'normalize', inputs: [features['price']] }
    const heads = [{ kind: 'next-item' }, { kind: 'regression', options: { target: 'price' } }]
    writeFileSync(at('normalised.json'), JSON.stringify({ ...config, model: { heads } }))
    const own = ['--config', at('normalised.json'), '--learn-from', 'all', '--out', at('normalised')]
    const ran = await ensuite(['train', log, ...own, ...small])
    expect([ran.code, ran.stderr]).toEqual([0, expect.any(String)])
    const prices = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((row) => Number(row.split(',').at(-1)))
    const mean = prices.reduce((sum, price) => sum + price, 0) / prices.length
    const variance = prices.reduce((sum, price) => sum + (price - mean) ** 2, 0) / (prices.length - 1)
    const ask = (artifact: string, ...flags: readonly string[]) =>
      ensuite(['recommend', at(artifact), '--items', 'i3,i4', '-k', '1', ...flags])
    const told = JSON.parse((await ask('normalised', '--json')).stdout) as Record<
      string,
      Record<string, number>
    >
    const price = told['predictions']!['price']!
    expect(told['ownUnits']!['price']).toBeCloseTo(price * Math.sqrt(variance) + mean, 6)
    expect((await ask('normalised')).stdout).toMatch(
      /^price: -?\d\.\d{4} \(normalised; \d\.\d{4} in the unit of the column\)$/m,
    )
    // Of a column as it is there is nothing to say.
    expect(JSON.parse((await ask('shop', '--json')).stdout)).not.toHaveProperty('ownUnits')
    expect((await ask('shop')).stdout).toMatch(/^price: -?\d\.\d{4}$/m)
  })

  it('without constants where the training sessions are not in memory', async () => {
    const by = ['--config', at('workflow.json'), '--split', '--out', at('prepared')]
    const divided = await ensuite(['prepare', log, ...by])
    expect([divided.code, divided.stderr]).toEqual([0, expect.any(String)])
    const { code, stdout, stderr } = await trained(at('prepared'), 'streamed', '--json')
    expect([code, stderr]).toEqual([0, expect.any(String)])
    const { heads } = (JSON.parse(stdout) as { test: { heads: Heads } }).test
    expect(Object.keys(heads.price)).toEqual(['kind', 'target', 'targets', 'missing', 'metrics'])
    const told = await ensuite(['evaluate', at('streamed'), at('prepared'), '-k', '1'])
    expect(told.stdout).toMatch(/^price: \d+ targets, beside no constant\.$/m)
    expect((await ensuite(['inspect', at('streamed')])).stdout).toMatch(/│ price\/mae +│ +[\d.]+ │\n/)
  })
})
