import { recommendFor } from '../recommend-for.ts'
import { route, type Route } from '../route.ts'

export const recommendRoutes: readonly Route[] = [
  route({
    name: 'recommend',
    summary: 'What comes next in a session',
    listener: 'public',
    scope: 'read',
    scores: true,
    handle: async (call, parts) => {
      const { session, events: given, k, excludeSeen, model: name } = call.body
      const { models, sessions, now } = parts
      if (name !== undefined) models.named(name)
      const started = now()
      const events = given ?? (await sessions.read(session!))
      if (given === undefined) call.stage('session', now() - started)
      const { model, recommendations } = await recommendFor(
        {
          model: () => (name === undefined ? models.chosen(session ?? call.requestId) : models.named(name)),
          events,
          options: { ...(k !== undefined && { k }), ...(excludeSeen !== undefined && { excludeSeen }) },
        },
        parts,
        call,
      )
      const { items, unknown, predictions, fallback } = recommendations
      return {
        items: [...items],
        unknown: [...unknown],
        ...(predictions && { predictions: { ...predictions } }),
        ...(fallback && { fallback }),
        model: model.name,
        digest: model.current.digest,
      }
    },
  }),
  route({
    name: 'listModels',
    summary: 'The models that answer, and what they read',
    listener: 'public',
    scope: 'read',
    handle: (_, { models }) => ({
      models: models.list().map(({ name, weight, current: { digest, recommender } }) => ({
        name,
        digest,
        weight,
        items: recommender.items,
        maxLength: recommender.maxLength,
        itemColumn: recommender.itemColumn,
        columns: [...recommender.columns],
        heads: [...recommender.heads],
      })),
    }),
  }),
]
