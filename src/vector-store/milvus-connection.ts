import type * as Milvus from '@zilliz/milvus2-sdk-node'
import { EnsuiteError } from '../errors.ts'
import type { MilvusSettings } from './milvus-options.ts'
import { optionalPackage } from '../optional-package.ts'
import { LateError, withinTime } from '../within-time.ts'

type Client = Milvus.MilvusClient

/** Has a server do something, said in words; what it refuses, or does not answer in time, rejects with `STORE_UNAVAILABLE`. */
export type MilvusCall = <Answer>(
  what: string,
  work: (client: Client) => Promise<Answer>,
  limitMs?: number,
) => Promise<Answer>

export interface MilvusConnection {
  readonly call: MilvusCall
  /** Whether filters may be templates whose values travel beside them: from Milvus 2.5. */
  readonly takesTemplates: () => Promise<boolean>
  readonly close: () => Promise<void>
}

/** A connection that is made when it is first needed, and again where that failed. Calls after `close` reject with `CLOSED`. */
export function milvusConnection(settings: MilvusSettings): MilvusConnection {
  const { address, timeoutMs } = settings
  let connecting: Promise<Client> | undefined
  let isClosed = false
  const client = (): Promise<Client> =>
    (connecting ??= connect(settings).catch((cause: unknown) => {
      connecting = undefined
      throw cause
    }))
  let templates: Promise<boolean> | undefined
  const call: MilvusCall = async (what, work, limitMs = timeoutMs) => {
    if (isClosed)
      throw new EnsuiteError('CLOSED', `The vector stores at ${address} have been closed. Open them again.`)
    const failed = (why: string, cause?: unknown): EnsuiteError =>
      new EnsuiteError('STORE_UNAVAILABLE', `Milvus at ${address} did not ${what}: ${why.slice(0, 300)}`, {
        cause,
      })
    let answer: Awaited<ReturnType<typeof work>>
    try {
      // The SDK gives every try of a call the whole time anew; this is the time of all of them.
      answer = await withinTime(limitMs, client().then(work))
    } catch (cause) {
      if (cause instanceof EnsuiteError) throw cause
      const advice = cause instanceof LateError ? ' Is it there, and is timeoutMs long enough?' : ''
      throw failed(`${(cause as Error).message}${advice}`, cause)
    }
    const { error_code: code, reason } = statusOf(answer)
    if (code !== undefined && code !== 'Success') throw failed(`${code} ${reason ?? ''}`)
    return answer
  }
  return {
    call,
    takesTemplates: () =>
      (templates ??= call('say its version', (own) => own.getVersion()).then(
        ({ version }) => isTemplated(version),
        (cause: unknown) => {
          templates = undefined
          throw cause
        },
      )),
    close: async () => {
      isClosed = true
      const own = connecting
      connecting = undefined
      await closed(own)
    },
  }
}

/** Whether a server of this version takes filters as templates; Milvus Lite, which says its own version, does not. */
export function isTemplated(version: unknown): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(String(version)) ?? []
  return major !== undefined && (Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 5))
}

interface Status {
  readonly error_code?: string
  readonly reason?: string
}

/** What an answer says of itself: it is a status, or has one. */
function statusOf(answer: unknown): Status {
  if (typeof answer !== 'object' || answer === null) return {}
  return (answer as { readonly status?: Status }).status ?? answer
}

async function connect(settings: MilvusSettings): Promise<Client> {
  const { MilvusClient } = await optionalPackage<typeof Milvus>(
    '@zilliz/milvus2-sdk-node',
    'This vector store',
  )
  const { address, token, username, password, ssl, tls, database, timeoutMs } = settings
  const client = new MilvusClient({
    address,
    timeout: timeoutMs,
    // It tells what it sends, vectors and all.
    logLevel: 'error',
    // It tells the server how it is used, every few seconds.
    telemetry: { enabled: false },
    ...(token !== undefined && { token }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(ssl !== undefined && { ssl }),
    ...(tls !== undefined && { tls }),
    ...(database !== undefined && { database }),
  })
  try {
    await withinTime(timeoutMs, client.connectPromise)
  } catch (cause) {
    // Who called is not kept waiting for it.
    void closed(Promise.resolve(client))
    throw cause
  }
  return client
}

/** A client that cannot be closed in time is left alone: nothing waits for it. */
async function closed(connecting: Promise<Client> | undefined): Promise<void> {
  const client = await connecting?.catch(() => undefined)
  if (client !== undefined) await withinTime(1000, client.closeConnection()).catch(() => undefined)
}
