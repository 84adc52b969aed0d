import type { RecipeColumn } from '../events/index.ts'
import type { Dataset, Layout } from './dataset.ts'

const integer = (name: string, from: string): RecipeColumn => ({ name, from, type: 'integer' })

const clicks = (title: string, input: Layout['inputs'][number]): Layout => ({
  title,
  inputs: [input],
  lookups: [
    {
      files: { names: ['articles_metadata.csv', 'articles_metadata_partial.csv'] },
      reading: { kind: 'delimited' },
      key: 'article_id',
      columns: [{ name: 'created', from: 'created_at_ts', type: 'number', hidden: true }],
    },
  ],
  recipe: {
    session: 'session_id',
    item: 'click_article_id',
    time: { kind: 'number', column: 'click_timestamp', unit: 'milliseconds' },
    columns: [
      { name: 'user', from: 'user_id', type: 'text' },
      integer('session_start', 'session_start'),
      integer('environment', 'click_environment'),
      integer('device', 'click_deviceGroup'),
      integer('os', 'click_os'),
      integer('country', 'click_country'),
      integer('region', 'click_region'),
      integer('referrer', 'click_referrer_type'),
      { ...integer('hour', 'hour_index'), hidden: true },
    ],
    derived: [
      { kind: 'cycles', timeZone: 'America/Sao_Paulo' },
      { kind: 'age-hours', name: 'item_age_hours', created: 'created' },
    ],
    steps: [],
    windows: { unit: 'hour', by: 'column', column: 'hour', minSessions: 100 },
  },
})

export const g1: Dataset = {
  name: 'g1',
  title: 'G1 news (Globo.com)',
  purpose: 'a news portal, articles that live for hours; Transformers4Rec by hours',
  size: '2,988,181 clicks, 1,048,594 sessions, 46,033 articles, 16 days',
  homepage: 'https://www.kaggle.com/datasets/gspmoreira/news-portal-user-interactions-by-globocom',
  licence: {
    name: 'academic use only (education, research), citing its papers',
    link: 'https://www.kaggle.com/datasets/gspmoreira/news-portal-user-interactions-by-globocom',
    mustAccept: true,
    mayRedistribute: 'not said',
  },
  source: {
    kind: 'by-hand',
    url: 'https://www.kaggle.com/datasets/gspmoreira/news-portal-user-interactions-by-globocom',
    how: 'Its place asks for a login: fetch it there, unpack clicks.zip, and pass the folder that holds clicks and articles_metadata.csv with --from.',
  },
  layouts: [
    clicks('all hours in one file', {
      files: { names: ['clicks.csv'] },
      reading: { kind: 'delimited' },
    }),
    clicks('the original files, one an hour', {
      files: {
        folders: ['clicks', 'clicks/clicks', '.'],
        pattern: /^clicks_hour_\d{3}\.csv(\.gz)?$/,
        example: 'clicks/clicks_hour_000.csv',
      },
      reading: { kind: 'delimited' },
      fileIndex: 'hour_index',
    }),
  ],
  preparation:
    'As Transformers4Rec (2021): each file of an hour is a window, hours with fewer than 100 sessions are left out; hour and weekday as sine and cosine of the time in ' +
    'Brazil, the age of the article in hours (missing where its metadata is). Differs: the age is not put through GaussRank, which the paper fitted on all hours at once.',
}
