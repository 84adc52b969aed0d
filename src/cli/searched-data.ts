import { basename } from 'node:path'
import { findFiles } from '../events/find-files.ts'
import { definitionToJson, type DefinitionJson } from '../workflow/definition-json.ts'
import { fileDigest } from '../workflow/file-digest.ts'
import { manifestDigest } from '../workflow/prepared-manifest.ts'
import { readManifest } from '../workflow/read-manifest.ts'
import type { TrainingInput } from './training-data.ts'

/** What a search is over, as its folder keeps it. */
type SearchedData =
  | {
      readonly workflow: DefinitionJson
      /** SHA-256 of each file of events, by its name and its place. */
      readonly files: Readonly<Record<string, string>>
    }
  /** The digest of the manifest. */
  | { readonly prepared: string }

/**
 * The events of a search, which may have grown since, and what becomes of them: the workflow, which may lie in a file that is changed, or be guessed. Throws what `findFiles` and
 * `readManifest` throw.
 */
export async function searchedData(input: TrainingInput): Promise<SearchedData> {
  if ('prepared' in input) return { prepared: manifestDigest(await readManifest(input.prepared)) }
  const { files } = await findFiles(input.events)
  const digests: Record<string, string> = {}
  for (const [at, file] of files.entries())
    digests[`${at + 1} ${basename(file)}`] = (await fileDigest(file)).sha256
  return { workflow: definitionToJson(input.workflow.definition), files: digests }
}
