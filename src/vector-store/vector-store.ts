import type { VectorFilter } from './filter.ts'
import type { VersionAbout } from './version-about.ts'

/** What rows may be filtered by. */
export type AttributeType = 'text' | 'number' | 'boolean'
export type AttributeValue = string | number | boolean

/** What a store holds: every row has all of it. */
export interface VectorSchema {
  /** Numbers of a vector. */
  readonly dimensions: number
  /** What a score is: the product of query and vector, or that of both scaled to length 1. */
  readonly similarity: 'dot' | 'cosine'
  /** Attributes by name. Default: none. */
  readonly attributes?: Readonly<Record<string, AttributeType>>
}

export interface VectorRow {
  readonly id: string
  /** [dimensions]. */
  readonly vector: Float32Array
  /** One value for each attribute of the schema. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>
}

export interface SearchOptions {
  /** How many rows for each query, from 1 to `MOST_FOUND`. */
  readonly k: number
  /** Rows that may be found. Default: all. */
  readonly filter?: VectorFilter
}

export interface Found {
  readonly id: string
  readonly score: number
}

/**
 * Vectors by id: those of items, interactions or sessions. What a call has answered, the next one sees.
 *
 * Every call rejects with `OPTION_INVALID` for what does not fit the schema, and `CLOSED` after `close`; a store behind a network rejects with `STORE_UNAVAILABLE`.
 */
export interface VectorStore {
  readonly schema: Required<VectorSchema>
  /** Adds rows; one whose id is there takes its place. */
  upsert(rows: readonly VectorRow[]): Promise<void>
  /** Takes rows away; ids that are not there change nothing. */
  delete(ids: readonly string[]): Promise<void>
  /** The rows of these ids, in their order; undefined where there is none. */
  get(ids: readonly string[]): Promise<readonly (VectorRow | undefined)[]>
  /** For each query the rows with the highest scores, best first; fewer than `k` where there are no more. */
  search(queries: readonly Float32Array[], options: SearchOptions): Promise<readonly (readonly Found[])[]>
  count(filter?: VectorFilter): Promise<number>
  /** Makes the index what the rows are, where there is one: for after many rows, so that the next search need not. */
  optimize(): Promise<void>
  /** All rows that are there from the call to the end, some at a time. */
  rows(): AsyncIterable<readonly VectorRow[]>
  close(): Promise<void>
}

/** Versions of a store by name, of which one is in use: a new one is filled beside it and then takes its place at once. */
export interface VectorDatabase {
  /** An empty version, not in use. Rejects with `STORE_EXISTS` where there is one of this name. */
  create(version: string, schema: VectorSchema): Promise<VectorStore>
  /** A version; the one in use unless named. Rejects with `STORE_MISSING`. */
  open(version?: string): Promise<VectorStore>
  /** The version in use; undefined where none is. */
  current(): Promise<string | undefined>
  /** Takes a version into use: who opens afterwards gets it. */
  use(version: string): Promise<void>
  versions(): Promise<readonly string[]>
  /** Writes down what was measured of a version, as `publishVectors` does. */
  describe(version: string, about: VersionAbout): Promise<void>
  /** What was; undefined where nothing was measured. */
  about(version: string): Promise<VersionAbout | undefined>
  /** Deletes a version. Rejects with `STORE_IN_USE` for the one in use. */
  remove(version: string): Promise<void>
  close(): Promise<void>
}
