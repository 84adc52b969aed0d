import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../events/database.ts'
import { literal } from '../events/sql.ts'
import { duckdb } from '../expressions/index.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'

export interface WindowOptions {
  readonly every: 'day' | 'hour'
  /** Shares of each window's sessions; the rest trains. Default 0.1 each. */
  readonly validation?: number
  readonly test?: number
  /** Of the random division; default 1. */
  readonly seed?: number
}

export interface WrittenWindow {
  /** From 1; days or hours without a session have no window of their own number left out: numbers follow the calendar. */
  readonly window: number
  readonly train: number
  readonly valid: number
  readonly test: number
}

const lengths = { day: 86_400_000, hour: 3_600_000 } as const
const parts = ['train', 'valid', 'test'] as const

export function checkWindows(options: WindowOptions): void {
  checkOptions('windows', options, ['every', 'validation', 'test', 'seed'])
  checkChoice('windows: every', options.every, Object.keys(lengths))
  const { validation = 0.1, test = 0.1, seed = 1 } = options
  checkNumber('windows: validation', validation, { min: 0, below: 1 })
  checkNumber('windows: test', test, { min: 0, below: 1 })
  checkNumber('windows: validation + test', validation + test, { below: 1 })
  checkNumber('windows: seed', seed, { integer: true, min: 0 })
}

/**
 * Writes the table `sessions` as `sessions_by_day/<n>/{train,valid,test}.parquet` (or `sessions_by_hour`): window 1 begins with the first session's day.
 * Who trains, validates and tests follows from the MD5 of seed and session, so it is the same on every engine and in every run.
 */
export async function writeWindows(
  database: Database,
  folder: string,
  options: WindowOptions & {
    readonly columns: string
    readonly onWindow: (done: number, total: number) => void
  },
): Promise<readonly WrittenWindow[]> {
  const { every, validation = 0.1, test = 0.1, seed = 1, columns, onWindow } = options
  const length = lengths[every]
  const draw = duckdb.bucket(`(${literal(`${seed}:`)} || session)`, 1_000_000)
  const train = Math.round((1 - validation - test) * 1_000_000)
  const valid = Math.round((1 - test) * 1_000_000)
  await database.run(
    `CREATE TABLE windows AS SELECT * FROM (SELECT *, ` +
      `CAST(floor(first_time / ${length}) - (SELECT floor(min(first_time) / ${length}) FROM sessions) + 1 AS INTEGER) AS window_number, ` +
      `CASE WHEN ${draw} < ${train} THEN 0 WHEN ${draw} < ${valid} THEN 1 ELSE 2 END AS window_part FROM sessions) AS s ` +
      `ORDER BY window_number, window_part, first_row`,
  )
  const counted = await database.rows(
    `SELECT window_number, ${parts.map((part, at) => `count(*) FILTER (WHERE window_part = ${at}) AS ${part}`).join(', ')} ` +
      `FROM windows GROUP BY window_number ORDER BY window_number`,
  )
  const written: WrittenWindow[] = []
  for (const row of counted) {
    const number = Number(row['window_number'])
    const own = join(folder, `sessions_by_${every}`, String(number))
    await mkdir(own, { recursive: true })
    for (const [at, part] of parts.entries())
      await database.run(
        `COPY (SELECT ${columns} FROM windows WHERE window_number = ${number} AND window_part = ${at} ORDER BY first_row) ` +
          `TO ${literal(join(own, `${part}.parquet`))} (FORMAT parquet, COMPRESSION zstd)`,
      )
    written.push({
      window: number,
      train: Number(row['train']),
      valid: Number(row['valid']),
      test: Number(row['test']),
    })
    onWindow(written.length, counted.length)
  }
  return written
}
