import type { Licence } from './dataset.ts'

/** The conditions of GroupLens, the same for all MovieLens sets. */
export const groupLensLicence = (set: string): Licence => ({
  name: 'GroupLens: research only, to be acknowledged, no redistribution',
  link: `https://files.grouplens.org/datasets/movielens/${set}-README.txt`,
  mustAccept: true,
  mayRedistribute: 'no',
})

/** The archive of one set, with a folder of its name in it. */
export const groupLensZip = (set: string, most: { readonly bytes: number; readonly unpacked: number }) =>
  ({
    kind: 'zip',
    archive: {
      name: `${set}.zip`,
      url: `https://files.grouplens.org/datasets/movielens/${set}.zip`,
      mostBytes: most.bytes,
    },
    mostUnpackedBytes: most.unpacked,
  }) as const
