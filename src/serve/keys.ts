import { createHash, timingSafeEqual } from 'node:crypto'
import { EnsuiteError } from '../errors.ts'
import { nearestWord } from '../options.ts'

/** What a key may do: `read` recommends, `write` sends events, `admin` changes models. None holds another. */
export const scopes = ['read', 'write', 'admin'] as const
export type Scope = (typeof scopes)[number]

/** A key as it is given: itself, or its SHA-256 as 64 hexadecimal digits, so that the file tells no secret. */
export interface KeyOptions {
  /** Stands in the log and counts in the metrics in place of the key. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly key?: string
  readonly sha256?: string
}

export interface Key {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
}

export interface Keys {
  readonly count: number
  readonly hasAdmin: boolean
  /** The key that a header `authorization: Bearer <key>` gives, if it is one of these. */
  find(authorization: string | undefined): Key | undefined
}

const SHORTEST_KEY = 16
const LONGEST_KEY = 512
const LONGEST_HEADER = 1024

/** Keeps keys as their digests. Throws `KEYS_INVALID`. */
export function createKeys(options: readonly KeyOptions[]): Keys {
  const keys = options.map((each, at) => checkedKey(each, at))
  const twice = keys.find(({ name, hash }, at) =>
    keys.some((other, place) => place < at && (other.name === name || other.hash.equals(hash))),
  )
  if (twice !== undefined)
    throw new EnsuiteError(
      'KEYS_INVALID',
      `Key '${twice.name}' is there twice. Give each a name and a key of its own.`,
    )
  return {
    count: keys.length,
    hasAdmin: keys.some((key) => key.scopes.has('admin')),
    find: (authorization) => {
      if (authorization === undefined || authorization.length > LONGEST_HEADER) return undefined
      const [, presented] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization) ?? []
      if (presented === undefined) return undefined
      const hash = createHash('sha256').update(presented).digest()
      // All are compared, each in constant time, so that the answer's time tells nothing of which came near.
      return keys.reduce<Key | undefined>(
        (found, key) => (timingSafeEqual(key.hash, hash) ? key : found),
        undefined,
      )
    },
  }
}

function checkedKey(given: KeyOptions, at: number): Key & { readonly hash: Buffer } {
  const wrong = (why: string): EnsuiteError =>
    new EnsuiteError('KEYS_INVALID', `Key ${at} (counted from 0) ${why}`)
  if (typeof given !== 'object' || (given as unknown) === null)
    throw wrong('should be an object, and is not.')
  const { name, key, sha256 } = given
  if (typeof name !== 'string' || !/^[\w.-]{1,64}$/.test(name))
    throw wrong("needs a name of up to 64 letters, digits and '_.-', for the log.")
  const named: unknown = given.scopes
  if (!Array.isArray(named) || named.length === 0)
    throw wrong(`('${name}') needs scopes: a list of ${scopes.join(', ')}.`)
  const strange = named.map(String).find((scope) => !scopes.includes(scope as Scope))
  if (strange !== undefined) {
    const nearest = nearestWord(strange.slice(0, 50), scopes)
    throw wrong(
      `('${name}') has the scope '${strange.slice(0, 50)}'.${nearest === undefined ? '' : ` Did you mean '${nearest}'?`} Known: ${scopes.join(', ')}.`,
    )
  }
  if ((key === undefined) === (sha256 === undefined)) throw wrong(`('${name}') needs one of key and sha256.`)
  if (
    key !== undefined &&
    (typeof key !== 'string' ||
      !/^[\x21-\x7e]+$/.test(key) ||
      key.length < SHORTEST_KEY ||
      key.length > LONGEST_KEY)
  )
    throw wrong(`('${name}') is no text of ${SHORTEST_KEY} to ${LONGEST_KEY} characters without spaces.`)
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/i.test(sha256))
    throw wrong(`('${name}') has a sha256 that is not 64 hexadecimal digits.`)
  const hash = key === undefined ? Buffer.from(sha256!, 'hex') : createHash('sha256').update(key).digest()
  return { name, scopes: new Set(given.scopes), hash }
}
