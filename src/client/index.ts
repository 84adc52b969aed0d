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

/** An answer that is no success. `code` is one of those of `docs/serve.md`. */
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
    },
  ) {
    super(message)
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
 * Methods reject with `RequestError` for an answer that is no success, and with what `fetch` rejects with where there is none.
 */
export function createClient(options: ClientOptions): Client {
  return Object.fromEntries(
    Object.entries(endpoints).map(([name, { method, path }]) => [
      name,
      (input: Readonly<Record<string, unknown>> = {}) => call(options, { method, path, input }),
    ]),
  ) as unknown as Client
}

async function call(
  { url, key, fetch: ask = fetch, timeoutMs = 10_000 }: ClientOptions,
  {
    method,
    path,
    input,
  }: { readonly method: string; readonly path: string; readonly input: Readonly<Record<string, unknown>> },
): Promise<unknown> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!)
  const address = path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(input[name])))
  const body = Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name)))
  const hasBody = method === 'POST' || method === 'PUT'
  const answer = await ask(`${url.replace(/\/+$/, '')}${address}`, {
    method,
    headers: {
      ...(hasBody && { 'content-type': 'application/json' }),
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
    },
    ...(hasBody && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  })
  const text = await answer.text()
  const isJson = (answer.headers.get('content-type') ?? '').includes('json')
  if (answer.ok) return isJson ? JSON.parse(text) : text
  throw requestError(answer, isJson ? (JSON.parse(text) as Problem) : {})
}

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
    ...(seconds !== null && { retryAfter: Number(seconds) }),
  })
}
