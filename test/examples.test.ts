import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPrepared } from '../src/index.ts'
import { createRandom } from '../src/random.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const shared = join(root, '../shared/data')
const sharedNote = existsSync(shared) ? '' : ' (skipped: ../shared/data is not here)'
const folder = mkdtempSync(join(tmpdir(), 'ensuite-examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const place = (name: string): string => join(folder, name)

interface Printed {
  readonly sessions: number
  readonly events: number
  readonly days: number
  readonly items: number
  readonly ndcg: Readonly<Record<string, number>>
}

/** What a pipeline of the examples prints. */
function printedBy(example: string, ...given: readonly string[]): Printed {
  const text = execFileSync(process.execPath, [`examples/${example}.mjs`, ...given], {
    cwd: root,
    encoding: 'utf8',
  })
  const [counts, ...rows] = text.trim().split('\n')
  const [, ...numbers] = /^sessions (\d+) · events (\d+) · days (\d+) · items (\d+)$/.exec(counts!)!
  const [sessions, events, days, items] = numbers.map(Number) as [number, number, number, number]
  const ndcg = rows.map((row) => /^ndcg@10 (\w+) (\d\.\d{4}) \(\d+ sessions\)$/.exec(row)!)
  return { sessions, events, days, items, ndcg: Object.fromEntries(ndcg.map((row) => [row[1]!, +row[2]!])) }
}

interface Click {
  readonly session: string
  readonly at: Date
  readonly item: number
}

const ITEMS = 30
const LONG = 25

/**
 * 400 sessions of 3 to 6 clicks over 3 days, from each item to the next. Beside them: one of 25 clicks, whose last is there twice, one of a single click,
 * and one of a single item clicked again and again.
 */
const clicks: readonly Click[] = (() => {
  const random = createRandom(3)
  const walk = (session: string, length: number): readonly Click[] => {
    const [start, day] = [random.below(ITEMS), random.below(3)]
    return Array.from({ length }, (_, at) => ({
      session,
      at: new Date(Date.UTC(2019, 9, 1 + day, 5, at)),
      item: (start + at) % ITEMS,
    }))
  }
  const long = walk('1001', LONG)
  const stuck = walk('1003', 1)
  return [
    ...Array.from({ length: 400 }, (_, at) => walk(String(at + 1), 3 + random.below(4))).flat(),
    ...long,
    long.at(-1)!,
    ...walk('1002', 1),
    ...stuck,
    ...stuck,
  ]
})()
const counted = {
  sessions: 401,
  events: clicks.filter(({ session }) => +session <= 400).length + 20,
  days: 3,
  items: ITEMS,
}

/** The items and the number of clicks of the session of 25. */
async function longSession(out: string): Promise<readonly number[]> {
  const prepared = await openPrepared(out)
  const { parts } = prepared
  const fitted = await prepared.fitted()
  expect(parts.map(({ window, part }) => `${window} ${part}`)).toEqual(
    [1, 2, 3].flatMap((day) => ['train', 'valid', 'test'].map((part) => `${day} ${part}`)),
  )
  const all = await prepared.sessions()
  const at = all.ids.indexOf('1001')
  const codes = all.items.subarray(all.offsets[at], all.offsets[at + 1])
  return Array.from(codes, (code) => Number(fitted.vocabulary(fitted.definition.item!).decode(code)))
}
const lastTwenty = clicks
  .filter(({ session }) => session === '1001')
  .slice(LONG - 20, LONG)
  .map(({ item }) => item)

describe('the pipelines of Transformers4Rec, on a log in the original format', () => {
  beforeAll(() => {
    const spelled = (at: Date): string => at.toISOString().slice(0, 19).replace('T', ' ')
    const rows = clicks.map(({ session, at, item }) => {
      const category = `20530135${item % 4}`
      const code = item % 3 === 0 ? '' : `kind.${item % 4}`
      return `${spelled(at)} UTC,view,${item},${category},${code},brand${item % 5},${item * 3}.50,u${session},${session}`
    })
    writeFileSync(
      place('2019-Oct.csv'),
      'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n' +
        // Two events without a session, which would be one of three clicks otherwise.
        [...rows, rows[0]!.replace(/,1$/, ','), rows[1]!.replace(/,1$/, ',')].join('\n') +
        '\n',
    )
    writeFileSync(
      place('yoochoose-clicks.dat'),
      clicks.map(({ session, at, item }) => `${session},${at.toISOString()},${item},${item % 4}\n`).join(''),
    )
  })

  const learnsTheWalk = ({ sasrec, markov, popularity }: Printed['ndcg']): void => {
    expect(markov).toBeGreaterThan(0.95)
    expect(sasrec).toBeGreaterThan(2 * popularity!)
  }

  it('REES46', async () => {
    const { ndcg, ...counts } = printedBy('rees46', place('2019-Oct.csv'), place('rees46'))
    expect(counts).toEqual(counted)
    learnsTheWalk(ndcg)
    expect(await longSession(place('rees46'))).toEqual(lastTwenty)
    const fitted = await (await openPrepared(place('rees46'))).fitted()
    const schema = fitted.featureSchema()
    expect(schema.columns.map(({ name }) => name).join()).toBe(
      'session,product_id,category_id,category_code,brand,event_type,weekday_sine,weekday_cosine,hour_sine,hour_cosine,' +
        'recency,price,relative_price,user,event_count',
    )
    expect(fitted.vocabulary('brand').values.toSorted()).toEqual([0, 1, 2, 3, 4].map((at) => `brand${at}`))
  })

  it('Yoochoose', async () => {
    const { ndcg, ...counts } = printedBy('yoochoose', place('yoochoose-clicks.dat'), place('yoochoose'))
    expect(counts).toEqual(counted)
    learnsTheWalk(ndcg)
    expect(await longSession(place('yoochoose'))).toEqual(lastTwenty)
  })
})

it.each(['rees46', 'yoochoose'])('%s without arguments says how it is called', (example) => {
  const run = spawnSync(process.execPath, [`examples/${example}.mjs`], { cwd: root, encoding: 'utf8' })
  expect(run.status).toBe(2)
  expect(run.stderr).toMatch(new RegExp(`^Usage: node examples/${example}.mjs .*EVENTS\\.\\.\\. OUT\n`))
})

describe.skipIf(sharedNote !== '')(`the pipelines on samples of the data${sharedNote}`, () => {
  // The counts are those of src/datasets/shared-data.test.ts, but for the events of sessions of more than 20.
  it('REES46', () => {
    const sample = join(shared, 'rees46_sample_5k/2019-Oct_head.csv.gz')
    const { sessions, events, days } = printedBy('rees46', sample, place('rees46-sample'))
    expect({ sessions, events, days }).toEqual({ sessions: 767, events: 2758, days: 1 })
  })

  it('Yoochoose', () => {
    const from = join(shared, 'rsc15_100k')
    const events = place('yoochoose-events')
    execFileSync(
      process.execPath,
      ['dist/cli/main.js', 'data', 'yoochoose', '--from', from, '--accept-licence', '--out', events],
      { cwd: root, stdio: 'ignore' },
    )
    expect(readFileSync(join(events, 'dataset.json'), 'utf8')).toContain('17379')
    const file = join(events, 'events.parquet')
    const { ndcg, ...counts } = printedBy('yoochoose', '--no-category', file, place('yoochoose-sample'))
    expect(counts).toMatchObject({ sessions: 17_379, days: 8 })
    expect(ndcg['sasrec']).toBeGreaterThan(2 * ndcg['popularity']!)
  }, 300_000)
})
