import { columnOf, type EventTable } from '../event-table.ts'
import { identifier, literal } from '../sql.ts'
import type { DerivedColumn, Recipe, RecipeColumn, RecipeTime } from './recipe.ts'

/** A value of a file: the text as it is (null where empty), and what it becomes (null where it cannot). */
export interface ReadValue {
  readonly name: string
  readonly text: string
  readonly value: string
  /** What a message says is expected. */
  readonly expects: string
}

const types = { text: 'VARCHAR', integer: 'BIGINT', number: 'DOUBLE' } as const
const expectations = { text: 'texts', integer: 'whole numbers', number: 'numbers' } as const

/** The SQL of a column. Throws `COLUMN_MISSING` where the file lacks it. */
export function readColumn(table: EventTable, column: RecipeColumn): ReadValue {
  const { name, type, missing, flags } = column
  if (flags !== undefined) {
    const labels = Object.entries(flags).map(
      ([from, label]) => `CASE WHEN ${columnOf(table, from).expression} = '1' THEN ${literal(label)} END`,
    )
    const joined = `nullif(concat_ws('|', ${labels.join(', ')}), '')`
    return { name, text: joined, value: joined, expects: expectations.text }
  }
  const raw = textOf(table, column.from ?? name)
  const text = missing === undefined ? raw : `nullif(${raw}, ${literal(missing)})`
  // '12.0' is a whole number, '12.5' is none: a cast alone would round it.
  const value =
    type === 'integer'
      ? `CASE WHEN TRY_CAST(${text} AS DOUBLE) = trunc(TRY_CAST(${text} AS DOUBLE)) THEN TRY_CAST(${text} AS BIGINT) END`
      : type === 'number'
        ? `CASE WHEN isfinite(TRY_CAST(${text} AS DOUBLE)) THEN TRY_CAST(${text} AS DOUBLE) END`
        : text
  return { name, text, value: `CAST(${value} AS ${types[type]})`, expects: expectations[type] }
}

/** The SQL of the times, in milliseconds; null where there is none. */
export function readTime(table: EventTable, time: RecipeTime): ReadValue {
  if (time.kind === 'place')
    return { name: 'time', text: `'0'`, value: 'CAST(0 AS DOUBLE)', expects: 'nothing' }
  if (time.kind === 'number') {
    const text = textOf(table, time.column)
    const number = `CASE WHEN isfinite(TRY_CAST(${text} AS DOUBLE)) THEN TRY_CAST(${text} AS DOUBLE) END`
    // Seconds with decimals leave noise below the microsecond.
    const value = time.unit === 'milliseconds' ? number : `round(${number} * 1000, 3)`
    return { name: time.column, text, value, expects: time.unit }
  }
  if (time.kind === 'instant') {
    const text = textOf(table, time.column)
    const value = `epoch_us(TRY_CAST(${text} AS TIMESTAMPTZ)) / 1000.0`
    return { name: time.column, text, value, expects: 'ISO dates and timestamps' }
  }
  const parts = time.date.map((name) => textOf(table, name))
  const offset = textOf(table, time.offset)
  const date = parts.length === 1 ? parts[0]! : `concat_ws('-', ${parts.join(', ')})`
  return {
    name: [...time.date, time.offset].join(', '),
    text: `concat_ws(' ', ${date}, ${offset})`,
    value: `epoch_us(CAST(TRY_CAST(${date} AS DATE) AS TIMESTAMP)) / 1000.0 + TRY_CAST(${offset} AS DOUBLE)`,
    expects: 'a date and a number',
  }
}

/** The SQL of a text of the file, null where it is empty. */
export function textOf(table: EventTable, from: string): string {
  return `nullif(CAST(${columnOf(table, from).expression} AS VARCHAR), '')`
}

/** The names in the files that a recipe asks of its inputs. */
export function wantedColumns(recipe: Recipe): readonly string[] {
  const { session, item, time, columns } = recipe
  const times =
    time.kind === 'place' ? [] : time.kind === 'date-and-offset' ? [...time.date, time.offset] : [time.column]
  const others = columns.flatMap(({ name, from, flags }) => (flags ? Object.keys(flags) : [from ?? name]))
  return [...new Set([session, item, ...times, ...others])]
}

/** The derived columns, over columns called `time` and as `from` says. */
export function derivedColumns(
  derived: readonly DerivedColumn[],
): readonly { readonly name: string; readonly expression: string }[] {
  return derived.flatMap((column) => {
    if (column.kind === 'age-hours')
      return [
        {
          name: column.name,
          expression: `(time - ${identifier(column.created)}) / 3600000.0`,
        },
      ]
    // Seconds since 1970 are cut, not rounded, before they become local.
    const local = `timezone(${literal(column.timeZone)}, make_timestamptz(CAST(floor(time / 1000) AS BIGINT) * 1000000))`
    const cycle = (value: string, length: number, name: string) =>
      (['sin', 'cos'] as const).map((wave) => ({
        name: `${name}_${wave}`,
        expression: `${wave}(2 * pi() * ((${value}) + 0.000001) / ${length})`,
      }))
    return [
      ...cycle(`hour(${local}) + minute(${local}) / 60.0`, 24, 'hour'),
      ...cycle(`isodow(${local})`, 7, 'weekday'),
    ]
  })
}
