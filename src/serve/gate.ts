import type { FastifyRequest } from 'fastify'
import { EnsuiteError } from '../errors.ts'
import type { Admission } from './admission.ts'
import type { Keys } from './keys.ts'
import { RequestProblem } from './problems.ts'
import type { Route } from './route.ts'
import { tokenBuckets } from './token-buckets.ts'

export interface GateParts {
  /** None: whoever reaches the server may ask all but administration. */
  readonly keys: Keys
  readonly admission: Admission
  /** Of explanations. */
  readonly explaining: Pick<Admission, 'hasRoom'>
  readonly rate: { readonly perSecond: number; readonly burst: number }
  readonly now: () => number
}

/** What a request has to pass before its body is read. */
export interface Gate {
  /** The name of the caller's key. Throws the problem that keeps the request out. */
  pass(route: Route, request: Pick<FastifyRequest, 'headers' | 'ip' | 'hostname'>): string | undefined
}

/** Wrong keys of an address: enough for mistakes, too few for guessing. */
const WRONG_KEYS = { perSecond: 5, burst: 50 }

export function createGate({ keys, admission, explaining, rate, now }: GateParts): Gate {
  const requests = tokenBuckets({ ...rate, now })
  const wrong = tokenBuckets({ ...WRONG_KEYS, now })
  return {
    pass: (route, { headers, ip, hostname }) => {
      // A page of another site that a browser shows on this machine reaches a loopback address by a name of its own.
      if (keys.count === 0 && !isLoopbackName(hostname)) throw new RequestProblem('FORBIDDEN')
      const key = keys.find(headers.authorization)
      if (key === undefined && headers.authorization !== undefined && keys.count > 0 && !wrong.take(ip))
        throw new RequestProblem('RATE_LIMITED')
      if (route.scope !== 'none' && (keys.count > 0 || route.scope === 'admin')) {
        if (key === undefined) throw new RequestProblem('UNAUTHORIZED')
        if (!key.scopes.has(route.scope)) throw new RequestProblem('FORBIDDEN')
      }
      // Health has a bucket of its own: it is to be asked above all when much else is.
      const bucket = route.scope === 'none' ? 'open' : 'asked'
      if (!requests.take(`${bucket} ${key === undefined ? `ip ${ip}` : `key ${key.name}`}`))
        throw new RequestProblem('RATE_LIMITED')
      if (
        (route.scores === true && !admission.hasRoom()) ||
        (route.explains === true && !explaining.hasRoom())
      )
        throw new EnsuiteError('OVERLOADED', 'No room: refused before the body was read.')
      return key?.name
    },
  }
}

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i

export const isLoopbackName = (host: string): boolean => LOOPBACK.test(host)
