import type { Vocabulary } from './g1-windows.ts'
import { published, type Published } from './g1-published.ts'

/**
 * The setting of our choice on G1, chosen on the `valid` halves: the paper's GRU, with rows for the items that were seen so far alone.
 */
export const ownSetting: Published & { readonly vocabulary: Vocabulary } = {
  ...published.gru,
  vocabulary: 'seen',
}
