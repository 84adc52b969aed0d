import type { Recipe, RecipeInput, RecipeLookup } from '../events/index.ts'

/** A public data set: where it is, what may be done with it, and how papers prepare it. */
export interface Dataset {
  /** What the command line calls it. */
  readonly name: string
  readonly title: string
  /** What it is good for, in one line. */
  readonly purpose: string
  /** How much there is, as its makers say. */
  readonly size: string
  readonly homepage: string
  readonly licence: Licence
  readonly source: Source
  /** Ways in which the files may lie in a folder; the first that fits counts. */
  readonly layouts: readonly Layout[]
  /** The preparation in words: whose it is, and where ours differs. */
  readonly preparation: string
}

export interface Licence {
  readonly name: string
  readonly link: string
  /** Whether the conditions must be accepted before the files are fetched. */
  readonly mustAccept: boolean
  readonly mayRedistribute: 'yes' | 'no' | 'not said'
}

/** Where the files come from. */
export type Source =
  /** Each can be fetched without a login. */
  | { readonly kind: 'files'; readonly files: readonly RemoteFile[] }
  /** Can be fetched without a login; the files that a layout names are unpacked from it. */
  | {
      readonly kind: 'zip'
      readonly archive: RemoteFile
      /** Of these files together. */
      readonly mostUnpackedBytes: number
    }
  /** Comes with this package. */
  | { readonly kind: 'bundled'; readonly folder: URL }
  | {
      readonly kind: 'by-hand'
      readonly url: string
      /** Why the program cannot, and what to do, as sentences. */
      readonly how: string
    }

export interface RemoteFile {
  /** The name it gets: one that a layout expects, or that of an archive. */
  readonly name: string
  readonly url: string
  /** Known only where a copy has been seen: otherwise the download cannot be verified. */
  readonly bytes?: number
  readonly sha256?: string
  /** What is fetched at most. */
  readonly mostBytes: number
}

/** Files that belong together, below the folder of the user. */
export type FileNames =
  /** One file: the first of these names that is there, as it is or with `.gz`. */
  | { readonly names: readonly string[] }
  /** All files whose name fits `pattern`, sorted by name, in the first of these folders that has one; `example` is for messages. */
  | { readonly folders: readonly string[]; readonly pattern: RegExp; readonly example: string }

export interface Layout {
  readonly title: string
  readonly inputs: readonly (Omit<RecipeInput, 'files'> & { readonly files: FileNames })[]
  readonly lookups?: readonly LayoutLookup[]
  /** A text that the first line of the first file holds, where layouts differ by nothing else. */
  readonly firstLine?: string
  readonly recipe: Omit<Recipe, 'inputs' | 'lookups'>
}

/** The names of all single files that a layout of the data set may have. */
export const namedFiles = ({ layouts }: Dataset): ReadonlySet<string> =>
  new Set(
    layouts.flatMap(({ inputs, lookups = [] }) =>
      [...inputs, ...lookups].flatMap(({ files }) => ('names' in files ? files.names : [])),
    ),
  )

export interface LayoutLookup extends Omit<RecipeLookup, 'files'> {
  readonly files: FileNames
  /** Without it, its columns are left out. */
  readonly optional?: boolean
}
