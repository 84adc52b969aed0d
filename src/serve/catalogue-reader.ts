import { isRecord, type FileRefusals } from '../artifact/index.ts'
import { EnsuiteError } from '../errors.ts'
import type { LogPayload, RecordEnd } from '../record-log/index.ts'
import type { Attributes, CatalogueChange, CatalogueFolderOptions } from './catalogue-folder.ts'
import type { ShopItem } from './shop.ts'

export const FORMAT = 'ensuite catalogue 1'

export interface CatalogueReader {
  readonly refusals: FileRefusals
  readonly visit: (payload: LogPayload, where: string) => void
  readonly settle: (end: RecordEnd) => void
  /** Once all was visited: whether its attributes are others than those that are wanted, and where its first call ends. */
  readonly read: () => { readonly isAnother: boolean; readonly firstCall: number }
}

/** Reads what a log tells of a catalogue. Attributes that are no longer wanted are left out. */
export function catalogueReader(
  path: string,
  { attributes, apply }: Pick<CatalogueFolderOptions, 'attributes' | 'apply'>,
): CatalogueReader {
  const damaged = (why: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError(
      'CATALOGUE_DAMAGED',
      `The catalogue at ${path} cannot be read: ${why}. Put a copy in its place, or remove it and fill the catalogue anew.`,
      { cause },
    )
  let isAnother: boolean | undefined
  let firstCall: number | undefined
  const start = (json: Readonly<Record<string, unknown>>): void => {
    if (json['format'] !== FORMAT || !isRecord(json['attributes']))
      throw damaged(`it does not start as '${FORMAT}'`)
    const there = json['attributes'] as Attributes
    for (const [name, type] of Object.entries(attributes))
      if (Object.hasOwn(there, name) && there[name] !== type)
        throw new EnsuiteError(
          'OPTION_INVALID',
          `The catalogue at ${path} has '${name}' as ${there[name]!}, and the settings say ${type}. Give it another name, or the catalogue another folder.`,
        )
    const names = (all: object): string => Object.keys(all).sort().join('\n')
    isAnother = names(there) !== names(attributes)
  }
  const wanted = (items: readonly ShopItem[]): readonly ShopItem[] =>
    isAnother === false
      ? items
      : items.map((item) =>
          item.attributes === undefined
            ? item
            : {
                ...item,
                attributes: Object.fromEntries(
                  Object.entries(item.attributes).filter(([name]) => Object.hasOwn(attributes, name)),
                ),
              },
        )
  const changeOf = ({ upsert, change, remove }: Readonly<Record<string, unknown>>): CatalogueChange => {
    if (Array.isArray(upsert)) return { upsert: wanted(upsert as readonly ShopItem[]) }
    if (Array.isArray(change)) return { change: wanted(change as readonly ShopItem[]) }
    if (Array.isArray(remove)) return { remove: remove as readonly string[] }
    throw damaged('a record tells of no change')
  }
  return {
    refusals: {
      missing: (cause) => damaged('it is missing', cause),
      unreadable: damaged,
      link: (what) =>
        new EnsuiteError(
          'PATH_ESCAPES',
          `${path} is ${what}, so what is read could lie outside the folder. Put a copy of the file in its place.`,
        ),
    },
    visit: ({ json }, where) => {
      if (isAnother === undefined) {
        start(json)
        return
      }
      try {
        apply(changeOf(json))
      } catch (cause) {
        throw damaged(`${where}: ${(cause as Error).message}`, cause)
      }
    },
    settle: ({ at }) => {
      firstCall ??= at
    },
    read: () => {
      if (isAnother === undefined || firstCall === undefined) throw damaged('it has no start')
      return { isAnother, firstCall }
    },
  }
}
