import type { MilvusCall } from './milvus-connection.ts'
import { versionAbout, type VersionAbout } from './version-about.ts'

/** The property of a collection that holds its manifest. */
const PROPERTY = 'ensuite.manifest'

/** Writes what was measured of a collection into its properties. */
export async function writeAbout(
  call: MilvusCall,
  collection_name: string,
  about: VersionAbout,
): Promise<void> {
  await call('take the manifest in', (own) =>
    own.alterCollectionProperties({ collection_name, properties: { [PROPERTY]: JSON.stringify(about) } }),
  )
}

/** Undefined where nothing was measured, or another program wrote there. */
export async function readAbout(
  call: MilvusCall,
  collection_name: string,
): Promise<VersionAbout | undefined> {
  const { properties } = await call('describe the collection', (own) =>
    own.describeCollection({ collection_name }),
  )
  const text = properties.find(({ key }) => key === PROPERTY)?.value
  try {
    return versionAbout(JSON.parse(String(text)))
  } catch {
    return undefined
  }
}
