import { join } from 'node:path'
import { writeWhole } from '../../artifact/index.ts'
import { RESERVED } from '../../codes.ts'

export interface ProjectorOptions {
  /** The table of item embeddings: [codes, width]. */
  readonly table: Float32Array
  readonly codes: number
  /** Names of the items, by code from the first item; numbers where they are left out. */
  readonly names: readonly string[] | undefined
  readonly most: number
}

/** Writes item embeddings as TensorBoard's projector reads them: the vectors, a name a row, and what says where both are. */
export async function writeProjector(
  folder: string,
  { table, codes, names, most }: ProjectorOptions,
): Promise<void> {
  const width = table.length / codes
  const rows = Array.from({ length: Math.min(most, codes - RESERVED) }, (_, row) => row)
  const vector = (row: number): string => {
    const from = (row + RESERVED) * width
    // Nine digits tell every float32 from every other.
    return Array.from(table.subarray(from, from + width), (value) => Number(value.toPrecision(9))).join('\t')
  }
  const nameOf = (row: number): string => (names?.[row] ?? `item ${row}`).replace(/[\t\r\n]/g, ' ')
  const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join('')
  await writeWhole(join(folder, VECTORS), lines(rows.map(vector)))
  await writeWhole(join(folder, NAMES), lines(rows.map(nameOf)))
  await writeWhole(
    join(folder, 'projector_config.pbtxt'),
    `embeddings {
  tensor_name: "item embeddings"
  tensor_path: "${VECTORS}"
  metadata_path: "${NAMES}"
  tensor_shape: ${rows.length}
  tensor_shape: ${width}
}
`,
  )
}

const VECTORS = 'item-embeddings.tsv'
const NAMES = 'item-names.tsv'
