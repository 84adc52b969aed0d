import { blockOfKind } from '../blocks/index.ts'
import { headOfKind } from '../heads/index.ts'
import { maskingOfKind } from '../masking/index.ts'
import type { ModelOptions } from '../model.ts'
import { checkChoice } from '../options.ts'
import { presetNames, published, type PresetName, type Published } from './published.ts'

export interface Preset {
  /** For `model(schema, …)`: spread it to change a part. */
  readonly model: Pick<ModelOptions, 'masking' | 'block' | 'heads' | 'maxLength'>
  /** For `train(model, sessions, …)`. */
  readonly train: Published['train']
}

/** What a preset is made of, as data. Throws `OPTION_INVALID`, naming the presets there are. */
export function publishedAs(name: string): Published {
  checkChoice('preset', name, presetNames)
  return published[name as PresetName]
}

/** A model and its training as its paper has them. Throws `OPTION_INVALID`, naming the presets there are. */
export function preset(name: PresetName): Preset {
  const { model, train } = publishedAs(name)
  const { masking, block, heads, maxLength } = model
  return {
    model: {
      masking: maskingOfKind(masking.kind, masking.options),
      block: blockOfKind(block.kind, block.options ?? {}),
      heads: heads.map(({ kind, options = {} }) => headOfKind(kind, options)),
      maxLength,
    },
    train,
  }
}
