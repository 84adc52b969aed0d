import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { saveArtifact } from '../../src/artifact/index.ts'
import { sasrec } from '../../src/blocks/index.ts'
import { nextItem } from '../../src/heads/index.ts'
import { causal } from '../../src/masking/index.ts'
import { model } from '../../src/model.ts'
import { createRandom } from '../../src/random.ts'
import { workflow } from '../../src/workflow/index.ts'

export interface SyntheticOptions {
  readonly items: number
  readonly width: number
  readonly layers: number
  readonly maxLength: number
  readonly seed?: number
}

/** An untrained model over items `i0`, `i1`, … as an artifact: it costs what a trained one costs. */
export async function syntheticArtifact(
  root: string,
  name: string,
  { items, width, layers, maxLength, seed = 1 }: SyntheticOptions,
): Promise<string> {
  const events = join(root, 'events.csv')
  const rows = Array.from({ length: items }, (_, at) => `s${at >> 3},i${at}`)
  await writeFile(events, `session,item\n${rows.join('\n')}\n`)
  const fitted = await workflow({ session: 'session', item: 'item' }).fit({ path: events })
  const made = model(fitted.schema, {
    masking: causal(),
    block: sasrec({ width, layers, heads: 2 }),
    heads: [nextItem()],
    maxLength,
  })
  const weights = made.parameters.map(({ name: parameter, shape }, at) => {
    const random = createRandom(seed, at)
    return [
      parameter,
      new Float32Array(shape.reduce((all, size) => all * size, 1)).map(() => 0.1 * random.normal()),
    ] as const
  })
  const folder = join(root, name)
  await saveArtifact(
    folder,
    { model: made, weights: Object.fromEntries(weights), workflow: fitted },
    { createdAt: new Date(0) },
  )
  return folder
}
