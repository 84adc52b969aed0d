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
  /** Of the model whose vectors these are, where they are a model's: the SHA-256 of the manifest of its artifact. */
  readonly model?: string
}

const fields: readonly (keyof VersionAbout)[] = ['rows', 'recall', 'k', 'queries', 'floor']

/** The about of a version in a file or a server; undefined for anything else. */
export function versionAbout(json: unknown): VersionAbout | undefined {
  if (!isRecord(json) || !fields.every((field) => Number.isFinite(json[field]))) return undefined
  const model: unknown = json['model']
  if (model !== undefined && !isDigest(model)) return undefined
  return {
    ...(Object.fromEntries(fields.map((field) => [field, json[field]])) as unknown as VersionAbout),
    ...(model !== undefined && { model }),
  }
}

export const isDigest = (digest: unknown): digest is string =>
  typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest)
