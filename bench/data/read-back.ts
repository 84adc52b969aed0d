import { withDatabase } from '../../src/events/database.ts'
import { filePattern, literal, literals } from '../../src/events/sql.ts'
import type { FittedWorkflow } from '../../src/workflow/index.ts'
import { openPrepared } from '../../src/workflow/prepared-sessions.ts'
import { stagePlans } from '../../src/workflow/stage-plans.ts'

/** What a program wrote, in figures that do not depend on the order of the sessions; see the job in bench/README.md. */
export interface Figures {
  readonly sessions: number
  readonly events: number
  /** Values with a code. */
  readonly items: number
  readonly categories: number
  /** NVTabular has none. */
  readonly checksum?: number
  readonly tiedChecksum: number
  readonly recencySquares: number
  readonly priceSquares: number
}

const PRIME = 2_147_483_647

/** Reads the sessions that our-prepare.ts wrote from the Parquet files by SQL, not with the reader of this package. */
export async function readBack(folder: string): Promise<Figures> {
  const prepared = await openPrepared(folder)
  const { parts } = prepared
  const fitted = await prepared.fitted()
  const files = parts.map(({ file }) => file)
  const [items, categories] = [countsOf(fitted, 'item_id'), countsOf(fitted, 'category')]
  const rows = await withDatabase(files, async (database) => {
    await database.run(`CREATE TABLE item_ties AS ${ties(items)}`)
    await database.run(`CREATE TABLE category_ties AS ${ties(categories)}`)
    return database.rows(
      `SELECT count(*) AS events, ${checksum('item', 'category')} AS checksum, ${checksum('item_ties.least', 'category_ties.least')} AS tied, ` +
        `sum(recency * recency) AS recency, sum(price * price) AS price, ` +
        `(SELECT count(DISTINCT session) FROM read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false)) AS sessions ` +
        `FROM (${events(files)}) AS events JOIN item_ties ON item = item_ties.code JOIN category_ties ON category = category_ties.code`,
    )
  })
  const row = rows[0]!
  return {
    sessions: Number(row['sessions']),
    events: Number(row['events']),
    items: items.length,
    categories: categories.length,
    checksum: Number(row['checksum']),
    tiedChecksum: Number(row['tied']),
    recencySquares: Number(row['recency']),
    priceSquares: Number(row['price']),
  }
}

/** How often each value of a vocabulary was seen, by code from 2. */
function countsOf({ definition, states }: FittedWorkflow, feature: string): readonly number[] {
  const place = stagePlans(definition).at(-1)!.roots[Object.keys(definition.features).indexOf(feature)]!
  return states.at(-1)!.get(place)!.columns['count'] as readonly number[]
}

/** A query of each code with the least code among values of the same count. 1 stays 1. */
const ties = (counts: readonly number[]): string =>
  `SELECT code, min(code) OVER (PARTITION BY seen) AS least FROM (SELECT 1 AS code, -1 AS seen UNION ALL ` +
  `SELECT generate_subscripts(seen, 1) + 1, unnest(seen) FROM (SELECT CAST(string_split(${literal(counts.join(','))}, ',') AS BIGINT[]) AS seen))`

/** A row an event; `day` is the folder of the file. */
const events = (files: readonly string[]): string =>
  `SELECT CAST(session AS BIGINT) AS id, CAST(regexp_extract(filename, '([0-9]+)[^0-9]+$', 1) AS BIGINT) AS day, unnest(item_id)::BIGINT AS item, ` +
  `unnest(category)::BIGINT AS category, CAST(unnest("timestamp") AS BIGINT) AS ms, unnest(weekday)::BIGINT AS weekday, ` +
  `unnest(recency_days_log)::DOUBLE AS recency, unnest(price_log)::DOUBLE AS price, generate_subscripts(item_id, 1) - 1 AS position ` +
  `FROM read_parquet(${literals(files.map(filePattern))}, hive_partitioning = false, filename = true)`

const checksum = (item: string, category: string): string =>
  `sum(((((${item} * 31 + ${category}) * 31 + position) * 7 + weekday) * ((ms + id * 31 + day * 977) % 1000003)) % ${PRIME}) % ${PRIME}`
