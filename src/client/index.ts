import { type EndpointName, endpoints } from '../serve/api/endpoints.ts'
import type { Answer, Body, Params } from '../serve/api/schemas.ts'

export interface ClientOptions {
  /** Where the server is: `http://127.0.0.1:8080`. For administration that of its other listener. */
  readonly url: string
  /** A key with the scope that is needed. */
  readonly key?: string
  /** The global `fetch` unless given. */
  readonly fetch?: typeof fetch
  /** A request that takes longer is given up. Default 10,000. */
  readonly timeoutMs?: number
}

/** An answer that is no success, or none. `code` is one of those of `docs/serve.md`; without an answer `status` is 0, and `cause` says more. */
export class RequestError extends Error {
  readonly status: number
  readonly code: string
  readonly requestId: string | undefined
  /** Seconds after which to ask again, where the server is overloaded. */
  readonly retryAfter: number | undefined

  constructor(
    message: string,
    said: {
      readonly status: number
      readonly code: string
      readonly requestId?: string | undefined
      readonly retryAfter?: number | undefined
      readonly cause?: unknown
    },
  ) {
    super(message, said.cause === undefined ? undefined : { cause: said.cause })
    this.name = 'RequestError'
    this.status = said.status
    this.code = said.code
    this.requestId = said.requestId
    this.retryAfter = said.retryAfter
  }
}

type Input<Name extends EndpointName> = Params<Name> & Body<Name>
/** What takes nothing is called without an argument. */
type Method<Name extends EndpointName> =
  object extends Input<Name>
    ? (input?: Input<Name>) => Promise<Answer<Name>>
    : (input: Input<Name>) => Promise<Answer<Name>>

/** A method for every endpoint: parameters of the address and fields of the body are one object. */
export type Client = { readonly [Name in EndpointName]: Method<Name> }

/**
 * A client of `ensuite serve`, with the types of the server's own schemas. It needs `fetch` and nothing else, so it runs in browsers.
 * Throws a `RequestError` for a `url`, a `key` or a `timeoutMs` that cannot be one (`URL_INVALID`, `KEY_INVALID`, `ARGUMENT_INVALID`); methods reject with one for an answer that is no success, and for none.
 */
export function createClient(options: ClientOptions): Client {
  const { url, key, timeoutMs } = Object(options) as ClientOptions
  checkUrl(url)
  checkKey(key)
  checkTimeout(timeoutMs)
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, { method, path }]) => [
      name,
      (input: Readonly<Record<string, unknown>> = {}) => call(options, { method, path, input }),
    ]),
  ) as unknown as Client
}

async function call(
  options: ClientOptions,
  {
    method,
    path,
    input,
  }: { readonly method: string; readonly path: string; readonly input: Readonly<Record<string, unknown>> },
): Promise<unknown> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const address = path.replace(/:(\w+)/g, (_, name: string) => partOfAddress(name, input))
  const body = Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))
  const hasBody = method === 'POST' || method === 'PUT'
  const { answer, text } = await answered(options, address, {
    method,
    headers: {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(options.key !== undefined && { authorization: `Bearer ${options.key}` }),
    },
    ...(hasBody && { body: JSON.stringify(body) }),
  })
  const isJson = (answer.headers.get('content-type') ?? '').includes('json')
  const said = isJson ? parsed(text) : undefined
  if (!answer.ok) throw requestError(answer, isProblem(said?.value) ? said.value : {})
  if (!isJson) return text
  if (said !== undefined) return said.value
  throw new RequestError(
    `${options.url} answered something else than JSON. Is it the address of the server?`,
    {
      status: answer.status,
      code: 'ANSWER_INVALID',
    },
  )
}

/** Throws a `RequestError` (`ARGUMENT_INVALID`): what is missing would be asked for as `undefined`, and `.` and `..` lead elsewhere. */
function partOfAddress(name: string, input: unknown): string {
  const value: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, name) : undefined
  const refused = (why: string): RequestError =>
    new RequestError(`Expected { ${name}: '…' }, ${why}.`, { status: 0, code: 'ARGUMENT_INVALID' })
  if (typeof value !== 'string' || value === '') throw refused(`and '${name}' is no text, or empty`)
  if (value === '.' || value === '..') throw refused(`and no address leads to '${value}'`)
  try {
    return encodeURIComponent(value)
  } catch {
    throw refused('and it holds half a character')
  }
}

async function answered(
  { url, fetch: ask = fetch, timeoutMs = 10_000 }: ClientOptions,
  address: string,
  request: RequestInit,
): Promise<{ readonly answer: Response; readonly text: string }> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const answer = await ask(`${url.replace(/\/+$/, '')}${address}`, { ...request, signal })
    return { answer, text: await answer.text() }
  } catch (cause) {
    throw signal.aborted
      ? new RequestError(`${url} did not answer within ${timeoutMs} ms.`, {
          status: 0,
          code: 'UNANSWERED',
          cause,
        })
      : new RequestError(`${url} cannot be reached${why(cause)}. Does the server run there?`, {
          status: 0,
          code: 'UNREACHABLE',
          cause,
        })
  }
}

/** Node keeps in the cause what its message does not say: ` (ECONNREFUSED)`. */
function why(error: unknown): string {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly code?: unknown } }
  return typeof cause?.code === 'string' ? ` (${cause.code})` : ''
}

/** An address that others can be made of. On a page it may be a path of the page's own server. */
function checkUrl(url: unknown): void {
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  const read = ((): URL | undefined => {
    try {
      return typeof url === 'string' ? new URL(url, location?.href) : undefined
    } catch {
      return undefined
    }
  })()
  const isPlain =
    read && ['http:', 'https:'].includes(read.protocol) && read.username === '' && read.password === ''
  if (isPlain && !/[?#]/.test(url as string)) return
  throw new RequestError(
    `createClient({ url }) expects the address of a server, such as http://127.0.0.1:8080, without a name, a password, a question mark or a hash; received ${typeof url === 'string' ? `'${url}'` : typeof url}.`,
    { status: 0, code: 'URL_INVALID' },
  )
}

/** What a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

function checkTimeout(timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) return
  if (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= LONGEST_MS) return
  throw new RequestError(
    `timeoutMs expects a whole number of milliseconds, 1 to ${LONGEST_MS}, received ${String(timeoutMs)}.`,
    { status: 0, code: 'ARGUMENT_INVALID' },
  )
}

function checkKey(key: string | undefined): void {
  if (key === undefined) return
  try {
    new Headers({ authorization: `Bearer ${key}` })
  } catch (cause) {
    // The key itself is not for logs.
    throw new RequestError('key holds characters that no header can, such as the end of a line.', {
      status: 0,
      code: 'KEY_INVALID',
      cause: (cause as Error).name,
    })
  }
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined
  }
}

const isProblem = (value: unknown): value is Problem => typeof value === 'object' && value !== null

interface Problem {
  readonly code?: string
  readonly message?: string
  readonly requestId?: string
  /** Of the Open Inference Protocol. */
  readonly error?: string
}

function requestError({ status, headers }: Response, problem: Problem): RequestError {
  const { message = problem.error ?? `The server answered ${status}.`, requestId } = problem
  const code = problem.code ?? /^([A-Z_]+): /.exec(problem.error ?? '')?.[1] ?? `HTTP_${status}`
  const seconds = headers.get('retry-after')
  return new RequestError(message, {
    status,
    code,
    requestId,
    // A proxy may send a date.
    ...(seconds !== null && /^\d+$/.test(seconds) && { retryAfter: Number(seconds) }),
  })
}
