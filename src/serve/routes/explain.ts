import { EnsuiteError } from '../../errors.ts'
import { MOST_EXPLAINED_EVENTS } from '../api/explain-schemas.ts'
import { readableEvents } from '../kept-events.ts'
import type { Model } from '../models.ts'
import { RequestProblem } from '../problems.ts'
import { eventFor, inTime } from '../recommend-for.ts'
import { route, type Route } from '../route.ts'

/** What takes longer is given up, the start of its thread included. Its place stays taken until it has ended. */
const LONGEST_MS = 30_000

export const explainRoutes: readonly Route[] = [
  route({
    name: 'explain',
    summary: "Which events of a session carry an item's score",
    listener: 'public',
    scope: 'read',
    explains: true,
    handle: async ({ body, requestId }, { models, sessions, explaining }) => {
      const { item, session, events: given, method, model: name } = body
      if (name !== undefined) models.named(name)
      const chosen = (): Model =>
        name === undefined ? models.chosen(session ?? requestId) : models.named(name)
      const all = given ?? readableEvents(await sessions.read(session!), chosen().current.recommender)
      const events = all.slice(-MOST_EXPLAINED_EVENTS)
      const explained = explaining.run(async () => {
        // As in recommending: from here to the call nothing waits, so that a model that is replaced answers first.
        const model = chosen()
        const { explainer, recommender } = model.current
        if (explainer === undefined) throw new RequestProblem('NO_EXPLANATIONS')
        const explanation = await explainer.explain(
          events.map((event) => eventFor(event, recommender.itemColumn)),
          { item, ...(method && { method }) },
        )
        return { model, explanation }
      })
      const { model, explanation } = await inTime(explained, {
        ms: LONGEST_MS,
        late: () => new EnsuiteError('OVERLOADED', `Explaining took longer than ${LONGEST_MS} ms.`),
      })
      return {
        ...explanation,
        events: explanation.events.map((share) => ({ ...share, item: events[share.event]!.item })),
        model: model.name,
        digest: model.current.digest,
      }
    },
  }),
]
