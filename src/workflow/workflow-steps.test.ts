import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { expressions as e, type Expression } from '../expressions/index.ts'
import { fittedWorkflowFromJson } from './fitted-workflow-from-json.ts'
import { workflow, type Workflow } from './workflow.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-workflow-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): { readonly path: string } => {
  writeFileSync(join(folder, name), text)
  return { path: join(folder, name) }
}

test('sessions with features, from a file and online', async () => {
  const source = file(
    'a.csv',
    'user,item,price,ts\nu1,a,10,2020-01-01 10:00:00\nu1,a,10,2020-01-01 10:00:05\nu2,b,,2020-01-01T11:00:00Z\nu1,b,30,2020-01-01 10:01:00\n',
  )
  const item = e.column('item', 'text')
  const price = e.column('price', 'number')
  const time = e.column('ts', 'time')
  const fitted = await workflow({
    session: 'user',
    time: 'ts',
    steps: [{ keep: e.not(e.repeatsLast(item)) }],
    features: {
      item: e.categorify(item),
      price: e.normalize(e.log(e.fillMissing(price, 0))),
      missing: e.isMissing(price),
      hour: e.hour(time, { timeZone: 'America/Sao_Paulo' }),
      gap: e.sinceLast(time),
      position: e.position(),
      recency: e.recencyDays(time, item),
      recent: e.recentCount(time, { by: item, windowMs: 86_400_000 }),
      raw: item,
    },
  }).fit(source)
  const table = await fitted.table(source)
  expect(table.sessionIds).toEqual(['u1', 'u2'])
  expect([...table.offsets]).toEqual([0, 2, 3])
  expect(table.features['raw']).toEqual(['a', 'b', 'b'])
  expect(table.features['item']).toEqual([3, 2, 2])
  expect(table.features['hour']).toEqual([7, 7, 8])
  expect(table.features['gap']).toEqual([null, 60_000, null])
  expect(table.features['position']).toEqual([0, 1, 0])
  expect(table.features['recent']).toEqual([0, 0, 1])
  expect(table.features['missing']).toEqual([false, false, true])

  const again = fittedWorkflowFromJson(JSON.parse(JSON.stringify(fitted)))
  expect(JSON.stringify(again)).toBe(JSON.stringify(fitted))
  const past = again.createPast()
  const live = [
    { user: 'u1', item: 'a', price: 10, ts: '2020-01-01 10:00:00' },
    { user: 'u1', item: 'a', price: '10', ts: '2020-01-01 10:00:05' },
    { user: 'u1', item: 'b', price: 30, ts: '2020-01-01 10:01:00' },
  ]
  for (const event of live) past.observe(event)
  const encoded = again.encode(live, { past })
  expect(encoded.events).toEqual([0, 2])
  for (const name of Object.keys(table.features))
    expect(encoded.features[name], name).toEqual(table.features[name]!.slice(0, 2))
})

test('events without a session are refused, or dropped by a step that says so; a live session need not name itself', async () => {
  const header = 'user,item,ts\n'
  const [first, second, third] = ['u1,a,2020-01-01\n', 'u2,b,2020-01-02\n', 'u1,b,2020-01-03\n']
  const holes = file('holes.csv', `${header}${first},b,2020-01-01\n${second},c,2020-01-02\n${third}`)
  const item = e.column('item', 'text')
  const options = { session: 'user', item: 'item', time: 'ts', features: { seen: e.seenBefore(item) } }
  await expect(workflow(options).fit(holes)).rejects.toMatchObject({
    code: 'COLUMN_INVALID',
    message: expect.stringMatching(/'user'.*\(row 2 of/) as string,
  })
  const named = { ...options, steps: [{ keep: e.present(e.column('user', 'text')) }] }
  const fitted = await workflow(named).fit(holes)
  const whole = file('whole.csv', `${header}${first}${second}${third}`)
  const table = await fitted.table(holes)
  const expected = await (await workflow(options).fit(whole)).table(whole)
  expect(table).toEqual({ ...expected, rows: Float64Array.of(0, 4, 2) })
  expect(fitted.vocabulary('item').values).toEqual(['b', 'a'])
  const live = [
    { item: 'a', ts: '2020-01-01' },
    { item: 'b', ts: '2020-01-03' },
  ]
  expect(fitted.encode(live).features['item']).toEqual(table.features['item']!.slice(0, 2))
  await expect(workflow(named).fit(file('none.csv', `${header},a,2020-01-01\n`))).rejects.toMatchObject({
    code: 'EVENTS_EMPTY',
  })
})

test('events without an item or a time are refused, or dropped by a step that says so, offline as online', async () => {
  const header = 'user,item,ts,price\n'
  const good = ['u1,a,2020-01-01,1\n', 'u2,b,2020-01-02,2\n', 'u1,b,2020-01-03,3\n'] as const
  const holes = file('gaps.csv', `${header}u1,b,,9\n${good[0]}u1,,2020-01-02,9\n${good[1]}u2,,,9\n${good[2]}`)
  const [item, time] = [e.column('item', 'text'), e.column('ts', 'time')]
  const options = {
    ...{ session: 'user', item: 'item', time: 'ts' },
    features: { before: e.lag(e.column('price', 'number')) },
  }
  const keeping = (...steps: readonly Expression[]): Workflow =>
    workflow({ ...options, steps: steps.map((keep) => ({ keep })) })
  for (const some of [workflow(options), keeping(e.present(item)), keeping(e.present(time))])
    await expect(some.fit(holes)).rejects.toMatchObject({ code: 'COLUMN_INVALID' })
  // Behind the first step, times are what everything goes by.
  await expect(keeping(e.present(item), e.present(time)).fit(holes)).rejects.toMatchObject({
    code: 'COLUMN_INVALID',
  })
  const whole = file('no-gaps.csv', `${header}${good.join('')}`)
  const expected = await (await workflow(options).fit(whole)).table(whole)
  const live = [
    { item: 'b', price: 9 },
    { item: 'a', ts: '2020-01-01', price: 1 },
    { ts: '2020-01-02', price: 9 },
    { item: 'b', ts: '2020-01-03', price: 3 },
  ]
  for (const both of [
    keeping(e.and(e.present(item), e.present(time))),
    keeping(e.present(time), e.present(item)),
  ]) {
    const fitted = await both.fit(holes)
    const table = await fitted.table(holes)
    expect(table.features).toEqual(expected.features)
    const encoded = fitted.encode(live)
    expect(encoded.events).toEqual([1, 3])
    expect(encoded.features).toEqual({ item: [3, 2], before: [null, 1] })
  }
  // A live session whose events tell no times is in the order given.
  const untimed = live.map(({ item: sku, price }) => ({ ...(sku !== undefined && { item: sku }), price }))
  const fitted = await keeping(e.present(time), e.present(item)).fit(holes)
  expect(fitted.encode(untimed).events).toEqual([0, 1, 3])
})

test('of two steps that split at pauses, the second splits what the first has left', async () => {
  const minutes = [0, 1, 30, 31, 90]
  const rows = minutes.map((minute) => `u,a${minute},${minute * 60_000}`)
  const source = file('pauses.csv', `user,item,ts\n${rows.join('\n')}\n`)
  const options = { session: 'user', item: 'item', time: 'ts' }
  const steps = [{ splitAfterMs: 3_500_000 }, { splitAfterMs: 600_000 }]
  const fitted = await workflow({ ...options, steps }).fit(source)
  const table = await fitted.table(source)
  expect([...table.offsets]).toEqual([0, 2, 4, 5])
  expect(table.sessionIds).toEqual(['u#0#0', 'u#0#1', 'u#1#0'])
  const live = minutes.map((minute) => ({ item: `a${minute}`, ts: minute * 60_000 }))
  expect(fitted.encode(live).events).toEqual([4])
  expect(fitted.encode(live.slice(0, 4)).events).toEqual([2, 3])
})

test('a live session that names neither itself nor its times is asked for neither, also among other conditions', async () => {
  const source = file('asks.csv', 'user,item,ts\nu,a,5\nu,b,6\n,c,7\n')
  const [user, item, time] = [e.column('user', 'text'), e.column('item', 'text'), e.column('ts', 'time')]
  const fitted = await workflow({
    ...{ session: 'user', item: 'item', time: 'ts' },
    steps: [{ keep: e.and(e.present(user), e.present(time), e.not(e.equal(item, 'a'))) }],
  }).fit(source)
  expect([...(await fitted.table(source)).rows]).toEqual([1])
  expect(fitted.encode([{ item: 'a' }, { item: 'b' }]).events).toEqual([1])
  expect(fitted.encode([{ item: 'b', ts: 5 }, { item: 'a' }]).events).toEqual([0])
})

test('a live value that is refused is told by the place of its event among those given', async () => {
  const source = file('places.csv', 'user,item,price\nu,a,5\nu,b,6\n')
  const fitted = await workflow({
    ...{ session: 'user', item: 'item' },
    steps: [{ keep: e.not(e.equal(e.column('item', 'text'), 'a')) }],
    features: { price: e.column('price', 'number') },
  }).fit(source)
  const live = [{ item: 'a' }, { item: 'a' }, { item: 'b', price: 'dear' }]
  expect(() => fitted.encode(live)).toThrow(/received "dear" \(event 2, counted from 0\)/)
})
