import type { Block } from '../blocks/index.ts'
import { EnsuiteError } from '../errors.ts'
import { fromHuggingFace } from '../huggingface/blocks.ts'
import type { MaskingKind } from '../masking/index.ts'
import type { BlockConfig } from './config.ts'
import type { Given } from './training-settings.ts'

/** What is said of a block: by which flag, or by the config. */
interface Said {
  readonly where: string
  readonly value: unknown
}

/**
 * The block that starts from a checkpoint folder, where a flag or the config names one. What either says of its kind and sizes must be what the checkpoint has; a folder that
 * a flag names goes before what the config says of its block, but for the dropout.
 * Throws what `fromHuggingFace` throws, and `OPTION_INVALID`.
 */
export async function blockFrom(
  config: BlockConfig = {},
  given: readonly Given[],
): Promise<Block<MaskingKind> | undefined> {
  const flags = given.filter(({ setting }) => setting.of === 'block')
  const flagged = flags.find(({ setting }) => setting.option === 'from')?.value as string | undefined
  const from = flagged ?? config.from
  if (from === undefined) return undefined
  const said = new Map<string, Said>(configured(config, { isWhole: from === config.from }))
  for (const { setting, value } of flags)
    if (setting.option !== 'from') said.set(setting.option, { where: setting.flag.split(' ')[0]!, value })
  const dropout = said.get('dropout')?.value as number | undefined
  const block = await fromHuggingFace(from, dropout === undefined ? {} : { dropout })
  checkAgrees(block, from, said)
  return block
}

/** What the config says: all of it, or the dropout alone. */
const configured = (
  { kind, options = {} }: BlockConfig,
  { isWhole }: { readonly isWhole: boolean },
): readonly (readonly [string, Said])[] =>
  Object.entries({ ...(kind !== undefined && { kind }), ...options })
    .filter(([name]) => isWhole || name === 'dropout')
    .map(([name, value]) => [
      name,
      { where: `model.block.${name === 'kind' ? name : `options.${name}`} of the config`, value },
    ])

function checkAgrees(
  { kind, options }: Block<MaskingKind>,
  from: string,
  said: ReadonlyMap<string, Said>,
): void {
  const has = new Map<string, unknown>([['kind', kind], ...Object.entries(options)])
  for (const [name, { where, value }] of said) {
    if (has.has(name) && has.get(name) === value) continue
    const own = has.has(name) ? JSON.stringify(has.get(name)) : 'nothing of the kind'
    throw new EnsuiteError(
      'OPTION_INVALID',
      `${where} says ${JSON.stringify(value)}, and the block of ${from} has ${own}. Leave it out: the checkpoint decides.`,
    )
  }
}
