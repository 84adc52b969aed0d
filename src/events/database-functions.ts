import {
  BOOLEAN,
  DOUBLE,
  DuckDBScalarFunction,
  VARCHAR,
  type DuckDBConnection,
  type DuckDBType,
} from '@duckdb/node-api'

type ValueType = 'number' | 'text' | 'boolean'
type Value = number | string | boolean | null

/** A JavaScript function that SQL can call. The same values must always give the same result; a missing one is null. */
export interface DatabaseFunction {
  /** Letters, digits and `_`; letter case does not count. */
  readonly name: string
  readonly inputs: readonly ValueType[]
  readonly type: ValueType
  readonly call: (values: readonly Value[]) => Value
}

const types: Readonly<Record<ValueType, DuckDBType>> = { number: DOUBLE, text: VARCHAR, boolean: BOOLEAN }

/** Makes functions known to all connections of a database. `telling`: its queries, which throw what a function threw; the engine passes on the message alone. */
export function registerFunctions(
  connection: DuckDBConnection,
  functions: readonly DatabaseFunction[],
): { readonly telling: <Queries extends object>(queries: Queries) => Queries } {
  let thrown: unknown
  for (const { name, inputs, type, call } of functions)
    connection.registerScalarFunction(
      DuckDBScalarFunction.create({
        name,
        parameterTypes: inputs.map((input) => types[input]),
        returnType: types[type],
        // Missing values are the function's to see.
        specialHandling: true,
        mainFunction: (_info, chunk, output) => {
          const columns = inputs.map((_, at) => chunk.getColumnVector(at))
          try {
            for (let row = 0; row < chunk.rowCount; row++)
              output.setItem(row, call(columns.map((column) => column.getItem(row) as Value)))
          } catch (cause) {
            thrown ??= cause
            throw cause
          }
          output.flush()
        },
      }),
    )
  const told =
    (query: Query): Query =>
    async (...given) => {
      try {
        return await query(...given)
      } catch (cause) {
        const first = thrown ?? cause
        thrown = undefined
        throw first
      }
    }
  return {
    telling: <Queries extends object>(queries: Queries) =>
      Object.fromEntries(
        Object.entries(queries as Record<string, Query>).map(([name, query]) => [name, told(query)]),
      ) as Queries,
  }
}

type Query = (...given: readonly never[]) => Promise<unknown>
