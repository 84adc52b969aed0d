import { published, type Published } from './g1-published.ts'

/** The setting of our choice on G1, chosen on the `valid` halves of earlier hours: GPT-2's of the paper, smaller and in fewer epochs. */
export const ownSetting: Published & { readonly epochs: number } = {
  ...published['gpt2-clm'],
  epochs: 5,
}
