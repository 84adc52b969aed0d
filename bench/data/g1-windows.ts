import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { selectSessions, timeWindow, type Sessions, type TimeWindow } from '../../src/data/index.ts'
import { expressions as f } from '../../src/expressions/index.ts'
import { RESERVED, UNKNOWN } from '../../src/codes.ts'
import { workflow, type FittedWorkflow, type ModelInputs } from '../../src/workflow/index.ts'

/** Which half of the sessions of an hour is tested on: settings are chosen on `valid`. */
export type Half = 'valid' | 'test'

export interface G1 {
  readonly fitted: FittedWorkflow
  /** Of each hour, in the order of time: all its sessions to train on, half of them to test on. */
  readonly windows: readonly TimeWindow[]
  readonly hours: readonly { readonly train: Sessions; readonly test: Sessions }[]
  /** What a model of an hour, from 0, is made for. */
  readonly schemaOf: (hour: number) => ModelInputs
}

export interface G1Options {
  /** What `ensuite data g1` wrote. */
  readonly folder: string
  readonly half: Half
  /** Whether events have their side information: what Transformers4Rec's paper reads beside the item. */
  readonly sides: boolean
  /** The first so many hours. */
  readonly hours?: number | undefined
  /**
   * Which items have a row: `all` of all hours from the start, as Transformers4Rec has it, or those that were `seen` so far, which are more with every hour. Of these a test sees those of the hours before it:
   * what nobody had clicked yet is unknown, and as a target a miss.
   */
  readonly vocabulary?: Vocabulary
}

export type Vocabulary = 'all' | 'seen'

const CODES = ['environment', 'device', 'os', 'country', 'region', 'referrer'] as const
const NUMBERS = ['hour_sin', 'hour_cos', 'weekday_sin', 'weekday_cos', 'item_age_hours'] as const

/**
 * G1 news by hours, as Transformers4Rec's paper has it. The vocabulary is that of all hours, as there: an item that was not yet seen has a row that was never trained. The numbers are normalised over all hours, too,
 * where the paper fitted GaussRank on them.
 */
export async function g1Windows({ folder, half, sides, hours, vocabulary = 'all' }: G1Options): Promise<G1> {
  const path = join(folder, 'events.parquet')
  if (!existsSync(path))
    throw new Error(
      `There is no ${path}. Make it: npx ensuite data g1 --from FOLDER --accept-licence --out ${folder}`,
    )
  const flow = workflow({
    session: 'session',
    item: 'item',
    time: 'time',
    ...(sides && {
      features: {
        ...Object.fromEntries(CODES.map((name) => [name, f.category(name)])),
        ...Object.fromEntries(
          NUMBERS.map((name) => [name, f.continuous(name, { scale: 'normalize', fill: 0 })]),
        ),
      },
    }),
  })
  const fitted = await flow.fit({ path })
  const sessions = await fitted.transform({ path })
  const { windowOf, chosen } = await divided(folder, half)
  const places: { readonly train: number[]; readonly test: number[] }[] = []
  for (const [at, id] of sessions.ids.entries()) {
    const window = windowOf.get(id)
    if (window === undefined) throw new Error(`Session ${id} is in no window: make ${folder} again.`)
    const own = (places[window - 1] ??= { train: [], test: [] })
    own.train.push(at)
    if (chosen.has(id)) own.test.push(at)
  }
  const taken = places.slice(0, hours).map(({ train, test }) => ({
    train: selectSessions(sessions, Int32Array.from(train)),
    test: selectSessions(sessions, Int32Array.from(test)),
  }))
  const windowsOf = (all: G1['hours']): readonly TimeWindow[] =>
    all.map((each, at) => timeWindow(String(at + 1), each))
  if (vocabulary === 'all')
    return { fitted, hours: taken, windows: windowsOf(taken), schemaOf: () => fitted.schema }
  const seen = bySight(taken)
  return {
    fitted,
    hours: seen.hours,
    windows: windowsOf(seen.hours),
    schemaOf: (hour) => ({ ...fitted.schema, items: seen.codes[hour]! }),
  }
}

/** Items numbered in the order in which they were first clicked: so many codes there are after each hour. */
function bySight(hours: G1['hours']): { readonly hours: G1['hours']; readonly codes: readonly number[] } {
  const codeOf = new Map<number, number>()
  const codes: number[] = []
  const recoded = (sessions: Sessions): Sessions => ({
    ...sessions,
    items: sessions.items.map((item) => codeOf.get(item) ?? UNKNOWN),
  })
  const all = hours.map(({ train, test }) => {
    const tested = recoded(test)
    for (const item of train.items)
      if (item >= RESERVED && !codeOf.has(item)) codeOf.set(item, RESERVED + codeOf.size)
    codes.push(RESERVED + codeOf.size)
    return { train: recoded(train), test: tested }
  })
  return { hours: all, codes }
}

/** The hour of each session, and the sessions of one half. */
async function divided(
  folder: string,
  half: Half,
): Promise<{ readonly windowOf: ReadonlyMap<string, number>; readonly chosen: ReadonlySet<string> }> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const files = (part: string): string =>
    join(folder, 'sessions_by_hour', '*', `${part}.parquet`).replaceAll("'", "''")
  const rows = async (part: string): Promise<readonly (readonly [string, number])[]> => {
    const reader = await connection.runAndReadAll(
      `SELECT session, CAST(regexp_extract(filename, '([0-9]+)[\\\\/][a-z]+\\.parquet$', 1) AS INTEGER) FROM read_parquet('${files(part)}', filename = true)`,
    )
    return reader.getRows() as unknown as readonly (readonly [string, number])[]
  }
  try {
    const all = await rows('train')
    const some = await rows(half)
    return { windowOf: new Map(all), chosen: new Set(some.map(([session]) => session)) }
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
