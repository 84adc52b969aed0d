import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import type { SearchOptions, VectorRow, VectorSchema } from './vector-store.ts'

/** The most rows that a search gives for a query: what Milvus allows. */
export const MOST_FOUND = 16_384
const MOST_DIMENSIONS = 32_768
const MOST_ATTRIBUTES = 64
/** Bytes of an id, and of a text among the attributes. */
export const LONGEST_ID = 512
export const LONGEST_TEXT = 1000
const NAME = /^[a-z][a-z0-9_]{0,62}$/
/** Half of a character, which no store keeps, and a byte order mark at the start, which is lost where text is decoded. */
const UNKEPT = /\p{Surrogate}|^\ufeff/u
/** Columns of the stores' own. */
const RESERVED: readonly string[] = ['id', 'vector']

const invalid = (message: string): EnsuiteError => new EnsuiteError('OPTION_INVALID', message)

/** The schema with all it may leave out. Throws `OPTION_INVALID`, `OPTION_UNKNOWN`. */
export function checkedSchema(schema: VectorSchema): Required<VectorSchema> {
  checkOptions('a vector store', schema, ['dimensions', 'similarity', 'attributes'])
  const { dimensions, similarity, attributes = {} } = schema
  checkNumber('a vector store: dimensions', dimensions, { integer: true, min: 1, max: MOST_DIMENSIONS })
  checkChoice('a vector store: similarity', similarity, ['dot', 'cosine'])
  const names = Object.keys(attributes)
  if (names.length > MOST_ATTRIBUTES)
    throw invalid(`A vector store has ${MOST_ATTRIBUTES} attributes at most, not ${names.length}.`)
  for (const name of names) {
    if (!NAME.test(name) || RESERVED.includes(name))
      throw invalid(
        `An attribute of a vector store cannot be called ${JSON.stringify(name).slice(0, 100)}. Use small letters, digits and _, a letter first, and neither id nor vector.`,
      )
    checkChoice(`a vector store: ${name}`, attributes[name], ['text', 'number', 'boolean'])
  }
  return { dimensions, similarity, attributes }
}

export const isVersion = (version: unknown): version is string =>
  typeof version === 'string' && NAME.test(version)

/** Throws `OPTION_INVALID` for a name that could be a path. */
export function checkVersion(version: unknown): void {
  if (!isVersion(version))
    throw invalid(
      `A version cannot be called ${(JSON.stringify(version) as string | undefined)?.slice(0, 100) ?? 'nothing'}. Use small letters, digits and _, a letter first, at most 63.`,
    )
}

export function checkIds(ids: readonly string[]): void {
  if (!Array.isArray(ids)) throw invalid('A list of ids is expected.')
  for (const id of ids) checkId(id)
}

function checkId(id: unknown): void {
  if (typeof id !== 'string' || id === '' || Buffer.byteLength(id) > LONGEST_ID || UNKEPT.test(id))
    throw invalid(
      `An id is a text of 1 to ${LONGEST_ID} bytes, of whole characters and without a byte order mark, not ${String(id).slice(0, 100)}.`,
    )
}

/** Throws `OPTION_INVALID` for rows that do not fit the schema, naming the row. */
export function checkRows(rows: readonly VectorRow[], schema: Required<VectorSchema>): void {
  if (!Array.isArray(rows)) throw invalid('A list of rows is expected.')
  const names = Object.entries(schema.attributes)
  for (const row of rows as readonly VectorRow[]) {
    // What comes from JavaScript may be anything.
    checkId((row as VectorRow | null | undefined)?.id)
    checkVector(`The vector of '${row.id}'`, row.vector, schema)
    const given = row.attributes ?? {}
    const other = Object.keys(given).find((name) => !Object.hasOwn(schema.attributes, name))
    if (other !== undefined)
      throw invalid(`Row '${row.id}' has an attribute '${other.slice(0, 100)}' that the store has not.`)
    for (const [name, type] of names) {
      const value: unknown = Object.hasOwn(given, name) ? given[name] : undefined
      const fits =
        type === 'text'
          ? typeof value === 'string' && Buffer.byteLength(value) <= LONGEST_TEXT && !UNKEPT.test(value)
          : type === 'number'
            ? typeof value === 'number' && Number.isFinite(value)
            : typeof value === 'boolean'
      if (!fits)
        throw invalid(
          `Row '${row.id}' needs a ${type} for '${name}', not ${String(value).slice(0, 100)}.${type === 'text' ? ` A text has ${LONGEST_TEXT} bytes at most.` : ''}`,
        )
    }
  }
}

export function checkSearch(
  queries: readonly Float32Array[],
  options: SearchOptions,
  schema: Required<VectorSchema>,
): void {
  checkOptions('search', options, ['k', 'filter'])
  checkNumber('search: k', options.k, { integer: true, min: 1, max: MOST_FOUND })
  if (!Array.isArray(queries)) throw invalid('search expects a list of vectors.')
  for (const [at, query] of queries.entries()) checkVector(`Query ${at}`, query as Float32Array, schema)
}

function checkVector(
  what: string,
  vector: Float32Array,
  { dimensions, similarity }: Required<VectorSchema>,
): void {
  if (!(vector instanceof Float32Array) || vector.length !== dimensions)
    throw invalid(
      `${what} must be a Float32Array of ${dimensions} numbers${vector instanceof Float32Array ? `, not ${vector.length}` : ''}.`,
    )
  if (similarity === 'cosine' && vector.every((value) => value === 0))
    throw invalid(`${what} is all zeros, and has no direction. Give another, or use 'dot'.`)
  for (let at = 0; at < vector.length; at++)
    if (!Number.isFinite(vector[at]))
      throw invalid(`${what} holds ${vector[at]!} at ${at}. Give finite numbers.`)
}
