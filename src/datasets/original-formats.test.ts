import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { prepareFrom } from './prepared.test-support.ts'

const folder = temporaryFolder()
const sessionsOf = `SELECT session, string_agg(item, ' ') AS items FROM FILE GROUP BY session ORDER BY session`
const times = (count: number, row: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => `${row(at)}\n`).join('')

/** Tiny files in the formats of the originals, which are too large or too much protected to be here. */
describe('original formats', () => {
  it('yoochoose: repeats in a row and single clicks go, days count from the first click', async () => {
    folder.write(
      'yoochoose/yoochoose-clicks.dat',
      [
        '1,2014-04-07T10:00:00.000Z,A,0',
        '1,2014-04-07T10:01:00.000Z,A,0',
        '1,2014-04-07T10:02:00.277Z,B,S',
        '1,2014-04-07T10:03:00.000Z,A,0',
        '2,2014-04-07T09:00:00.000Z,A,0',
        '2,2014-04-07T09:00:01.000Z,A,0',
        '3,2014-04-08T08:59:59.999Z,B,0',
        '3,2014-04-08T09:30:00.000Z,C,0',
        '4,2014-04-08T09:00:00.000Z,B,0',
        '4,2014-04-08T08:59:00.000Z,C,0',
        '5,2014-04-08T09:00:00.000Z,C,0',
        '5,2014-04-08T09:10:00.000Z,B,0',
        '',
      ].join('\n'),
    )
    const { query, windows, rows } = await prepareFrom('yoochoose', folder.path('yoochoose'))
    expect(rows).toBe(12)
    expect(await query(sessionsOf)).toEqual([
      { session: '1', items: 'A B A' },
      { session: '3', items: 'B C' },
      { session: '4', items: 'C B' },
      { session: '5', items: 'C B' },
    ])
    // The first click is of session 2, which is removed: its time still begins the first day.
    expect(windows!.map(({ sessions }) => sessions)).toEqual([3, 1])
    expect(await query("SELECT time, category FROM FILE WHERE session = '1' AND item = 'B'")).toEqual([
      { time: String(Date.UTC(2014, 3, 7, 10, 2, 0, 277)), category: 'S' },
    ])
    expect(await query('SELECT item, time FROM FILE', 'sessions_by_day/0002/train.parquet')).toHaveLength(1)
  })

  it('retailrocket: views only, an hour of pause begins another session, rare items go', async () => {
    const view = (visitor: string, minute: number, item: number): string =>
      `${1_433_221_332_117 + minute * 60_000},${visitor},view,${item},`
    folder.write(
      'retailrocket/events.csv',
      [
        'timestamp,visitorid,event,itemid,transactionid',
        ...[0, 1, 2, 3, 4].flatMap((at) => [view(`v${at}`, at, 1), view(`v${at}`, at + 1, 2)]),
        view('v0', 61, 2),
        view('v0', 122, 1),
        view('v0', 123, 1),
        view('v0', 124, 2),
        `1433221332999,v1,addtocart,2,`,
        view('v1', 3, 99),
        '',
      ].join('\n'),
    )
    const { query } = await prepareFrom('retailrocket', folder.path('retailrocket'))
    expect(await query(sessionsOf)).toEqual([
      // Exactly an hour after minute 1 is no pause yet; the repeated 2 goes.
      { session: 'v0-1', items: '1 2' },
      { session: 'v0-2', items: '1 2' },
      { session: 'v1-1', items: '1 2' },
      { session: 'v2-1', items: '1 2' },
      { session: 'v3-1', items: '1 2' },
      { session: 'v4-1', items: '1 2' },
    ])
    expect(await query('SELECT DISTINCT visitor FROM FILE ORDER BY visitor')).toHaveLength(5)
  })

  it('ml-20m: half stars, genres from the other file', async () => {
    folder.write(
      'ml-20m/ratings.csv',
      'userId,movieId,rating,timestamp\n1,2,3.5,1112486027\n1,29,4.0,1112484676\n',
    )
    folder.write(
      'ml-20m/movies.csv',
      'movieId,title,genres\n2,"Jumanji, the ""film"" (1995)",Adventure|Children\n29,Untold,(no genres listed)\n',
    )
    const { query } = await prepareFrom('ml-20m', folder.path('ml-20m'))
    expect(await query('SELECT item, rating, title, genres FROM FILE')).toEqual([
      { item: '29', rating: '4', title: 'Untold', genres: 'null' },
      { item: '2', rating: '3.5', title: 'Jumanji, the "film" (1995)', genres: 'Adventure|Children' },
    ])
  })

  it('ml-1m: items with fewer than five ratings go, titles are Latin-1, the parent folder will do', async () => {
    const ratings = times(6, (user) =>
      times(5, (item) => `${user}::${item}::5::${978_300_760 + item}`).trim(),
    )
    folder.write('movielens/ml-1m/ratings.dat', `${ratings}1::77::3::978300760\n`)
    folder.write(
      'movielens/ml-1m/movies.dat',
      Buffer.from('1::Misérables, Les (1995)::Drama|Musical\n', 'latin1'),
    )
    const { query, items, sessions } = await prepareFrom('ml-1m', folder.path('movielens'))
    expect([items, sessions]).toEqual([5, 6])
    expect(await query("SELECT DISTINCT title FROM FILE WHERE item = '1'")).toEqual([
      { title: 'Misérables, Les (1995)' },
    ])
  })

  it('ml-100k: genres are flags', async () => {
    folder.write(
      'ml-100k/u.data',
      times(5, (item) => `1\t${item + 1}\t4\t${881_250_949 + item}`),
    )
    const flags = [0, 0, 0, 1, 1, 1, ...Array<number>(13).fill(0)]
    folder.write('ml-100k/u.item', `1|Toy Story (1995)|01-Jan-1995||http://x|${flags.join('|')}\n`)
    const { query } = await prepareFrom('ml-100k', folder.path('ml-100k'))
    expect(await query('SELECT genres FROM FILE LIMIT 2')).toEqual([
      { genres: "Animation|Children's|Comedy" },
      { genres: 'null' },
    ])
  })

  it('steam: Python dictionaries, whatever the texts in them hold', async () => {
    const user = (at: number): string => (at === 0 ? `u"o'neill \\u0416"` : `u'user ${at}'`)
    const rows = times(6, (at) =>
      times(5, (game) =>
        at % 2 === 0
          ? `{u'username': ${user(at)}, u'hours': 0.1, u'product_id': u'${game}', u'early_access': False, u'date': u'2017-12-${17 - game}', u'text': u"isn't, u'product_id': u'9'"}`
          : `{u'text': u"u'username': u'nobody', ", u'found_funny': None, u'date': u'2017-12-1${game}', u'product_id': u'${game}', u'username': ${user(at)}}`,
      ).trim(),
    )
    folder.write('steam/steam_reviews.json.gz', rows)
    const { query, sessions, items } = await prepareFrom('steam', folder.path('steam'))
    expect([sessions, items]).toEqual([6, 5])
    const all = await query(sessionsOf)
    expect(all[0]).toEqual({ session: "o'neill \\u0416", items: '4 3 2 1 0' })
    expect(all[1]).toEqual({ session: 'user 1', items: '0 1 2 3 4' })
  })

  it('amazon: the 5-core from its JSON, and the same from all ratings', async () => {
    const core = Array.from({ length: 5 }, (_, user) =>
      Array.from({ length: 5 }, (_, item) => [user, item] as const),
    ).flat()
    folder.write(
      'amazon-core/reviews_Beauty_5.json.gz',
      core
        .map(
          ([user, item]) =>
            `{"reviewerID": "U${user}", "asin": "000${item}", "reviewerName": "a \\"b\\"", "helpful": [3, 4], "overall": 4.0, "unixReviewTime": ${1_390_000_000 + item * 86_400}}\n`,
        )
        .join(''),
    )
    // U9 has five items, but after the rare ones are gone only four, and item 0004 has then enough without it.
    const more = ['U9,0000', 'U9,0001', 'U9,0002', 'U9,0003', 'U9,rare', 'U8,rare']
    folder.write(
      'amazon-all/ratings_Beauty.csv',
      [...core.map(([user, item]) => `U${user},000${item}`), ...more]
        .map((pair) => `${pair},4.0,${1_390_000_000 + Number(pair.at(-1)) * 86_400 || 1_390_000_000}\n`)
        .join(''),
    )
    const fromCore = await prepareFrom('amazon-beauty', folder.path('amazon-core'))
    const fromAll = await prepareFrom('amazon-beauty', folder.path('amazon-all'))
    expect(await fromCore.query(sessionsOf)).toHaveLength(5)
    expect(await fromAll.query(sessionsOf)).toEqual(await fromCore.query(sessionsOf))
    expect(await fromAll.query('SELECT item, time, rating FROM FILE')).toEqual(
      await fromCore.query('SELECT item, time, rating FROM FILE'),
    )
  })

  it('diginetica: the names of the original columns, a user NA is none', async () => {
    const row = (session: number, item: number): string =>
      `${session};${session === 1 ? '7' : 'NA'};${item};${item * 1000};2016-05-09`
    folder.write(
      'diginetica/train-item-views.csv',
      `sessionId;userId;itemId;timeframe;eventdate\n${times(5, (session) => `${row(session, 2)}\n${row(session, 1)}`)}9;NA;1;5;2016-05-10\n`,
    )
    folder.write('diginetica/product-categories.csv', 'itemId;categoryId\n1;1096\n1;7\n')
    const { query, sessions } = await prepareFrom('diginetica', folder.path('diginetica'))
    expect(sessions).toBe(5)
    expect(
      await query("SELECT item, time, user, category FROM FILE WHERE session IN ('0', '1') ORDER BY session"),
    ).toEqual([
      { item: '1', time: String(Date.UTC(2016, 4, 9) + 1000), user: 'null', category: '1096' },
      { item: '2', time: String(Date.UTC(2016, 4, 9) + 2000), user: 'null', category: 'null' },
      { item: '1', time: String(Date.UTC(2016, 4, 9) + 1000), user: '7', category: '1096' },
      { item: '2', time: String(Date.UTC(2016, 4, 9) + 2000), user: '7', category: 'null' },
    ])
  })

  it('rees46: events without a session go, days are those of the calendar', async () => {
    const header =
      'event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session'
    const row = (time: string, item: number, session: string): string =>
      `2019-10-0${time} UTC,view,${item},1,,,35.79,5,${session}`
    folder.write(
      'rees46/2019-Oct.csv.gz',
      `${[header, row('1 23:59:58', 1, 'a'), row('2 00:00:01', 2, 'a'), row('2 00:00:00', 1, 'b'), row('2 00:00:05', 2, 'b'), row('2 00:00:05', 2, '')].join('\n')}\n`,
    )
    const { query, windows, rows } = await prepareFrom('rees46', folder.path('rees46'))
    expect(rows).toBe(5)
    expect(windows!.map(({ number, sessions }) => [number, sessions])).toEqual([
      [1, 1],
      [2, 1],
    ])
    expect(await query(sessionsOf)).toHaveLength(2)
  })

  it('eshop-clothing: the original file of UCI', async () => {
    folder.write(
      'eshop/e-shop clothing 2008.csv',
      'year;month;day;order;country;session ID;page 1 (main category);page 2 (clothing model);colour;location;model photography;price;price 2;page\n' +
        '2008;4;1;1;29;1;1;A13;1;5;1;28;2;1\n2008;4;1;2;29;1;2;B4;10;2;1;52;1;1\n',
    )
    const { query } = await prepareFrom('eshop-clothing', folder.path('eshop'))
    expect(await query('SELECT item, time - 1207008000000 AS ms, category FROM FILE')).toEqual([
      { item: 'A13', ms: '1', category: '1' },
      { item: 'B4', ms: '2', category: '2' },
    ])
  })
})
