import { route, type Route } from '../route.ts'

export const sessionRoutes: readonly Route[] = [
  route({
    name: 'readSession',
    summary: 'The events that are kept of a session, oldest first',
    listener: 'public',
    scope: 'read',
    handle: async ({ params: { session } }, { sessions }) => ({
      session,
      events: [...(await sessions.read(session))],
    }),
  }),
  route({
    name: 'removeSession',
    summary: 'Forgets a session',
    listener: 'public',
    scope: 'write',
    handle: async ({ params: { session } }, { sessions }) => ({ removed: await sessions.remove(session) }),
  }),
]
