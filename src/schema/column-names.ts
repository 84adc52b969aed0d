/** What the name of a column can speak of. `part`: of a date; `text`: written for people. */
export type Meaning = 'session' | 'user' | 'item' | 'time' | 'part' | 'continuous' | 'categorical' | 'text'

const words: Readonly<Record<Meaning, string>> = {
  session: 'session sessions sess sid visit basket cart invoice transaction trip playlist sequence seq',
  user: 'user users uid visitor customer client member account reviewer person buyer shopper profile cookie reader player',
  item: 'item items iid product prod sku article movie film track song video book asin isbn ean gtin recipe hotel poi venue restaurant show episode listing offer stock goods artist game',
  time: 'time timestamp timestamps ts date datetime dt at when epoch timeframe start end begin created updated',
  part: 'year month day hour minute second week weekday quarter dow',
  continuous:
    'price amount cost revenue rating score duration size length weight quantity qty count age rank discount latitude longitude lat lon lng distance value dwell temperature total sales stars percent ratio',
  categorical:
    'category categories cat type kind brand colour color country region city state genre gender sex os device environment group class language lang locale location referrer referer status department page channel source platform browser event action code flag department segment store shop manufacturer author publisher topic material season',
  text: 'title description text comment review query url headline summary body note',
}

const meaningOf: ReadonlyMap<string, Meaning> = new Map(
  (Object.entries(words) as [Meaning, string][]).flatMap(([meaning, list]) =>
    list.split(' ').map((word): [string, Meaning] => [word, meaning]),
  ),
)
/** Words that say "a key", and nothing of what. */
const keys = new Set([
  'id',
  'ids',
  'key',
  'no',
  'nr',
  'num',
  'number',
  'uuid',
  'guid',
  'idx',
  'index',
  'hash',
])
/** Known words that only say that something is one, as in eventdate and clicktime. */
const glue = new Set(['event', 'click', 'view', 'log', 'order', 'user', 'item', 'main', 'sub', 'orig', 'raw'])

export interface NameHint {
  /** What its last word says, keys aside: the category of `product_category`. */
  readonly head?: Meaning
  /** The word that says so. */
  readonly word?: string
  /** What its other words say. */
  readonly others: readonly Meaning[]
  /** Whether it calls itself a key. */
  readonly isKey: boolean
}

/** What a name such as `SessionId`, `click_article_id` or `visitorid` says. */
export function nameHint(name: string): NameHint {
  const tokens = tokensOf(name)
  const told = tokens.filter((token) => !keys.has(token))
  const word = told.at(-1)
  const head = word === undefined ? undefined : meaningOf.get(word)
  const others = told.slice(0, -1).flatMap((token) => meaningOf.get(token) ?? [])
  return { ...(head === undefined ? {} : { head, word: word! }), others, isKey: told.length < tokens.length }
}

function tokensOf(name: string): readonly string[] {
  return name
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((token) => token !== '')
    .flatMap(unglued)
}

/** `visitorid` → visitor, id; `eventdate` → event, date. A word that is known as a whole stays whole. */
function unglued(token: string): readonly string[] {
  if (meaningOf.has(token) || keys.has(token)) return [token]
  for (let cut = token.length - 2; cut >= 2; cut--) {
    const [left, right] = [token.slice(0, cut), token.slice(cut)]
    const known = meaningOf.has(left) || glue.has(left)
    if (known && (keys.has(right) || meaningOf.has(right))) return [left, right]
  }
  return [token]
}
