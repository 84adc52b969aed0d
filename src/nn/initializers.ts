import { EnsuiteError } from '../errors.ts'
import { PADDING } from '../codes.ts'
import type { Random } from '../random.ts'

/** How a parameter starts, as data. */
export type Initializer =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'ones' }
  | {
      readonly kind: 'normal'
      readonly deviation: number
      /** The row of padding starts, and so stays, zero. */ readonly zeroPadding?: boolean
    }
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Numbers that depend on each other: of the shape, in the order of the memory. */
  | { readonly kind: 'drawn'; readonly draw: (values: Float32Array, random: Random) => void }
  /** The values are brought by whoever makes the model. */
  | { readonly kind: 'given' }

export const zeros: Initializer = { kind: 'zeros' }
export const ones: Initializer = { kind: 'ones' }
export const normal = (deviation: number): Initializer => ({ kind: 'normal', deviation })
export const drawn = (draw: (values: Float32Array, random: Random) => void): Initializer => ({
  kind: 'drawn',
  draw,
})
export const uniform = (bound: number): Initializer => ({ kind: 'uniform', bound })

/** Writes the starting values of a parameter of this shape. */
export function initialise(
  values: Float32Array,
  shape: readonly number[],
  initializer: Initializer,
  random: Random,
): void {
  switch (initializer.kind) {
    case 'zeros':
      values.fill(0)
      return
    case 'ones':
      values.fill(1)
      return
    case 'normal': {
      for (let at = 0; at < values.length; at++) values[at] = random.normal() * initializer.deviation
      if (initializer.zeroPadding === true) values.fill(0, PADDING, PADDING + shape.at(-1)!)
      return
    }
    case 'drawn':
      initializer.draw(values, random)
      return
    case 'given':
      throw new EnsuiteError(
        'OPTION_INVALID',
        'The model has a table of pretrained vectors, and they are not there. Give them to model(…) as pretrained.',
      )
    case 'uniform':
      for (let at = 0; at < values.length; at++) values[at] = (2 * random.uniform() - 1) * initializer.bound
  }
}
