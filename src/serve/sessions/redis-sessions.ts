import type * as Redis from '@redis/client'
import { EnsuiteError } from '../../errors.ts'
import { optionalPackage } from '../../optional-package.ts'
import type { SessionBounds, SessionStore, StoredEvent } from './session-store.ts'

export interface RedisOptions extends SessionBounds {
  /** `redis://[[user]:password@]host[:port][/database]`, or `rediss://` */
  readonly url: string
  /** Before the keys of sessions. Default `ensuite:`. */
  readonly prefix?: string
  /** A command that takes longer fails. Default 250. */
  readonly timeoutMs?: number
}

/** The little of a client that is used. */
interface Client {
  connect(): Promise<unknown>
  on(event: 'error', listener: (error: unknown) => void): unknown
  sendCommand(words: readonly string[]): Promise<unknown>
  destroy(): void
  readonly isReady: boolean
}

/** Events are `id newline JSON` in a list. One script, so that two servers that take events of a session at once lose none. */
const APPEND = `
local known = {}
for _, each in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  known[string.sub(each, 1, string.find(each, '\\n', 1, true) - 1)] = true
end
local taken = {}
for at = 3, #ARGV do
  local id = string.sub(ARGV[at], 1, string.find(ARGV[at], '\\n', 1, true) - 1)
  if not known[id] then
    known[id] = true
    table.insert(taken, at - 3)
    redis.call('RPUSH', KEYS[1], ARGV[at])
  end
end
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[1]), -1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return taken`

/**
 * Sessions in Redis, shared by all servers that use it. Needs the package `@redis/client` beside this one. Where Redis goes away calls fail
 * at once, and when it is back they work again.
 * Throws `PACKAGE_MISSING`, `OPTION_INVALID`, and `SESSIONS_UNAVAILABLE` where Redis does not answer at first.
 */
export async function redisSessions({
  url,
  events,
  ttlMs,
  prefix = 'ensuite:',
  timeoutMs = 250,
}: RedisOptions): Promise<SessionStore> {
  const client = await connected(url, timeoutMs)
  const command = async (...words: readonly string[]): Promise<unknown> => {
    if (!client.isReady) throw unavailable()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(unavailable()), timeoutMs)
    })
    try {
      return await Promise.race([client.sendCommand(words), late])
    } catch (cause) {
      throw cause instanceof EnsuiteError ? cause : unavailable(cause)
    } finally {
      clearTimeout(timer)
    }
  }
  const keyOf = (session: string): string => `${prefix}session:${session}`
  return {
    kind: 'redis',
    append: async (session, added) =>
      (
        (await command(
          'EVAL',
          APPEND,
          '1',
          keyOf(session),
          String(events),
          String(ttlMs),
          ...added.map(({ id, event }) => `${id}\n${JSON.stringify(event)}`),
        )) as readonly unknown[]
      ).map(Number),
    read: async (session) => {
      const kept = (await command('LRANGE', keyOf(session), '0', '-1')) as readonly string[]
      return kept.map((each) => JSON.parse(each.slice(each.indexOf('\n') + 1)) as StoredEvent)
    },
    remove: async (session) => Number(await command('DEL', keyOf(session))) > 0,
    ready: () =>
      command('PING').then(
        () => true,
        () => false,
      ),
    close: () => {
      client.destroy()
      return Promise.resolve()
    },
  }
}

async function connected(url: string, timeoutMs: number): Promise<Client> {
  const { createClient } = await optionalPackage<typeof Redis>('@redis/client', 'Keeping sessions in Redis')
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url))
    throw new EnsuiteError(
      'OPTION_INVALID',
      'The address of Redis should be redis://host:port or rediss://….',
    )
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: 2_000,
      reconnectStrategy: (tries) => Math.min(1_000, 25 * 2 ** Math.min(tries, 6)),
    },
  }) as unknown as Client
  // Without a listener the first lost connection would end the process; the calls say what is wrong.
  client.on('error', () => undefined)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not answer in time')), Math.max(2_000, timeoutMs))
  })
  try {
    await Promise.race([client.connect(), late])
    return client
  } catch (cause) {
    client.destroy()
    throw unavailable(cause)
  } finally {
    clearTimeout(timer)
  }
}

function unavailable(cause?: unknown): EnsuiteError {
  return new EnsuiteError(
    'SESSIONS_UNAVAILABLE',
    `Redis does not answer${cause instanceof Error ? `: ${cause.message}` : ''}. Check that it runs.`,
    { cause },
  )
}
