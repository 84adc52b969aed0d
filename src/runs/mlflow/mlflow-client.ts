import { EnsuiteError } from '../../errors.ts'

export interface MlflowClientOptions {
  readonly trackingUri: string
  readonly token: string | undefined
  readonly timeoutMs: number
}

/** A server's refusal or silence. */
export interface Refusal {
  readonly error: EnsuiteError
  /** Whether the same request may do better later. */
  readonly isPassing: boolean
  /** As the server calls it: `RESOURCE_DOES_NOT_EXIST`. */
  readonly name?: string
}

export interface MlflowClient {
  /** Asks the REST interface; gives a refusal in place of throwing. */
  ask(
    method: 'GET' | 'POST',
    path: string,
    body: object,
  ): Promise<{ readonly answer: Answer } | { readonly refusal: Refusal }>
  /** Ends the request that is under way, if one is, and all that follow. */
  abort(): void
}

/** JSON of the server: to be looked into with care. */
export type Answer = Readonly<Record<string, unknown>>

/** What is quoted of an answer that is no success. */
const QUOTED = 300
const ANSWER_LIMIT = 16 * 1024 * 1024

export function mlflowClient({ trackingUri, token, timeoutMs }: MlflowClientOptions): MlflowClient {
  const base = trackingUri.replace(/\/+$/, '')
  let current: AbortController | undefined
  let isAborted = false
  const unavailable = (why: string, cause?: unknown): EnsuiteError =>
    new EnsuiteError('TRACKING_UNAVAILABLE', `The MLflow server at ${base} ${why}.`, { cause })
  return {
    ask: async (method, path, body) => {
      if (isAborted) return { refusal: { error: unavailable('was given up on'), isPassing: false } }
      const controller = (current = new AbortController())
      const timer = setTimeout(() => {
        controller.abort()
      }, timeoutMs)
      const query =
        method === 'GET' ? `?${new URLSearchParams(body as Record<string, string>).toString()}` : ''
      try {
        const response = await fetch(`${base}/api/2.0/mlflow/${path}${query}`, {
          method,
          redirect: 'error', // a token goes where it was meant to go
          signal: controller.signal,
          headers: {
            'content-type': 'application/json',
            ...(token !== undefined && { authorization: `Bearer ${token}` }),
          },
          ...(method === 'POST' && { body: JSON.stringify(body) }),
        })
        const text = await limited(response)
        if (response.ok) return { answer: parsed(text) }
        const name = parsed(text)['error_code']
        return {
          refusal: {
            error: unavailable(`refuses ${path}: ${response.status} ${text.slice(0, QUOTED)}`),
            isPassing: response.status >= 500 || response.status === 429 || response.status === 408,
            ...(typeof name === 'string' && { name }),
          },
        }
      } catch (cause) {
        const why = controller.signal.aborted
          ? `does not answer within ${timeoutMs} ms`
          : `cannot be reached: ${String((cause as Error).cause ?? cause)}`
        return { refusal: { error: unavailable(why, cause), isPassing: true } }
      } finally {
        clearTimeout(timer)
        current = undefined
      }
    },
    abort: () => {
      isAborted = true
      current?.abort()
    },
  }
}

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  // The header may say less, or nothing.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > ANSWER_LIMIT) throw new RangeError(`an answer of more than ${ANSWER_LIMIT} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** An object in any case. */
function parsed(text: string): Answer {
  try {
    return Object(JSON.parse(text)) as Answer
  } catch {
    return {}
  }
}
