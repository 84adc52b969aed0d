import {
  add,
  concat,
  customGradient,
  full,
  mul,
  neg,
  reshape,
  scan,
  split,
  sumRows,
  type Tensor,
} from '../graph/index.ts'
import { statesBefore } from './recurrent.ts'

export interface LinearRecurrence {
  /** [time, batch, 2·width]: complex numbers that come in, real parts first. */
  readonly x: Tensor
  /** [2·width]: what a state is multiplied with at each step, real parts first. */
  readonly factor: Tensor
  /** [time, batch, 1]: 1 where the state before counts, 0 where a session begins. */
  readonly keep: Tensor
}

/** h_t = λ ∘ h_{t−1} + x_t of complex numbers: → [time, batch, 2·width], real parts first. Its gradient is the same recurrence from the end, with λ's conjugate. */
export function linearRecurrence({ x, factor, keep }: LinearRecurrence): Tensor {
  const [, batch, both] = x.shape as [number, number, number]
  const nothing = full([batch, both], 0)
  const [real, imaginary] = split(factor, { axis: 0, parts: 2 }) as [Tensor, Tensor]
  // λ·h = straight ∘ h + crossed ∘ (h with its halves exchanged).
  const straight = concat([real, real], { axis: 0 })
  const crossed = concat([neg(imaginary), imaginary], { axis: 0 })
  const times = (h: Tensor, along: Tensor, across: Tensor): Tensor =>
    add(mul(h, along), mul(exchanged(h), across))
  const { outputs } = scan(
    { states: [nothing], sequences: [x, keep], fixed: [straight, crossed] },
    ([before], [given, kept], [along, across]) => {
      const h = add(times(mul(before!, kept!), along!, across!), given!)
      return { states: [h], outputs: [h] }
    },
  )
  const h = outputs[0]!
  return customGradient(h, [x, straight, crossed], (dy) => {
    const back = scan(
      { states: [nothing], sequences: [dy, keep], fixed: [straight, neg(crossed)], reverse: true },
      ([dAfter], [dyAt, kept], [along, across]) => {
        const dx = add(dyAt!, dAfter!)
        return { states: [mul(times(dx, along!, across!), kept!)], outputs: [dx] }
      },
    )
    const dx = back.outputs[0]!
    const before = statesBefore(h, { keep, reverse: false })
    const total = (products: Tensor): Tensor => reshape(sumRows(reshape(products, [-1, both])), [both])
    return [dx, total(mul(dx, before)), total(mul(dx, exchanged(before)))]
  })
}

/** The imaginary parts, then the real ones. */
function exchanged(h: Tensor): Tensor {
  const [real, imaginary] = split(h, { axis: -1, parts: 2 }) as [Tensor, Tensor]
  return concat([imaginary, real], { axis: -1 })
}
