import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { definitionToJson } from './definition-json.ts'
import { featureTypes } from './feature-types.ts'
import { fileDigest } from './file-digest.ts'
import type { FittedWorkflow } from './fitted-workflow.ts'
import { besideSessions, type PreparedFile } from './prepared-files.ts'
import { encodeManifest, MANIFEST } from './prepared-manifest.ts'
import type { WrittenSessions } from './write-sessions.ts'

/** Writes `prepared.json`, with the digests of all files that are in the folder: the last file that is written. */
export async function writeManifest(
  folder: string,
  { definition, schema }: FittedWorkflow,
  { sessions, events, lengths, files: written }: WrittenSessions,
): Promise<void> {
  const files: PreparedFile[] = []
  for (const file of [...besideSessions.map((path) => ({ path })), ...written])
    files.push({ ...file, ...(await fileDigest(join(folder, file.path))) })
  await writeFile(
    join(folder, MANIFEST),
    encodeManifest({
      definition: definitionToJson(definition),
      features: featureTypes(definition),
      schema,
      ...{ sessions, events, lengths, files },
    }),
  )
}
