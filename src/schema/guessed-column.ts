import type { ColumnStatistics } from '../events/index.ts'
import type { ColumnSchemaInput, Dimension } from './column-schema.ts'
import type { Domain } from './domain.ts'
import { type Dtype, isNumber } from './dtype.ts'
import type { Guess, Role } from './guess.ts'

const tagsOf: Readonly<Record<Role, readonly string[]>> = {
  session: ['session', 'id', 'categorical'],
  user: ['user', 'id', 'categorical'],
  item: ['item', 'id', 'categorical'],
  time: ['time'],
  categorical: ['categorical'],
  continuous: ['continuous'],
  text: ['text'],
  ignore: [],
}

/** The schema of a column whose role is guessed. */
export function columnOf(column: ColumnStatistics, guess: Guess): ColumnSchemaInput {
  const dtype = dtypeOf(column)
  const shape = shapeOf(column)
  const domain = isNumber(dtype) && shape === undefined ? domainOf(column) : undefined
  return {
    name: column.name,
    dtype,
    tags: [
      ...tagsOf[guess.role],
      ...(guess.of === undefined ? [] : [guess.of]),
      ...(shape === undefined ? [] : ['list']),
    ],
    ...(domain === undefined ? {} : { domain }),
    ...(shape === undefined ? {} : { shape }),
  }
}

const stored: Readonly<Record<string, Dtype>> = {
  TINYINT: 'int8',
  SMALLINT: 'int16',
  INTEGER: 'int32',
  BIGINT: 'int64',
  UTINYINT: 'uint8',
  USMALLINT: 'uint16',
  UINTEGER: 'uint32',
  UBIGINT: 'uint64',
  FLOAT: 'float32',
  DOUBLE: 'float64',
  BOOLEAN: 'bool',
  VARCHAR: 'string',
  DATE: 'datetime',
}
const ofKind: Readonly<Record<ColumnStatistics['kind'], Dtype>> = {
  integer: 'int64',
  float: 'float64',
  boolean: 'bool',
  time: 'datetime',
  text: 'string',
  list: 'unknown',
  other: 'unknown',
}

/** A stored type keeps its size; numbers in text files have 64 bits. */
export function dtypeOf({ kind, type }: ColumnStatistics): Dtype {
  if (kind === 'list') {
    const element = type.replace(/\[\d*\]$/, '')
    return (
      stored[element] ??
      (element.startsWith('DECIMAL') ? 'float64' : element.startsWith('TIMESTAMP') ? 'datetime' : 'unknown')
    )
  }
  return type === 'VARCHAR' ? ofKind[kind] : (stored[type] ?? ofKind[kind])
}

/** A list column has its lengths as the second axis. */
function shapeOf({ kind, min, max }: ColumnStatistics): readonly Dimension[] | undefined {
  if (kind !== 'list') return undefined
  return [{ min: 0 }, typeof min === 'number' && typeof max === 'number' ? { min, max } : { min: 0 }]
}

function domainOf({ min, max }: ColumnStatistics): Domain | undefined {
  if (min === undefined || max === undefined || typeof min === 'string' || typeof max === 'string')
    return undefined
  // The upper half of uint64 is more than a schema file can hold.
  return max > 2n ** 63n - 1n && typeof max === 'bigint' ? undefined : { min, max }
}
