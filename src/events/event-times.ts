import { EnsuiteError } from '../errors.ts'
import type { Database } from './database.ts'
import type { EventTable, TableColumn } from './event-table.ts'
import { refuseRows } from './load-events.ts'

const NUMBER = 'TRY_CAST(time AS DOUBLE)'
// Times without a zone are UTC. Microseconds are kept as fractions, so that they still order the events.
const INSTANT = 'epoch_us(TRY_CAST(time AS TIMESTAMPTZ)) / 1000.0'

/**
 * The SQL expression of the time of a loaded event, a DOUBLE: numbers as they are, dates and timestamps in milliseconds.
 *
 * Throws `COLUMN_INVALID` if a row has no such time, or a number beyond 2⁵³ (nanoseconds since 1970), which would be rounded.
 */
export async function timeExpression(
  database: Database,
  table: EventTable,
  column: TableColumn,
): Promise<string> {
  const expression = await expressionFor(database, column)
  const kind = expression === NUMBER ? 'numbers' : 'ISO dates and timestamps'
  await refuseRows(database, table, `(${expression}) IS NULL OR NOT isfinite(${expression})`, {
    value: 'time',
    says: (value) =>
      `The time column '${column.name}' expects ${kind} as in its other rows, received '${value}'`,
    advice: 'Correct or remove these rows, or leave out time to keep the order of the file.',
  })
  if (expression === NUMBER) {
    await refuseRows(database, table, `abs(${expression}) > ${Number.MAX_SAFE_INTEGER}`, {
      value: 'time',
      says: (value) =>
        `The time column '${column.name}' expects numbers up to 2⁵³, which order events exactly, received '${value}'`,
      advice: 'Divide them, for instance nanoseconds by 1000.',
    })
  }
  return expression
}

async function expressionFor(database: Database, column: TableColumn): Promise<string> {
  if (/INT|^(FLOAT|DOUBLE|DECIMAL)/.test(column.type)) return NUMBER
  if (/^(TIMESTAMP|DATE)/.test(column.type)) return INSTANT
  if (column.type !== 'VARCHAR') {
    throw new EnsuiteError(
      'COLUMN_INVALID',
      `The time column '${column.name}' holds ${column.type}; numbers, dates or timestamps are expected. Cast the column.`,
    )
  }
  const [sample] = await database.rows(
    `SELECT count(${NUMBER}) AS numbers, count(${INSTANT}) AS instants FROM (SELECT time FROM events LIMIT 1000)`,
  )
  return Number(sample!['numbers']) >= Number(sample!['instants']) ? NUMBER : INSTANT
}
