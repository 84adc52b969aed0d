import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { expressions as f } from '../expressions/index.ts'
import { createRandom } from '../random.ts'
import { workflow } from '../workflow/index.ts'
import { fitSplit } from './fit-split.ts'
import { splitSessions, type Split } from './splits/split-sessions.ts'
import { splitExamples } from './splits/splits.test-support.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-split-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const random = createRandom(3)
const rows = Array.from({ length: 60 }, (_, session) =>
  Array.from({ length: 2 + random.below(6) }, (_event, at) => ({
    session: `s${session}`,
    item: `i${random.below(15)}`,
    price: random.below(1000) / 8,
    time: 20 * random.below(50) + at,
  })),
).flat()
const write = (name: string, events: typeof rows): { readonly path: string } => {
  const path = join(folder, name)
  const lines = events.map(({ session, item, price, time }) => `${session},${item},${price},${time}`)
  writeFileSync(path, `session,item,price,time\n${lines.join('\n')}\n`)
  return { path }
}
const source = write('all.csv', rows)
const price = f.column('price', 'number')
const own = workflow({
  session: 'session',
  item: f.category('item'),
  time: 'time',
  features: {
    price: f.normalize(price),
    rate: f.targetEncode(price, { by: f.column('item', 'text'), fold: f.column('session', 'text') }),
  },
})

const splits = Object.values(splitExamples).map(({ split }): Split => split)

describe.each(splits)('$kind', (split) => {
  test('what is learnt is what the training part alone teaches', async () => {
    const { fitted, train, validation, test: tested } = await fitSplit(own, source, split)
    const all = await own.fit(source)
    const whole = splitSessions(await all.transform(source), split)
    // The same events by all that says who they are.
    expect([train.ids, train.offsets, train.times]).toEqual([
      whole.train.ids,
      whole.train.offsets,
      whole.train.times,
    ])
    const kept = new Map<string, number>()
    for (const [index, id] of train.ids.entries())
      kept.set(id, train.offsets[index + 1]! - train.offsets[index]!)
    const inOrder = [...rows.keys()].sort(
      (left, right) => rows[left]!.time - rows[right]!.time || left - right,
    )
    const training = new Set<number>()
    for (const row of inOrder) {
      const left = kept.get(rows[row]!.session) ?? 0
      if (left > 0) training.add(row)
      kept.set(rows[row]!.session, left - 1)
    }
    const alone = await own.fit(
      write(
        `${split.kind}.csv`,
        rows.filter((_, row) => training.has(row)),
      ),
    )
    expect(JSON.stringify(fitted)).toBe(JSON.stringify(alone))
    expect(JSON.stringify(fitted)).not.toBe(JSON.stringify(all))
    // Validation and test are as they are served, training keeps an event's own session out of what it is told.
    const served = splitSessions(await fitted.transform(source), split)
    expect([validation, tested]).toEqual([served.validation, served.test])
    expect(train.items).toEqual(served.train.items)
    expect(train.continuous['rate']).not.toEqual(served.train.continuous['rate'])
  })
})

test('what is fitted already is refused, and so is what is no workflow', async () => {
  const fitted = await own.fit(source)
  const refused = (given: unknown): Promise<unknown> =>
    fitSplit(given as typeof own, source, { kind: 'leave-one-out' })
  await expect(refused(fitted)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
  await expect(refused(fitted)).rejects.toThrow(/received a fitted workflow.*splitSessions/)
  await expect(refused({})).rejects.toThrow(/received something else/)
  await expect(refused(undefined)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})

test('what is no split is refused before any event is read', async () => {
  for (const [split, code] of [
    [undefined, 'OPTION_INVALID'],
    ['random', 'OPTION_INVALID'],
    [{ kind: 'randon' }, 'OPTION_INVALID'],
    [{ kind: 'random', tset: 0.1 }, 'OPTION_UNKNOWN'],
  ] as const)
    await expect(fitSplit(own, { path: 'nowhere.csv' }, split as never)).rejects.toMatchObject({ code })
})

test('a period before all events leaves nothing to learn from', async () => {
  const fitting = own.fit(source, { period: { until: Date.parse('1969-01-01') } })
  await expect(fitting).rejects.toMatchObject({ code: 'EVENTS_EMPTY' })
  await expect(fitting).rejects.toThrow(/none lies in the period until 1969-01-01T00:00:00.000Z/)
})
