import type { Licence } from './dataset.ts'

/** The conditions of GroupLens, the same for all MovieLens sets. */
export const groupLensLicence = (set: string): Licence => ({
  name: 'GroupLens: research only, to be acknowledged, no redistribution',
  link: `https://files.grouplens.org/datasets/movielens/${set}-README.txt`,
  mustAccept: true,
  mayRedistribute: 'no',
})

export const zipByHand = (set: string) =>
  ({
    kind: 'by-hand',
    url: `https://files.grouplens.org/datasets/movielens/${set}.zip`,
    how: 'It is a zip archive, and this package has no unpacker for these: fetch it, unpack it, and pass the unpacked folder with --from.',
  }) as const
