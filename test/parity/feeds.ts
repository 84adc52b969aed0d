import type { TensorData } from '../../src/graph/index.ts'
import type { Fixture } from './fixture.ts'

/** The bias of what must not be looked at. */
export const HIDDEN = -1e9

export const float = (dims: readonly number[], data: Float32Array): TensorData => ({
  dtype: 'float32',
  dims,
  data,
})
const given = ({ shape, data }: Fixture['input'][string]): TensorData => float(shape, data as Float32Array)

/** What a graph is fed with for a fixture, beside the parameters; and whether element `at` of [batch, time, width] is padding. */
export function feedsOf(inputs: Fixture['input']) {
  const embeds = inputs['inputs_embeds']!
  const [batch, time] = embeds.shape as [number, number]
  // Of the states: what a block is given may be narrower.
  const width = inputs['cotangent']!.shape[2]!
  const lengths = inputs['lengths']!.data
  const events = (value: (place: number, row: number) => number): TensorData => ({
    dtype: 'int32',
    dims: [batch, time],
    data: Int32Array.from({ length: batch * time }, (_, at) => value(at % time, Math.floor(at / time))),
  })
  const pairs = (isHidden: (row: number, from: number, to: number, at: number) => boolean): TensorData => {
    const values = Float32Array.from({ length: batch * time * time }, (_, at) => {
      const row = Math.floor(at / (time * time))
      return isHidden(row, Math.floor(at / time) % time, at % time, at) ? HIDDEN : 0
    })
    return float([batch, 1, time, time], values)
  }
  const permutation = inputs['perm_mask']?.data
  const hides = (row: number, to: number, at: number): boolean =>
    to >= lengths[row]! || permutation![at] === 1
  const feeds = {
    inputs_embeds: given(embeds),
    cotangent: given(inputs['cotangent']!),
    segments: events((place, row) => (place < lengths[row]! ? 1 : 0)),
    positions: events((place) => place),
    ...(inputs['elapsed'] && {
      elapsed: { dtype: 'int32' as const, dims: [batch, time], data: inputs['elapsed'].data as Int32Array },
    }),
    ...(permutation !== undefined && {
      mask_emb: given(inputs['mask_emb']!),
      contentBias: pairs((row, from, to, at) => from !== to && hides(row, to, at)),
      queryBias: pairs((row, _, to, at) => hides(row, to, at)),
    }),
  }
  const isPadding = (at: number): boolean =>
    Math.floor(at / width) % time >= lengths[Math.floor(at / (width * time))]!
  return { feeds, isPadding }
}
