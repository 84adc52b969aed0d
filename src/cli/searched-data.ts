import { definitionToJson, type DefinitionJson } from '../workflow/definition-json.ts'
import { manifestDigest } from '../workflow/prepared-manifest.ts'
import { readManifest } from '../workflow/read-manifest.ts'
import type { TrainingInput } from './training-data.ts'

/** What becomes of the events of a search, as its folder keeps it: the workflow, which may lie in a file that is changed, or be guessed; of a prepared folder the digest of its manifest. Throws what `readManifest` throws. */
export const searchedData = async (
  input: TrainingInput,
): Promise<{ readonly workflow: DefinitionJson } | { readonly prepared: string }> =>
  'prepared' in input
    ? { prepared: manifestDigest(await readManifest(input.prepared)) }
    : { workflow: definitionToJson(input.workflow.definition) }
