import type { Database } from './database.ts'
import { textColumn } from './load-events.ts'
import type { RawColumn } from './raw-sessions.ts'

export interface EncodedColumns {
  readonly texts: readonly RawColumn[]
  readonly times?: Float64Array
}

/** Reads the loaded events in the order of the files: `count` text columns as dictionaries and codes, and the times. */
export async function encodeColumns(
  database: Database,
  count: number,
  time: string | undefined,
): Promise<EncodedColumns> {
  const dictionaries: (readonly string[])[] = []
  for (let index = 0; index < count; index++) dictionaries.push(await dictionary(database, index))
  const [counted] = await database.rows('SELECT count(*) AS events FROM events')
  const events = Number(counted!['events'])
  const codes = dictionaries.map(() => new Int32Array(events))
  const times = time === undefined ? undefined : new Float64Array(events)
  const targets = times === undefined ? codes : [...codes, times]
  const selected = [
    'events.rowid',
    ...dictionaries.map((_, index) => `coalesce(values${index}.code, -1)`),
    ...(time === undefined ? [] : [`CAST(${time} AS DOUBLE)`]),
  ].map((expression) => `CAST(${expression} AS DOUBLE)`)
  const joins = dictionaries.map(
    (_, index) => `LEFT JOIN values${index} ON events.${textColumn(index)} = values${index}.value`,
  )
  await database.numbers(`SELECT ${selected.join(', ')} FROM events ${joins.join(' ')}`, (columns, rows) => {
    const [places, ...values] = columns
    // A join keeps no order: each row says where it belongs.
    for (const [index, target] of targets.entries()) {
      const column = values[index]!
      for (let row = 0; row < rows; row++) target[places![row]!] = column[row]!
    }
  })
  return {
    texts: dictionaries.map((values, index) => ({ values, codes: codes[index]! })),
    ...(times === undefined ? {} : { times }),
  }
}

/** Makes the table `values<index>` of the distinct values, codes in order of first appearance, and returns them. */
async function dictionary(database: Database, index: number): Promise<readonly string[]> {
  await database.run(
    `CREATE TEMP TABLE values${index} AS SELECT value, row_number() OVER (ORDER BY first) - 1 AS code FROM ` +
      `(SELECT ${textColumn(index)} AS value, min(rowid) AS first FROM events WHERE ${textColumn(index)} IS NOT NULL GROUP BY value)`,
  )
  // Strings cross the border to JavaScript some five times faster in blocks of JSON than one by one.
  const blocks = await database.rows(
    `SELECT CAST(to_json(list(value ORDER BY code)) AS VARCHAR) AS block FROM values${index} GROUP BY code // 4096 ORDER BY min(code)`,
  )
  return blocks.flatMap(({ block }) => JSON.parse(block!) as readonly string[])
}
