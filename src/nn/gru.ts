import {
  add,
  concat,
  customGradient,
  full,
  gemm,
  mul,
  scan,
  sigmoid,
  slice,
  split,
  sub,
  tanh,
  type Tensor,
} from '../graph/index.ts'
import { recurrentGradient, recurrentWeights, statesBefore, type RecurrentInputs } from './recurrent.ts'
import type { Scope } from './scope.ts'

/**
 * One layer of a GRU (Cho et al. 2014) in one direction, as PyTorch's `nn.GRU`: x [time, batch, in] → [time, batch, width]. Gates r, z and the candidate
 * n = tanh(W_in·x + b_in + r·(W_hn·h + b_hn)); h ← (1 − z)·n + z·h. The state starts anew where a session begins.
 */
export function gru(scope: Scope, inputs: RecurrentInputs): Tensor {
  const { x, keep, width, reverse } = inputs
  const batch = x.shape[1]!
  const { given, recurrent, bias } = recurrentWeights(scope, inputs, 3)
  const nothing = full([batch, width], 0)
  const parts = (all: Tensor): [Tensor, Tensor, Tensor] =>
    split(all, { axis: 1, parts: 3 }) as unknown as [Tensor, Tensor, Tensor]
  const { outputs } = scan(
    { states: [nothing], sequences: [given, keep], fixed: [recurrent, bias], reverse },
    ([before], [givenAt, kept], [weight, offset]) => {
      const state = mul(before!, kept!)
      const [hr, hz, hn] = parts(gemm(state, weight!, { transposeB: true, add: offset! }))
      const [xr, xz, xn] = parts(givenAt!)
      const [r, z] = [sigmoid(add(xr, hr)), sigmoid(add(xz, hz))]
      const n = tanh(add(xn, mul(r, hn)))
      const h = add(n, mul(z, sub(state, n)))
      return { states: [h], outputs: [h, concat([r, z, n, hn], { axis: 1 })] }
    },
  )
  const [h, made] = outputs as [Tensor, Tensor]
  return customGradient(h, [given, recurrent, bias], (dy) => {
    const before = statesBefore(h, inputs)
    const back = scan(
      { states: [nothing], sequences: [dy, made, before, keep], fixed: [recurrent], reverse: !reverse },
      ([dAfter], [dyt, madeAt, state, kept], [weight]) => {
        const [r, z, n, hn] = split(madeAt!, { axis: 1, parts: 4 }) as [Tensor, Tensor, Tensor, Tensor]
        const dh = add(dyt!, dAfter!)
        const slope = (gate: Tensor): Tensor => mul(gate, sub(1, gate))
        const dn = mul(mul(dh, sub(1, z)), sub(1, mul(n, n)))
        const dr = mul(mul(dn, hn), slope(r))
        const dz = mul(mul(dh, sub(state!, n)), slope(z))
        const dState = concat([dr, dz, mul(dn, r)], { axis: 1 })
        return {
          states: [mul(add(mul(dh, z), gemm(dState, weight!)), kept!)],
          outputs: [dState, dn],
        }
      },
    )
    const [dState, dn] = back.outputs as [Tensor, Tensor]
    const gates = slice(dState, { axis: 2, start: 0, length: 2 * width })
    return [concat([gates, dn], { axis: 2 }), recurrentGradient(dState, before), dState]
  })
}
