import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { expressions as e, type Expression } from '../expressions/index.ts'
import { createRandom } from '../random.ts'
import { readSchema } from '../schema/schema-files.ts'
import { featureSchema } from './feature-schema.ts'
import { withEvents } from './with-events.ts'
import { workflow as createWorkflow } from './workflow.ts'
import { groupSessions } from './group-sessions.ts'
import { prepare } from './prepare.ts'
import { openPrepared, type PreparedFolder } from './prepared-sessions.ts'
import { runStages } from './run-stages.ts'
import { splitParts } from './prepared-split.ts'
import { splitUnits, unitNames } from './split-units.ts'
import { writeWindows } from './write-windows.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-prepare-'))
afterAll(() => rmSync(folder, { recursive: true }))
const DAY = 86_400_000
const START = Date.UTC(2024, 0, 31)

/** Sessions of 1 to 8 events over four days, mixed with each other. */
function log(name: string, sessions = 300): { readonly path: string } {
  const random = createRandom(5)
  const rows = Array.from({ length: sessions }, (_, session) => {
    const first = START + random.below(4 * DAY)
    return Array.from({ length: 1 + random.below(8) }, (__, at) => ({
      at: first + at * 60_000 * random.below(3),
      line: `s${session},i${random.below(30)},${random.below(5) === 0 ? '' : random.below(100)}`,
    }))
  }).flat()
  rows.sort((left, right) => left.at - right.at)
  const path = join(folder, name)
  writeFileSync(
    path,
    `session,item,price,time\n${rows.map(({ at, line }) => `${line},${new Date(at).toISOString()}`).join('\n')}\n`,
  )
  return { path }
}

const item = e.column('item', 'text')
const time = e.column('time', 'time')
const workflow = createWorkflow({
  session: 'session',
  time: 'time',
  steps: [{ keep: e.not(e.repeatsLast(item)) }],
  features: {
    item: e.categorify(item, { minCount: 2 }),
    price: e.normalize(e.column('price', 'number')),
    at: time,
    recency: e.recencyDays(time, item),
    position: e.position(),
  },
})
const names = Object.keys(workflow.definition.features)
/** What is in a prepared folder beside sessions. */
const beside = ['.merlin', 'prepared.json', 'schema.pbtxt', 'workflow.json'] as const

describe('prepared sessions', () => {
  test('are those of transform, one file, the latest events of long ones', async () => {
    const source = log('one.csv')
    const out = join(folder, 'one')
    const prepared = await prepare(workflow, source, { out, maxEvents: 4 })
    const fitted = await workflow.fit(source)
    expect(JSON.stringify(prepared.fitted)).toBe(JSON.stringify(fitted))
    const table = await fitted.table(source)

    const opened = await openPrepared(out)
    expect(JSON.stringify(await opened.fitted())).toBe(JSON.stringify(fitted))
    expect(opened.parts.map(({ part }) => part)).toEqual(['all'])
    const read = await opened.read([opened.parts[0]!.file], names)
    const expected = [...table.sessionIds.keys()].flatMap((index) => {
      const [start, end] = [table.offsets[index]!, table.offsets[index + 1]!]
      return end - start < 2 ? [] : [{ start: Math.max(start, end - 4), end }]
    })
    expect(read.rows).toBe(expected.length)
    expect(prepared.sessions).toBe(expected.length)
    expect(prepared.events).toBe(read.offsets.at(-1)!)
    for (const [column, name] of names.entries()) {
      const own = expected.flatMap(({ start, end }) => table.features[name]!.slice(start, end))
      const values = [...read.values[column]!]
      const missing = (value: number): number | null => (Number.isNaN(value) ? null : value)
      const float = column === 1 || column === 3
      expect(values.map(missing), name).toEqual(
        own.map((value) => (float && value !== null ? Math.fround(value as number) : value)),
      )
    }
    expect([...read.values[1]!].some(Number.isNaN)).toBe(true)
  })

  test('have times, of a feature that is the time itself or of their own: they are split and judged by time', async () => {
    const opened = (features: Record<string, Expression>): Promise<PreparedFolder> => {
      const out = join(folder, 'timed')
      const made = createWorkflow({ session: 'session', item: 'item', time: 'time', features })
      return prepare(made, log('timed.csv'), { out }).then(() => openPrepared(out))
    }
    const { times, ...rest } = await (await opened({ at: time, hour: e.hour(time) })).sessions()
    const expected = await createWorkflow({ session: 'session', item: 'item', time: 'time' })
      .fitTransform(log('timed.csv'))
      .then(({ sessions }) => sessions)
    const long = [...expected.ids.keys()].filter(
      (index) => expected.offsets[index + 1]! - expected.offsets[index]! > 1,
    )
    expect(rest.ids).toEqual(long.map((index) => expected.ids[index]))
    expect([...times!]).toEqual(
      long.flatMap((index) => [
        ...expected.times!.slice(expected.offsets[index], expected.offsets[index + 1]),
      ]),
    )
    const own = await opened({ hour: e.hour(time) })
    expect((await own.sessions()).times).toEqual(times)
    const [middle] = [...times!].sort((left, right) => left - right).slice(times!.length / 2)
    expect(await own.eventsAfter(middle!)).toEqual({
      events: times!.length,
      later: times!.filter((each) => each > middle!).length,
    })
    expect((await own.eventsAfter(Infinity)).later).toBe(0)
  })

  test('have a schema beside them, with the lengths of those that were written', async () => {
    const own = createWorkflow({
      ...{ session: 'session', time: 'time', item: 'item' },
      features: { price: e.normalize(e.column('price', 'number')), at: time, raw: item },
      context: { dearest: e.sessionMax(e.column('price', 'number')) },
    })
    const out = join(folder, 'schema')
    const { fitted, lengths } = await prepare(own, log('schema.csv'), { out, minEvents: 3, maxEvents: 6 })
    expect(lengths).toEqual({ min: 3, max: 6 })
    expect(JSON.parse(readFileSync(join(out, 'prepared.json'), 'utf8'))).toMatchObject({ lengths })
    const expected = featureSchema(own.definition, fitted.states.at(-1)!, lengths)
    expect(expected.columns.map(({ name }) => name)).toEqual([
      ...['session', 'item', 'price', 'at', 'raw', 'dearest'],
    ])
    expect(expected.columns[1]!.shape).toEqual([{ min: 0 }, { min: 3, max: 6 }])
    expect(await readSchema(out)).toEqual(expected)
    expect(await readSchema(join(out, 'schema.pbtxt'))).toEqual(expected)
    expect(readdirSync(join(out, '.merlin'))).toEqual(['schema.json'])
    const same = await prepare(fitted, log('schema.csv'), { out, minEvents: 6, maxEvents: 6 })
    expect(same.lengths).toEqual({ min: 6, max: 6 })
    expect(await readSchema(out)).toEqual(
      featureSchema(own.definition, fitted.states.at(-1)!, { min: 6, max: 6 }),
    )
  })

  test('are the same in one bucket as in many', async () => {
    const split = createWorkflow({
      session: 'session',
      time: 'time',
      steps: [...workflow.definition.steps, { splitAfterMs: 60_000 }, { keep: e.less(e.position(), 5) }],
      features: { ...workflow.definition.features, gap: e.minMax(e.sinceLast(time)) },
    })
    for (const { definition } of [workflow, split]) {
      const grouped = (buckets: number): Promise<readonly unknown[]> =>
        withEvents(log('many.csv'), definition, {}, async (database) => {
          const staged = await runStages(database, definition, { training: true, buckets })
          const told: number[] = []
          await groupSessions(database, definition, staged, {
            buckets,
            onBucket: (done) => void told.push(done),
          })
          expect(told.length).toBe(buckets)
          return database.rows('SELECT * FROM sessions ORDER BY first_row')
        })
      const one = await grouped(1)
      expect(one.length).toBeGreaterThan(250)
      expect(await grouped(7)).toEqual(one)
      expect(await grouped(20)).toEqual(one)
    }
  })

  test('are the same bytes in few threads and buckets as in many', async () => {
    const written = (threads: number, buckets: number): Promise<readonly string[]> => {
      const out = mkdtempSync(join(folder, 'bytes-'))
      const split = { every: 'day' } as const
      return withEvents(
        log('bytes.csv', 3000),
        workflow.definition,
        { folder: out, threads },
        async (database) => {
          const staged = await runStages(database, workflow.definition, { training: true, buckets })
          await groupSessions(database, workflow.definition, staged, { buckets, split })
          const columns = ['session', 'first_time', ...names].map((name) => `"${name}"`).join(', ')
          const days = await writeWindows(database, out, { ...split, columns, onWindow: () => undefined })
          return days.flatMap(({ window }) =>
            splitParts.map((part) =>
              readFileSync(join(out, 'sessions_by_day', String(window), `${part}.parquet`)).toString(
                'base64',
              ),
            ),
          )
        },
      )
    }
    const one = await written(1, 1)
    expect(new Set(one).size).toBe(one.length)
    expect(await written(3, 1)).toEqual(one)
    expect(await written(2, 9)).toEqual(one)
  })

  test('by day: each session in the window of its first event, shares by hash, nobody twice', async () => {
    const source = log('days.csv')
    const out = join(folder, 'days')
    const { windows, sessions } = await prepare(workflow, source, {
      out,
      minEvents: 1,
      split: { every: 'day', validation: 0.2, test: 0.3, seed: 3 },
    })
    expect(windows.map(({ window }) => window)).toEqual([1, 2, 3, 4])
    const all = windows.map(({ train, valid, test: last }) => train + valid + last)
    expect(all.reduce((sum, each) => sum + each)).toBe(sessions)
    const share = windows.reduce((sum, { valid }) => sum + valid, 0) / sessions
    expect(share).toBeGreaterThan(0.12)
    expect(share).toBeLessThan(0.28)
    expect(readdirSync(join(out, 'sessions_by_day', '1')).sort()).toEqual([
      'test.parquet',
      'train.parquet',
      'valid.parquet',
    ])
    const opened = await openPrepared(out)
    for (const { file, window } of opened.parts) {
      const { values, offsets, rows } = await opened.read([file], ['at'])
      for (let row = 0; row < rows; row++)
        expect(Math.floor((values[0]![offsets[row]!]! - START) / DAY) + 1).toBe(window)
    }
  })

  test.each(unitNames)('by %s: windows of that length, written once more, read back', async (every) => {
    const out = join(folder, `by ${every}`)
    const write = () => prepare(workflow, log('units.csv'), { out, minEvents: 1, split: { every } })
    expect(await write()).toEqual({ ...(await write()), fitted: expect.anything() as object })
    const opened = await openPrepared(out)
    expect(opened.parts.length).toBeGreaterThan(3)
    const units = new Map<number, Set<number>>()
    for (const { file, window } of opened.parts) {
      expect(file).toContain(join(out, `sessions_by_${every}`, String(window)))
      const { values, offsets, rows } = await opened.read([file], ['at'])
      for (let row = 0; row < rows; row++)
        units.set(
          window,
          (units.get(window) ?? new Set()).add(Math.floor(values[0]![offsets[row]!]! / splitUnits[every])),
        )
    }
    expect(units.size).toBeGreaterThan(3)
    const numbers = [...units].map(([window, own]) => [...own].map((unit) => unit - window))
    expect(new Set(numbers.flat()).size).toBe(1)
  })

  // None of these may be read as a pattern, a quote, an escape or the options of a URL.
  test.each(['who?', 'all*', 'a[1]', "it's 100 % {b,c}", 'Ünïcode 日本 🛒'])(
    'come from and go to a folder called %s',
    async (name) => {
      mkdirSync(join(folder, name))
      const source = log(join(name, 'events.csv'), 30)
      const out = join(folder, name, name)
      const { sessions } = await prepare(workflow, source, { out, split: { every: 'day' } })
      const opened = await openPrepared(out)
      const files = opened.parts.map(({ file }) => file)
      expect((await opened.read(files, ['item'])).rows).toBe(sessions)
      await prepare(workflow, source, { out })
      expect(readdirSync(out).sort()).toEqual([...beside, 'sessions.parquet'].sort())
      expect(readdirSync(join(folder, name)).sort()).toEqual([name, 'events.csv'].sort())
    },
  )

  test('divided without windows: what is learnt is what the training sessions teach, the others are served', async () => {
    const price = e.column('price', 'number')
    const rated = createWorkflow({
      session: 'session',
      item: 'item',
      features: { rate: e.targetEncode(price, { by: item, fold: e.column('session', 'text') }) },
    })
    const source = log('divided.csv')
    const out = join(folder, 'divided')
    const split = { validation: 0.2, test: 0.3, seed: 3 }
    const { fitted, windows, sessions } = await prepare(rated, source, { out, minEvents: 1, split })
    expect(windows).toHaveLength(1)
    expect(readdirSync(out).sort()).toEqual(
      [...beside, 'test.parquet', 'train.parquet', 'valid.parquet'].sort(),
    )
    const opened = await openPrepared(out)
    const [train, valid, tested] = await Promise.all(
      (['train', 'valid', 'test'] as const).map((part) => opened.sessions({ part })),
    )
    expect(train!.count + valid!.count + tested!.count).toBe(sessions)
    const ids = new Set(train!.ids)
    const lines = readFileSync(source.path, 'utf8').trim().split('\n')
    const own = join(folder, 'divided-train.csv')
    writeFileSync(
      own,
      [lines[0]!, ...lines.slice(1).filter((line) => ids.has(line.split(',')[0]!))].join('\n'),
    )
    const alone = await rated.fit({ path: own })
    expect(JSON.stringify(fitted)).toBe(JSON.stringify(alone))
    const { fitted: leaking } = await prepare(rated, source, {
      out: join(folder, 'leaking'),
      minEvents: 1,
      split,
      learnFrom: 'all',
    })
    expect(JSON.stringify(leaking)).not.toBe(JSON.stringify(alone))
    const rates = (of: typeof train, from: typeof train): readonly number[] =>
      of!.ids.flatMap((id) => {
        const at = from!.ids.indexOf(id)
        return [...from!.continuous['rate']!.subarray(from!.offsets[at], from!.offsets[at + 1])]
      })
    const served = await fitted.transform(source)
    const trained = await fitted.transform(source, { training: true })
    expect([...valid!.continuous['rate']!]).toEqual(rates(valid, served))
    expect([...tested!.continuous['rate']!]).toEqual(rates(tested, served))
    expect([...train!.continuous['rate']!]).toEqual(rates(train, trained))
    expect(rates(train, trained)).not.toEqual(rates(train, served))
  })

  test('seconds that are read as milliseconds are no days', async () => {
    const path = join(folder, 'seconds.csv')
    writeFileSync(path, 'session,item,ts\na,x,1577872800\na,y,1577872900\nb,x,1577972800\nb,y,1577972801\n')
    const by = (time: string | Expression): Promise<{ readonly windows: readonly unknown[] }> =>
      prepare(
        createWorkflow({ session: 'session', item: 'item', time }),
        { path },
        { out: join(folder, 'seconds'), split: { every: 'day', validation: 0, test: 0 } },
      )
    await expect(by('ts')).rejects.toMatchObject({
      code: 'COLUMN_INVALID',
      message: expect.stringContaining("column('ts', 'seconds')") as string,
    })
    expect((await by(e.column('ts', 'seconds'))).windows).toHaveLength(2)
  })

  test('learn from the period alone, and use what was learnt', async () => {
    const source = log('period.csv')
    const until = START + 2 * DAY
    const early = await workflow.fit(source, { period: { until } })
    const all = await workflow.fit(source)
    const count = (fitted: typeof all): number =>
      (fitted.states.at(-1)!.get(1)!.columns['count'] as readonly number[]).reduce(
        (sum, each) => sum + each,
        0,
      )
    expect(count(early)).toBeLessThan(count(all) * 0.8)
    const { fitted } = await prepare(early, source, { out: join(folder, 'period') })
    expect(fitted).toBe(early)
    const rated = createWorkflow({
      ...{ session: 'session', item: 'item', time: 'time' },
      features: { rate: e.targetEncode(e.column('price', 'number'), { by: item, fold: item, folds: 2 }) },
    })
    const out = join(folder, 'rated')
    const { fitted: learnt } = await prepare(rated, source, { out, minEvents: 1, period: { until } })
    const opened = await openPrepared(out)
    const [blocks, prepared] = await Promise.all([opened.source(), opened.sessions()])
    // What is read again in each epoch has all that is read at once, but the ids: blocks that read times train on either.
    expect(await blocks.read([...blocks.blocks.keys()])).toEqual({ ...prepared, ids: [] })
    expect(prepared.times).toHaveLength(prepared.items.length)
    const [served, trained] = await Promise.all(
      [false, true].map((training) => learnt.transform(source, { training })),
    )
    // Nothing was learnt of events behind the period: they are as they are served.
    const rates = (of: typeof served, late: boolean): readonly number[] =>
      [...of!.continuous['rate']!].filter((_, at) => of!.times![at]! >= until === late)
    expect(rates(prepared, true)).toEqual(rates(served, true))
    expect(rates(prepared, false)).toEqual(rates(trained, false))
    expect(rates(prepared, true)).not.toEqual(rates(trained, true))
    for (const option of [{ period: { until } }, { learnFrom: 'all' as const }, { extend: early }])
      await expect(prepare(early, source, { out: join(folder, 'again'), ...option })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
        message: expect.stringContaining('learns nothing more') as string,
      })
  })
})

test('extend keeps the codes that were learnt before, and gives new items codes behind them', async () => {
  const known = e.less(e.column('price', 'number'), 50)
  const before = log('before.csv', 100)
  const [first, later] = ['i1', 'i2'].map((of) => {
    const path = join(folder, `${of}.csv`)
    // Of each half, items of its own beside those of both.
    writeFileSync(path, readFileSync(before.path, 'utf8').replaceAll(/,i(1[0-9]),/g, `,${of}x$1,`))
    return { path }
  })
  const extended = createWorkflow({
    ...{ session: 'session', item: 'item', time: 'time' },
    features: { item: e.categorify(item, { minCount: 2 }), price: e.column('price', 'number'), known },
  })
  const options = { out: join(folder, 'first'), minEvents: 1 }
  const { fitted: old } = await prepare(extended, first!, options)
  const out = join(folder, 'later')
  const { fitted } = await prepare(extended, later!, { ...options, out, extend: old })
  expect(JSON.stringify(fitted)).toBe(JSON.stringify(await extended.fit(later!, { extend: old })))
  const [codes, all] = [old, fitted].map((each) => each.vocabulary('item'))
  expect(all!.values.slice(0, codes!.values.length)).toEqual(codes!.values)
  expect(all!.size).toBeGreaterThan(codes!.size)
  expect(JSON.stringify((await (await openPrepared(out)).sessions()).items)).toBe(
    JSON.stringify((await fitted.transform(later!)).items),
  )
  await expect(prepare(workflow, later!, { ...options, extend: old })).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('received one of another') as string,
  })
})

describe('what is there is safe', () => {
  test.each([
    ['an unknown option', { minEvent: 2 }, 'OPTION_UNKNOWN'],
    ['too few events asked for', { minEvents: 0 }, 'OPTION_INVALID'],
    ['one event a session, of which nothing follows', { maxEvents: 1 }, 'OPTION_INVALID'],
    ['no place', { out: '' }, 'OPTION_INVALID'],
    ['shares above one', { split: { every: 'day', validation: 0.6, test: 0.5 } }, 'OPTION_INVALID'],
    ['a window of weeks', { split: { every: 'week' } }, 'OPTION_INVALID'],
    ['learning from what trains of what is not divided', { learnFrom: 'training' }, 'OPTION_INVALID'],
    ['no session that long', { minEvents: 100 }, 'SESSIONS_TOO_FEW'],
  ])('%s', async (_, options, code) => {
    const out = join(folder, 'refused')
    await expect(
      prepare(workflow, log('refused.csv', 20), { out, ...(options as object) }),
    ).rejects.toMatchObject({ code })
    expect(readdirSync(folder).filter((name) => name.includes('refused') && name !== 'refused.csv')).toEqual(
      [],
    )
  })

  test('a folder that prepare did not write stays', async () => {
    const out = join(folder, 'mine')
    mkdirSync(out)
    writeFileSync(join(out, 'thesis.txt'), 'years of work')
    await expect(prepare(workflow, log('mine.csv', 20), { out })).rejects.toMatchObject({
      code: 'OUTPUT_EXISTS',
    })
    // Nor one that has a file of the same name, or what prepare wrote and something else.
    writeFileSync(join(out, 'prepared.json'), '{}')
    await expect(prepare(workflow, log('mine.csv', 20), { out })).rejects.toThrow(/'thesis.txt'/)
    expect(readFileSync(join(out, 'thesis.txt'), 'utf8')).toBe('years of work')
  })

  test('a feature cannot take the name of a column of the files', async () => {
    const divided = createWorkflow({
      session: 'session',
      item: 'item',
      context: { window_number: e.position() },
    })
    await expect(
      prepare(divided, log('taken.csv', 20), { out: join(folder, 'taken'), split: {} }),
    ).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    const taken = createWorkflow({ session: 'session', features: { session: item } })
    await expect(prepare(taken, log('taken.csv', 20), { out: join(folder, 'taken') })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
  })

  test('reading: what is no feature, holds text, is no part or is cut off', async () => {
    const out = join(folder, 'texts')
    await prepare(
      createWorkflow({ session: 'session', features: { raw: item, item: e.categorify(item) } }),
      log('texts.csv', 20),
      { out },
    )
    const opened = await openPrepared(out)
    const { file } = opened.parts[0]!
    const code = (files: readonly string[], features: readonly string[]): Promise<unknown> =>
      opened.read(files, features).then(
        () => 'read',
        (error: unknown) => (error as { code: string }).code,
      )
    expect(await code([file], ['itm'])).toBe('OPTION_UNKNOWN')
    expect(await code([file], ['raw'])).toBe('OPTION_INVALID')
    expect(await code([file], [])).toBe('OPTION_INVALID')
    expect(await code(['/etc/hostname'], ['item'])).toBe('FILE_NOT_FOUND')
    const stopped = new Error('enough')
    await expect(opened.stream([file], ['item'], () => Promise.reject(stopped))).rejects.toBe(stopped)
    writeFileSync(file, readFileSync(file).subarray(0, 200))
    expect(await code([file], ['item'])).toBe('ARTIFACT_INVALID')
    await expect(openPrepared(folder)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
  })
})
