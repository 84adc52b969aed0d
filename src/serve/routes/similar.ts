import { readableEvents } from '../kept-events.ts'
import type { Model } from '../models.ts'
import { RequestProblem } from '../problems.ts'
import { route, type Route } from '../route.ts'
import { similarFor } from '../similar-for.ts'

export const similarRoutes: readonly Route[] = [
  route({
    name: 'similar',
    summary: 'What is like an item, or near a session',
    listener: 'public',
    scope: 'read',
    scores: true,
    handle: async (call, parts) => {
      const { item, session, events: given, k = 10, model: name, filter } = call.body
      const { models, sessions, now } = parts
      if (item !== undefined && given !== undefined)
        throw new RequestProblem('REQUEST_INVALID', 'Give an item or events, and not both.')
      if (name !== undefined) models.named(name)
      const started = now()
      const chosen = (): Model =>
        name === undefined ? models.chosen(session ?? call.requestId) : models.named(name)
      const events =
        item === undefined
          ? (given ?? readableEvents(await sessions.read(session!), chosen().current.recommender))
          : []
      if (item === undefined && given === undefined) call.stage('session', now() - started)
      const { model, items, source } = await similarFor(
        {
          model: chosen,
          to: item === undefined ? { events } : { item },
          ...{ k, filter },
        },
        parts,
        call,
      )
      return {
        items: items.map((each) => ({ ...each, source })),
        ...(source === 'popular' && { fallback: 'popularity' as const }),
        model: model.name,
        digest: model.current.digest,
      }
    },
  }),
]
