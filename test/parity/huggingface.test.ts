import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { graph, input, type TensorData } from '../../src/graph/index.ts'
import { nodeRuntime } from '../../src/graph/node.ts'
import { nextItem } from '../../src/heads/index.ts'
import type { Block } from '../../src/blocks/index.ts'
import { fromHuggingFace } from '../../src/huggingface/blocks.ts'
import { maskingOfKind, type MaskingKind } from '../../src/masking/index.ts'
import { model } from '../../src/model.ts'
import { rootScope } from '../../src/nn/index.ts'
import { feedsOf, float } from './feeds.ts'
import { difference, tensors } from './fixture.ts'

const root = new URL('../fixtures/huggingface/', import.meta.url)
const schema = { items: 10, categorical: {}, continuous: [] }

/** The masking that looks as the model of Hugging Face does: `XLNetModel` of attn_type 'bi' looks both ways. */
const maskingOf = ({ kind, supports }: Block<MaskingKind>) =>
  maskingOfKind(kind === 'xlnet' ? 'masked' : supports[0]!)

/** The states that a model's block computes where it starts: [batch, time, width], zero at padding. */
async function hiddenStates(name: string, places: number) {
  const block = await fromHuggingFace(fileURLToPath(new URL(name, root)))
  const masking = maskingOf(block)
  // All but a causal one append a hidden event.
  const maxLength = masking.kind === 'causal' ? places : places - 1
  const made = model(schema, { block, masking, heads: [nextItem()], maxLength })
  const expected = tensors(readFileSync(new URL(`${name}/expected.safetensors`, root)))
  const { feeds, isPadding } = feedsOf({ ...expected, cotangent: expected['hidden']! })
  const scope = rootScope('evaluate')
  const grid = (of: string) => input(of, 'int32', ['batch', 'time'])
  const segments = grid('segments')
  const x = input('inputs_embeds', 'float32', ['batch', 'time', block.inputWidth ?? block.width])
  const hidden = block.build(scope, x, {
    masking: masking.kind,
    attentionBias: masking.attention({ segments }).bias,
    segments,
    positions: grid('positions'),
    maxLength: made.places,
  })
  const program = await nodeRuntime({ threads: 1 }).compile(graph({ hidden }))
  const weights = scope.parameters.map(
    (each) => [each.name, float(each.shape, made.pretrained[each.name]!)] as const,
  )
  const all: Readonly<Record<string, TensorData>> = { ...feeds, ...Object.fromEntries(weights) }
  const results = await program.run(Object.fromEntries(program.inputs.map((of) => [of, all[of]!])))
  await program.close()
  const states = (results['hidden']!.data as Float32Array).map((value, at) => (isPadding(at) ? 0 : value))
  return { made, off: difference(states, expected['hidden']!.data) }
}

describe.each(readdirSync(root))('a model of the checkpoint %s', (name) => {
  it('computes what Hugging Face does', async () => {
    const { made, off } = await hiddenStates(name, 9)
    expect(off).toBeLessThan(1e-5)
    const own = ['item.', 'masking.', 'head']
    const drawn = made.parameters.filter((each) => !Object.hasOwn(made.pretrained, each.name))
    expect(drawn.filter((each) => !own.some((start) => each.name.startsWith(start)))).toEqual([])
  })

  it('also with all the places that the checkpoint has', async () => {
    const { made, off } = await hiddenStates(name, 12)
    expect(made.places).toBe(12)
    expect(off).toBeLessThan(1e-5)
  })
})
