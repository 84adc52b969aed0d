import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { onTestFinished } from 'vitest'
import { saveArtifact, saveBaseline } from '../artifact/index.ts'
import { tinyBaseline, type TinyBaselineOptions } from '../artifact/tiny-baseline.test-support.ts'
import { temporaryFolder, tiny, type TinyOptions } from '../artifact/tiny-model.test-support.ts'
import { fromSource } from '../recommend/from-source.test-support.ts'
import { readArtifactFiles } from '../artifact/index.ts'
import { explainInWorker } from '../explain/index.ts'
import { loadWith, type LoadSeams } from '../recommend/load-recommender.ts'
import type { Load } from './deployment.ts'
import type { KeyOptions } from './keys.ts'
import type { Server } from './serve.ts'
import { serveWith, type ServeSeams } from './serve.ts'
import type { ServeOptions } from './settings.ts'

export const keys = {
  read: 'read-key-0123456789',
  write: 'write-key-0123456789',
  admin: 'admin-key-0123456789',
} as const

export const keyOptions: readonly KeyOptions[] = Object.entries(keys).map(([scope, key]) => ({
  name: scope,
  key,
  scopes: [scope as keyof typeof keys],
}))

/** Loads with the worker as its source stands. */
export function loader(seams: LoadSeams = {}): Load {
  const workerUrl = fromSource('worker.ts')
  return (folder) => loadWith(folder, { threads: 1 }, { workerUrl, ...seams })
}

/** Explains with the worker as its source stands. */
export const explaining =
  (onThread: (thread: Worker) => void = () => undefined): NonNullable<ServeSeams['explain']> =>
  async (folder) =>
    explainInWorker(await readArtifactFiles(folder), {
      runtime: { threads: 1 },
      workerUrl: () => fromSource('../explain/worker.ts'),
      onThread,
    })

/** Saves a tiny model as the artifact `name` of a folder. */
export async function saved(root: string, name: string, options: TinyOptions = {}): Promise<string> {
  const folder = join(root, name)
  await saveArtifact(folder, tiny(options), { createdAt: new Date(0) })
  return folder
}

/** Saves a tiny baseline as the artifact `name` of a folder. */
export async function savedBaseline(
  root: string,
  name: string,
  options: TinyBaselineOptions = {},
): Promise<string> {
  const folder = join(root, name)
  await saveBaseline(folder, tinyBaseline(options), { createdAt: new Date(0) })
  return folder
}

export interface Served {
  readonly server: Server
  readonly root: string
  /** The newest scoring thread. */
  readonly thread: () => Worker
  readonly ask: Ask
}

export interface Asked {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

export type Ask = (
  method: string,
  path: string,
  given?: {
    readonly body?: unknown
    readonly key?: string | undefined
    readonly admin?: boolean
    readonly headers?: Readonly<Record<string, string>>
  },
) => Promise<Asked>

/** A server of a tiny model, or of a tiny baseline, closed after the test. */
export async function served(
  options: Partial<ServeOptions> = {},
  {
    seams = {},
    model = {},
    baseline,
  }: {
    readonly seams?: ServeSeams
    readonly model?: TinyOptions
    readonly baseline?: TinyBaselineOptions
  } = {},
): Promise<Served> {
  const root = await temporaryFolder()
  const folder =
    baseline === undefined ? await saved(root, 'shop', model) : await savedBaseline(root, 'shop', baseline)
  let thread: Worker | undefined
  const remembering: Load = async (from) =>
    loadWith(
      from,
      { threads: 1 },
      { workerUrl: fromSource('worker.ts'), onThread: (each) => (thread = each) },
    )
  const server = await serveWith(
    { models: [{ name: 'shop', folder }], drainMs: 0, ...options },
    { load: seams.load ?? remembering, explain: seams.explain ?? explaining(), ...seams },
  )
  onTestFinished(() => server.close())
  return { server, root, thread: () => thread!, ask: asking(server) }
}

export function asking(server: Pick<Server, 'url' | 'adminUrl'>): Ask {
  return async (method, path, { body, key, admin = path.startsWith('/admin'), headers = {} } = {}) => {
    const answer = await fetch(`${admin ? server.adminUrl! : server.url}${path}`, {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const isJson = (answer.headers.get('content-type') ?? '').includes('json')
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      json: isJson ? (JSON.parse(text) as unknown) : undefined,
    }
  }
}

/** The items of an answer of recommend. */
export const itemsOf = ({ json }: Asked): readonly string[] =>
  (json as { readonly items: readonly { readonly item: string }[] }).items.map(({ item }) => item)
