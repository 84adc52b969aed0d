import { isRecord } from '../artifact/index.ts'

/** What was measured of a version before it was taken into use: its manifest. */
export interface VersionAbout {
  /** Rows that it had. */
  readonly rows: number
  /** Share of the `k` best rows, by exact search, that it finds. */
  readonly recall: number
  readonly k: number
  /** Queries that this is the mean of. */
  readonly queries: number
  /** Below which it would have been refused. */
  readonly floor: number
}

const fields: readonly (keyof VersionAbout)[] = ['rows', 'recall', 'k', 'queries', 'floor']

/** The about of a version in a file or a server; undefined for anything else. */
export function versionAbout(json: unknown): VersionAbout | undefined {
  if (!isRecord(json) || !fields.every((field) => Number.isFinite(json[field]))) return undefined
  return Object.fromEntries(fields.map((field) => [field, json[field]])) as unknown as VersionAbout
}
