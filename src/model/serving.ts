import { ownValue } from '../own-value.ts'
import { cast, expand, graph, input, range, reshape, type Graph, type Tensor } from '../graph/index.ts'
import type { ItemHead } from '../heads/index.ts'
import { contentInput, contentVectors, withContext, type ContentColumns } from '../inputs/index.ts'
import { rootScope } from '../nn/index.ts'
import { embed, eventInputs, itemWidthOf, type Parts } from './parts.ts'
import { placeOf, predictionsOf } from './losses.ts'
import { recommending } from './recommending.ts'

/**
 * What is served of a session, by the name of its output: `scores` [batch, items − reserved] and `session` [batch, size] of the item head, `head.<name>` of each other one.
 * Where items have content, those that the catalogue has got since go in as `added` [added, item width] and have the codes from `items` of the schema on; `scores.added` [batch, added]
 * is theirs.
 */
export function serving(parts: Parts): Readonly<Record<string, Tensor>> {
  const scope = rootScope('recommend')
  const added = parts.inputs.content && input('added', 'float32', ['added', itemWidthOf(parts)])
  const states = recommending(parts, scope, { added })
  const own = itemHeadOf(parts)
  const predictions = Object.entries(predictionsOf(parts, scope, states))
  const named = predictions.map(([name, x]) => [name === own?.name ? 'scores' : `head.${name}`, x] as const)
  if (own === undefined) return Object.fromEntries(named)
  const again = placeOf(scope, own).again()
  return {
    ...Object.fromEntries(named),
    session: own.queries(again, states),
    ...(added && { 'scores.added': own.scoresOfAdded(again, states, added) }),
  }
}

/** Graphs of embeddings: parameters, and for the last two events or content, in. */
export interface EmbeddingGraphs {
  /** `vectors` [items − reserved, size] of all items: their products with `session` are their scores. None without an item head. */
  readonly items?: Graph
  /** `vectors` [batch, time, width]: interaction embeddings, as they go into the block. */
  readonly interactions: Graph
  /** `vectors` [items, item width] of items by what is known of them, a column [items] or [items, numbers] each. None where items have no content. */
  readonly content?: Graph
}

export function embeddingGraphs(parts: Parts): EmbeddingGraphs {
  const head = itemHeadOf(parts)
  return {
    ...(head && { items: graph({ vectors: itemVectors(parts, head) }) }),
    interactions: graph({ vectors: interactionVectors(parts) }),
    ...(parts.inputs.content && { content: graph({ vectors: newItems(parts) }) }),
  }
}

function interactionVectors(parts: Parts): Tensor {
  const given = eventInputs(parts)
  const [batch, time] = given.items.shape as [string, string]
  const places = expand(reshape(cast(range(time), 'int32'), [1, time]), [batch, time])
  return embed(parts, rootScope('recommend'), withContext(given, parts.inputs.context.columns, places)).x
}

function itemVectors(parts: Parts, head: ItemHead): Tensor {
  const scope = rootScope('recommend')
  const { itemTable } = embed(parts, scope, eventInputs(parts))
  return head.itemVectors(placeOf(scope, head), { itemTable })
}

function newItems(parts: Parts): Tensor {
  const { schema, inputs } = parts
  const { features, vectors } = inputs.content!
  const columns: ContentColumns = {
    ...Object.fromEntries(
      features.map((name) => [
        name,
        input(contentInput(name), ownValue(schema.categorical, name) === undefined ? 'float32' : 'int32', [
          'items',
        ]),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(vectors).map(([name, size]) => [
        name,
        input(contentInput(name), 'float32', ['items', size]),
      ]),
    ),
  }
  const scope = rootScope('recommend').child('content')
  return contentVectors(scope, columns, { schema, inputs, width: itemWidthOf(parts) })
}

const itemHeadOf = ({ heads }: Parts): ItemHead | undefined =>
  heads.find((head): head is ItemHead => head.kind === 'next-item')
