import { loadModel, readArtifact } from '../artifact/index.ts'
import { RESERVED } from '../codes.ts'
import { EnsuiteError } from '../errors.ts'
import type { Functions } from '../expressions/index.ts'
import { nodeRuntime } from '../graph/node.ts'
import type { Graph, Program, RuntimeOptions, TensorData } from '../graph/index.ts'
import { checkOptions, checkPath } from '../options.ts'
import { encodedInputs } from '../workflow/model-inputs.ts'
import type { Event } from '../workflow/event-values.ts'

export interface EmbedderOptions extends RuntimeOptions {
  /** The functions that the workflow's `javascript` nodes call. */
  readonly functions?: Functions
}

/** Vectors one after the other: [ids · dimensions]. */
export interface Embeddings {
  readonly ids: readonly string[]
  readonly dimensions: number
  readonly values: Float32Array
}

/** The embeddings of a model, to be searched elsewhere: in a vector store, or a database of one's own. */
export interface Embedder {
  /** SHA-256 of the manifest of the artifact: by it a vector store says whose vectors it holds (`publishVectors`). */
  readonly digest: string
  /** Those of all items of training: the product of one with a session's is the item's score. Rejects with `OPTION_INVALID` for a model that scores no items. */
  items(): Promise<Embeddings>
  /** What goes into the block for each event of a session, [events · dimensions], oldest first: events of unknown items have no row. Rejects as `recommend` does. */
  interactions(events: readonly Event[]): Promise<Embeddings>
  close(): Promise<void>
}

/**
 * Loads the artifact in `folder` to take its embeddings out. It runs on the caller's thread, so that it is for jobs and not for servers; those of sessions come from the recommender
 * (`recommender.embed`). Throws what `readArtifact` and `loadModel` throw.
 */
export async function loadEmbedder(folder: string, options: EmbedderOptions = {}): Promise<Embedder> {
  checkPath('loadEmbedder', folder)
  checkOptions('loadEmbedder', options, ['threads', 'device', 'functions'])
  const { functions, ...runtime } = options
  const artifact = await readArtifact(folder, functions && { functions })
  const { model, weights, workflow } = loadModel(artifact)
  const graphs = model.embeddings()
  const programs = new Map<Graph, Promise<Program>>()
  const run = async (graph: Graph, feeds: Readonly<Record<string, TensorData>>): Promise<TensorData> => {
    const program = programs.get(graph) ?? nodeRuntime(runtime).compile(graph, { weights })
    programs.set(graph, program)
    program.catch(() => programs.delete(graph))
    const opened = await program
    const taken = Object.entries(feeds).filter(([name]) => opened.inputs.includes(name))
    return (await opened.run(Object.fromEntries(taken)))['vectors']!
  }
  const vocabulary = workflow.vocabulary(workflow.definition.item!)
  return Object.freeze<Embedder>({
    digest: artifact.digest,
    items: async () => {
      if (graphs.items === undefined)
        throw new EnsuiteError(
          'OPTION_INVALID',
          'This model scores no items, and has no embeddings of them that are worth a search. Train one with heads.nextItem().',
        )
      const { dims, data } = await run(graphs.items, {})
      return { ids: vocabulary.values, dimensions: dims[1]!, values: data as Float32Array }
    },
    interactions: async (events) => {
      const encoded = workflow.encode(events)
      const { items, categorical, continuous } = encodedInputs(workflow.definition, encoded)
      const places = Int32Array.from(items.keys()).filter((at) => items[at]! >= RESERVED)
      const dims = [1, places.length]
      const codes = (column: Int32Array): TensorData => ({
        dtype: 'int32',
        dims,
        data: Int32Array.from(places, (at) => column[at]!),
      })
      const numbers = (column: Float32Array): TensorData => ({
        dtype: 'float32',
        dims,
        // A model reads 0 where a number is missing.
        data: Float32Array.from(places, (at) => (Number.isNaN(column[at]!) ? 0 : column[at]!)),
      })
      const all = {
        items: codes(items),
        ...Object.fromEntries(
          Object.entries(categorical).map(([name, column]) => [`categorical.${name}`, codes(column)]),
        ),
        ...Object.fromEntries(
          Object.entries(continuous).map(([name, column]) => [`continuous.${name}`, numbers(column)]),
        ),
      }
      const ids = Array.from(places, (at) => vocabulary.decode(items[at]!))
      const dimensions = model.block.inputWidth ?? model.block.width
      if (places.length === 0) return { ids, dimensions, values: new Float32Array(0) }
      const { data } = await run(graphs.interactions, all)
      return { ids, dimensions, values: data as Float32Array }
    },
    close: async () => {
      for (const program of programs.values()) await (await program).close()
      programs.clear()
    },
  })
}
