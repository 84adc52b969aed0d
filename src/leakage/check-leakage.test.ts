import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { RESERVED } from '../codes.ts'
import { selectSessions, sliceSessions, type Sessions } from '../data/sessions.ts'
import { splitSessions } from '../data/splits/split-sessions.ts'
import { expressions as f } from '../expressions/index.ts'
import { createRandom } from '../random.ts'
import { vocabularyOf } from '../workflow/vocabulary.ts'
import { workflow } from '../workflow/index.ts'
import { checkLeakage, leakChecks } from './check-leakage.ts'
import { cleanLog, DAY, ITEMS, joined, START, withFeature } from './clean-log.test-support.ts'
import type { LeakageInput } from './leakage-input.ts'

const log = cleanLog()
const now = START + 61 * DAY
const byTime = (sessions: Sessions): LeakageInput => ({
  ...splitSessions(sessions, { kind: 'time', validation: 0.1, test: 0.2 }),
  split: 'time',
  now,
})
const kindsOf = (input: LeakageInput): readonly string[] => [
  ...new Set(checkLeakage(withoutKnown(input)).map(({ kind }) => kind)),
]
/** `splitSessions` gives a part more, which is no option. */
function withoutKnown(input: LeakageInput): LeakageInput {
  const { known: _, ...rest } = input as LeakageInput & { readonly known?: Sessions }
  return rest
}
const range = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, at) => from + at)
const parts = byTime(log)
const next = (event: number, session: number): number => Math.min(event + 1, log.offsets[session + 1]! - 1)
const total = (session: number, of: (event: number) => number): number => {
  let sum = 0
  for (let event = log.offsets[session]!; event < log.offsets[session + 1]!; event++) sum += of(event)
  return sum
}
const price = log.continuous['price']!

test.each([1, 2, 3, 4, 5])('a clean log has none, divided by time (seed %d)', (seed) => {
  expect(kindsOf(byTime(cleanLog({ seed })))).toEqual([])
})

const counts = (sessions: Sessions): Int32Array => {
  const found = new Int32Array(ITEMS + RESERVED)
  for (const item of sessions.items) found[item]!++
  return found
}

/** Each leak is planted in the clean log: name, what is looked at, the kind that must be found, and what comes with it. */
const planted: readonly (readonly [string, LeakageInput, ...string[]])[] = [
  [
    'training events after the first target',
    {
      ...parts,
      train: joined(parts.train, selectSessions(parts.test, range(90, 100)), (id) => `later ${id}`),
      test: selectSessions(parts.test, range(0, 80)),
    },
    'future-events',
  ],
  [
    'the same sessions in training and test',
    {
      ...parts,
      validation: selectSessions(parts.validation, range(0, 0)),
      test: selectSessions(parts.train, range(340, 350)),
    },
    'target-in-training',
    'future-events',
  ],
  [
    'sessions cut in the middle',
    {
      ...parts,
      train: joined(parts.train, sliceSessions(parts.test, range(0, 10), { dropLast: () => 2 })),
    },
    'cut-session',
    'future-events',
  ],
  [
    'copies of sessions under other ids',
    {
      ...parts,
      train: joined(parts.train, selectSessions(parts.test, range(5, 12)), (id) => `copy of ${id}`),
    },
    'duplicate-sessions',
    'future-events',
  ],
  [
    'someone under two ids',
    {
      ...parts,
      train: joined(
        parts.train,
        sliceSessions(
          parts.test,
          Int32Array.from(
            [...range(0, 100)].filter(
              (index) => parts.test.offsets[index + 1]! - parts.test.offsets[index]! >= 6,
            ),
          ),
          { dropLast: () => 1 },
        ),
        (id) => `other ${id}`,
      ),
    },
    'near-duplicate-sessions',
    'future-events',
  ],
  ['the test as validation', { ...parts, validation: parts.test }, 'validation-is-test'],
  [
    'a copy of the next item',
    byTime(
      withFeature(log, {
        name: 'next',
        isCode: true,
        of: (event, session) => log.items[next(event, session)]!,
      }),
    ),
    'target-in-features',
  ],
  [
    'a copy of the next item, as a number',
    byTime(withFeature(log, { name: 'next', of: (event, session) => log.items[next(event, session)]! * 3 })),
    'target-in-features',
  ],
  [
    // Training never has what it names: the split cuts it off.
    'the last item of each session, by leave-one-out',
    {
      ...splitSessions(
        withFeature(log, {
          name: 'final',
          isCode: true,
          of: (_, session) => log.items[log.offsets[session + 1]! - 1]!,
        }),
        { kind: 'leave-one-out' },
      ),
      ...{ split: 'leave-one-out', now },
    },
    'target-in-features',
    ...['cut-session', 'future-events', 'future-items'],
  ],
  [
    'a copy of the item',
    byTime(
      withFeature(log, {
        name: 'sku',
        isCode: true,
        of: (event) => ITEMS + 2 * RESERVED - log.items[event]!,
      }),
    ),
    'item-copy',
  ],
  [
    'the item that was bought at last, as a context',
    {
      ...byTime(
        withFeature(log, {
          name: 'bought',
          isCode: true,
          of: (_, session) => log.items[log.offsets[session + 1]! - 1]!,
        }),
      ),
      context: ['bought'],
    },
    'visible-target',
  ],
  ['a feature of the target event', { ...parts, visible: ['category'] }, 'visible-target'],
  [
    'how long the session will be, scaled',
    byTime(withFeature(log, { name: 'events', of: (_, session) => Math.log(total(session, () => 1)) })),
    'future-features',
  ],
  [
    'what the session will add up to',
    byTime(
      withFeature(log, {
        name: 'basket',
        of: (_, session) => total(session, (event) => price[event]!) / 3 - 1,
      }),
    ),
    'future-features',
  ],
  [
    'what the session will add up to, of prices that the workflow normalises',
    byTime(
      withFeature(
        { ...log, continuous: { ...log.continuous, price: price.map((value) => (value - 4.3) / 2.7) } },
        { name: 'basket', of: (_, session) => Math.log1p(total(session, (event) => price[event]!)) },
      ),
    ),
    'future-features',
  ],
  [
    'how long was looked at the item, by the time of the next',
    byTime(
      withFeature(log, {
        name: 'dwell',
        of: (event, session) => log.times![next(event, session)]! - log.times![event]!,
      }),
    ),
    'future-features',
  ],
  [
    'how long was looked at the item, where that is known',
    byTime(
      withFeature(log, {
        name: 'dwell',
        of: (event, session) =>
          event % 7 === 0 ? NaN : log.times![next(event, session)]! - log.times![event]!,
      }),
    ),
    'future-features',
  ],
  [
    'a vocabulary of the test',
    {
      ...parts,
      test: {
        ...parts.test,
        items: parts.test.items.map((item, event) => (event % 40 === 0 ? ITEMS + RESERVED : item)),
      },
    },
    'fitted-on-test',
  ],
  ['numbers normalised over the whole log', byTime(normalised(log, 'mood')), 'fitted-on-test'],
  [
    'items of the catalogue that were not there yet',
    {
      ...parts,
      firstSeen: Array.from({ length: ITEMS }, (_, column) => START + (column < 3 ? 55 * DAY : 0)),
    },
    'item-before-it-was',
    'future-items',
  ],
  [
    'how often the item is in the whole log',
    byTime(
      withFeature(log, { name: 'popularity', of: (event) => Math.log1p(counts(log)[log.items[event]!]!) }),
    ),
    'whole-log-statistics',
  ],
  [
    'the mean of a group over the whole log',
    byTime(withFeature(log, { name: 'level', of: (event) => meanMood(log, log.items[event]!) })),
    'whole-log-statistics',
  ],
  [
    'a target encoding with its own target',
    {
      ...byTime(withFeature(log, { name: 'rate', of: (event) => meanMood(parts.train, log.items[event]!) })),
      targetEncoded: ['rate'],
    },
    'target-encoding',
  ],
  ['constant times', { ...parts, ...retimed(() => START) }, 'constant-times'],
  ['seconds as milliseconds', { ...parts, ...retimed((time) => time / 1000) }, 'time-unit'],
  ['microseconds as milliseconds', { ...parts, ...retimed((time) => time * 1000) }, 'time-unit'],
  ['times that have not come yet', { ...parts, now: START + 40 * DAY }, 'future-times'],
]

function retimed(change: (time: number) => number): Pick<LeakageInput, 'train' | 'validation' | 'test'> {
  const of = (sessions: Sessions): Sessions => ({ ...sessions, times: sessions.times!.map(change) })
  return { train: of(parts.train), validation: of(parts.validation), test: of(parts.test) }
}

function normalised(sessions: Sessions, name: string): Sessions {
  const values = sessions.continuous[name]!
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return {
    ...sessions,
    continuous: { ...sessions.continuous, [name]: values.map((value) => (value - mean) / deviation) },
  }
}

function meanMood({ items, continuous }: Sessions, item: number): number {
  let [sum, count] = [0, 0]
  for (const [event, code] of items.entries())
    if (code === item) {
      sum += continuous['mood']![event]!
      count++
    }
  return sum / count
}

test.each(planted.map(([name, input, ...kinds]) => ({ name, input, kinds })))(
  '$name: found, and nothing else',
  ({ input, kinds }) => {
    expect([...kindsOf(input)].sort()).toEqual([...kinds].sort())
  },
)

test.each(leakChecks.map((check, at) => ({ check, name: check.name || `check ${at}` })))(
  'of $name at least one leak is planted, and it finds it',
  ({ check }) => {
    const found = planted.some(([, input, ...kinds]) =>
      check(withoutKnown(input)).some(({ kind }) => kinds.includes(kind)),
    )
    expect(found).toBe(true)
  },
)

test('every kind that is planted has its row in the page, and none is there that is not planted', () => {
  const page = readFileSync(new URL('../../docs/evaluate.md', import.meta.url), 'utf8')
  const rows = [...page.slice(page.indexOf('## Leakage')).matchAll(/^\| `([a-z-]+)` /gm)].map(
    ([, kind]) => kind!,
  )
  expect(rows.sort()).toEqual([...new Set(planted.flatMap(([, , ...kinds]) => kinds))].sort())
})

test('statistics of training alone are none, nor what is known so far', () => {
  const { train } = parts
  const fair = withFeature(
    withFeature(log, { name: 'popularity', of: (event) => counts(train)[log.items[event]!]! }),
    { name: 'level', of: (event) => meanMood(train, log.items[event]!) },
  )
  expect(kindsOf(byTime(fair))).toEqual([])
})

test('what splits do by design is said as such, and no mistake', () => {
  const found = checkLeakage(
    withoutKnown({ ...splitSessions(log, { kind: 'leave-one-out' }), split: 'leave-one-out', now }),
  )
  expect(found.map(({ kind, severity }) => [kind, severity])).toEqual([
    ['future-events', 'by-design'],
    ['future-items', 'by-design'],
    ['cut-session', 'by-design'],
    ['cut-session', 'by-design'],
  ])
  const drawn = splitSessions(log, { kind: 'random', validation: 0.1, test: 0.1, seed: 1 })
  expect(checkLeakage(withoutKnown({ ...drawn, split: 'random', now }))).toEqual([
    expect.objectContaining({ kind: 'future-events', severity: 'by-design' }),
    expect.objectContaining({ kind: 'future-items', severity: 'by-design' }),
  ])
  const cut = splitSessions(log, {
    kind: 'cut',
    validationFrom: START + 40 * DAY,
    testFrom: START + 50 * DAY,
  })
  expect(
    checkLeakage(withoutKnown({ ...cut, split: 'cut', now })).every(
      ({ severity }) => severity === 'by-design',
    ),
  ).toBe(true)
})

test('items that came after the first target are future ones, by their events or by the catalogue', () => {
  const late = {
    ...parts,
    split: 'random' as const,
    firstSeen: Array.from({ length: ITEMS }, () => START + 59.9 * DAY),
  }
  expect(checkLeakage(withoutKnown(late))).toContainEqual(
    expect.objectContaining({ kind: 'future-items', severity: 'by-design', count: ITEMS }),
  )
})

test('an item of which the catalogue does not say since when is first seen in training', () => {
  const late = selectSessions(parts.test, range(90, 91))
  const input = {
    ...withoutKnown(parts),
    train: joined(
      parts.train,
      { ...late, items: late.items.map(() => ITEMS + RESERVED) },
      (id) => `later ${id}`,
    ),
    test: selectSessions(parts.test, range(0, 80)),
  }
  const future = (firstSeen: readonly number[]) =>
    checkLeakage({ ...input, firstSeen }).find(({ kind }) => kind === 'future-items')
  expect(future([])).toMatchObject({ count: 1, examples: [`code ${ITEMS + RESERVED}`] })
  for (const unknown of [NaN, Infinity, -Infinity])
    expect(future(Array.from({ length: ITEMS + 1 }, () => unknown))).toEqual(future([]))
})

/** Sessions of these events, each an item and a time. */
function sessionsOf(
  prefix: string,
  all: readonly (readonly (readonly [item: number, time: number])[])[],
): Sessions {
  const offsets = [0]
  for (const each of all) offsets.push(offsets.at(-1)! + each.length)
  return {
    ...{ count: all.length, categorical: {}, continuous: {} },
    offsets: Int32Array.from(offsets),
    items: Int32Array.from(all.flat(), ([item]) => item + RESERVED),
    times: Float64Array.from(all.flat(), ([, time]) => START + time),
    ids: all.map((_, at) => `${prefix}${at}`),
  }
}

test('of an event that two sessions have several times, as many are shared as both have', () => {
  const others = Array.from({ length: 300 }, (_, session) =>
    Array.from({ length: 5 }, (_, event) => [event, 1000 + 10 * session + event] as const),
  )
  const nearly = (
    own: readonly (readonly [number, number])[],
    twin: readonly (readonly [number, number])[],
  ) =>
    checkLeakage({
      train: sessionsOf('train', [twin, ...others]),
      validation: sessionsOf('validation', []),
      test: sessionsOf('test', [own.map(([item, time]) => [item, time])]),
    }).flatMap(({ kind, examples }) => (kind === 'near-duplicate-sessions' ? examples : []))
  const twice = [
    [0, 1],
    [0, 1],
  ] as const
  const own = [1, 2, 3].map((item) => [item, 2 + item] as const)
  const foreign = [4, 5, 6].map((item) => [item, 2 + item] as const)
  expect(nearly([...twice, ...own], [...twice, ...foreign])).toEqual([])
  const often = Array.from({ length: 10 }, () => [0, 1] as const)
  expect(nearly([...often, [1, 2], [2, 3]], [...often, [1, 2], [3, 4]])).toEqual(['test0 ~ train0'])
})

test('numbers that say nothing are looked through in no time, however many they are', () => {
  const random = createRandom(1)
  let many = cleanLog({ sessions: 2800 })
  for (let feature = 0; feature < 40; feature++)
    many = withFeature(many, { name: `feature ${feature}`, of: () => 3 + random.normal() })
  const started = performance.now()
  expect(kindsOf(byTime(many))).toEqual([])
  // About two seconds; a minute where each pair is ranked anew.
  expect(performance.now() - started).toBeLessThan(20_000)
}, 120_000)

test('items are named by their ids where what encoded them is given, by their codes otherwise', () => {
  const input = {
    ...withoutKnown(parts),
    firstSeen: Array.from({ length: ITEMS }, (_, column) => START + (column === 2 ? 55 * DAY : 0)),
  }
  const named = (fitted?: LeakageInput['fitted']): readonly string[] =>
    checkLeakage({ ...input, ...(fitted && { fitted }) })
      .filter(({ kind }) => kind === 'future-items')
      .flatMap(({ examples }) => examples)
  const definition = workflow({ session: 's', item: f.category('sku') }).definition
  const ids = Array.from({ length: ITEMS }, (_, column) => `shoe ${column}`)
  const vocabulary = vocabularyOf({ keys: ids.map((id) => [id]), columns: {}, totals: {} }, RESERVED)
  expect(named()).toEqual([`code ${RESERVED + 2}`])
  expect(named({ definition })).toEqual([`code ${RESERVED + 2}`])
  expect(named({ definition, vocabulary: () => vocabulary })).toEqual(['shoe 2'])
})

test('copies that are too few to change a figure are a warning, others an error', () => {
  const many = splitSessions(cleanLog({ sessions: 8000 }), { kind: 'time', validation: 0.1, test: 0.3 })
  const severity = (copies: number): unknown =>
    checkLeakage({
      train: joined(many.train, selectSessions(many.test, range(5, 5 + copies)), (id) => `copy of ${id}`),
      validation: many.validation,
      test: many.test,
    }).find(({ kind }) => kind === 'duplicate-sessions')?.severity
  // Of 2400 sessions a share of 0.001 is 2.4.
  expect([2, 3].map(severity)).toEqual(['warning', 'error'])
})

test('findings survive JSON, errors first, with examples and what to do', () => {
  const found = checkLeakage(withoutKnown({ ...parts, validation: parts.test, split: 'random', context: [] }))
  expect(JSON.parse(JSON.stringify(found))).toEqual(found)
  expect(found[0]).toEqual({
    kind: 'validation-is-test',
    severity: 'error',
    count: 100,
    examples: ['s400', 's401', 's402'],
    message:
      '100 sessions of the test in validation, too, target and all: the epoch, and whatever else validation chooses, is chosen by the test. Validate on other sessions.',
  })
})

test('without ids, times or features what needs them is not looked for', () => {
  const bare = (sessions: Sessions): Sessions => ({
    ...{ count: sessions.count, offsets: sessions.offsets, items: sessions.items },
    ...{ categorical: {}, continuous: {}, ids: [] },
  })
  const stripped = { train: bare(parts.train), validation: bare(parts.validation), test: bare(parts.test) }
  expect(checkLeakage(stripped)).toEqual([])
})

test('other options, and parts that are not in memory, are refused', () => {
  expect(() => checkLeakage({ ...withoutKnown(parts), tests: 1 } as never)).toThrow("Did you mean 'test'")
  expect(() => checkLeakage({ ...withoutKnown(parts), train: { blocks: [] } } as never)).toThrow(
    expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
  )
})

test.each<[string, object]>([
  ['split', { split: 'foo' }],
  ['learnFrom', { learnFrom: 'test' }],
  ['now', { now: '2024-01-01' }],
  ['now', { now: NaN }],
  ['context', { context: 'age' }],
])('%s that is none is refused: %j', (name, option) => {
  const parts = splitSessions(log, { kind: 'random', validation: 0.2, test: 0.2, seed: 1 })
  expect(() => checkLeakage({ ...withoutKnown(parts), ...option })).toThrow(
    expect.objectContaining({
      code: 'OPTION_INVALID',
      message: expect.stringContaining(`checkLeakage: ${name}`) as string,
    }),
  )
})
