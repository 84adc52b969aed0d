import type { Dataset } from './dataset.ts'

const PLACE = 'http://snap.stanford.edu/data/amazon/productGraph/categoryFiles'

interface Category {
  /** After `amazon-`. */
  readonly name: string
  /** As in the names of the files. */
  readonly file: string
  readonly title: string
  readonly size: string
  readonly mostBytes: number
}

const categories: readonly Category[] = [
  {
    name: 'beauty',
    file: 'Beauty',
    title: 'Beauty',
    size: '198,502 reviews, 22,363 users, 12,101 items (5-core)',
    mostBytes: 1e9,
  },
  {
    name: 'sports',
    file: 'Sports_and_Outdoors',
    title: 'Sports and Outdoors',
    size: '296,337 reviews, 35,598 users, 18,357 items (5-core)',
    mostBytes: 1e9,
  },
  {
    name: 'toys',
    file: 'Toys_and_Games',
    title: 'Toys and Games',
    size: '167,597 reviews, 19,412 users, 11,924 items (5-core)',
    mostBytes: 1e9,
  },
  {
    name: 'video-games',
    file: 'Video_Games',
    title: 'Video Games',
    size: '231,780 reviews, 24,303 users, 10,672 items (5-core)',
    mostBytes: 1e9,
  },
  {
    name: 'books',
    file: 'Books',
    title: 'Books',
    size: '8,898,041 reviews (5-core)',
    mostBytes: 8e9,
  },
]

const fiveCore = [{ kind: 'minimum-counts', session: 5, item: 5, repeat: true }] as const

const amazon = ({ name, file, title, size, mostBytes }: Category): Dataset => ({
  name: `amazon-${name}`,
  title: `Amazon reviews 2014, ${title}`,
  purpose: 'sparse histories with brands and categories; leave one out (S3-Rec, TIGER, eSASRec)',
  size,
  homepage: 'https://jmcauley.ucsd.edu/data/amazon/',
  licence: {
    name: 'none stated; its papers (He and McAuley 2016, McAuley et al. 2015) are to be cited',
    link: 'https://jmcauley.ucsd.edu/data/amazon/',
    mustAccept: false,
    mayRedistribute: 'not said',
  },
  source: {
    kind: 'files',
    files: [
      {
        name: `reviews_${file}_5.json.gz`,
        url: `${PLACE}/reviews_${file}_5.json.gz`,
        mostBytes,
      },
    ],
  },
  layouts: [
    {
      title: 'the reviews of the 5-core',
      inputs: [{ files: { names: [`reviews_${file}_5.json`] }, reading: { kind: 'json-lines' } }],
      recipe: {
        session: 'reviewerID',
        item: 'asin',
        time: { kind: 'number', column: 'unixReviewTime', unit: 'seconds' },
        columns: [{ name: 'rating', from: 'overall', type: 'number' }],
        derived: [],
        steps: fiveCore,
      },
    },
    {
      title: 'all ratings',
      inputs: [
        {
          files: { names: [`ratings_${file}.csv`] },
          reading: {
            kind: 'delimited',
            columns: ['user', 'item', 'rating', 'timestamp'],
            delimiter: ',',
          },
        },
      ],
      recipe: {
        session: 'user',
        item: 'item',
        time: { kind: 'number', column: 'timestamp', unit: 'seconds' },
        columns: [{ name: 'rating', type: 'number' }],
        derived: [],
        steps: fiveCore,
      },
    },
    {
      title: 'user, item and timestamp, with the facts of S3-Rec and RecBole about items',
      firstLine: 'user\titem\ttimestamp',
      inputs: [{ files: { names: ['events.tsv'] }, reading: { kind: 'delimited' } }],
      lookups: [
        {
          files: { names: ['items.tsv'] },
          optional: true,
          reading: { kind: 'delimited', delimiter: '\t', strayQuotes: true },
          key: 'item',
          columns: [
            { name: 'asin', type: 'text' },
            { name: 'price', type: 'number' },
            { name: 'brand', type: 'text', missing: 'Unknown' },
            { name: 'categories', type: 'text' },
            { name: 'title', type: 'text' },
          ],
        },
      ],
      recipe: {
        session: 'user',
        item: 'item',
        time: { kind: 'number', column: 'timestamp', unit: 'seconds' },
        columns: [],
        derived: [],
        steps: fiveCore,
      },
    },
  ],
  preparation:
    'As S3-Rec (Zhou et al. 2020): users and items with fewer than five reviews are removed until nothing changes. Times are days: events of one day keep the order of the file.',
})

/** One data set a category. */
export const amazonDatasets: readonly Dataset[] = categories.map(amazon)
