import type { Weighted } from './specification.js';

/** Words of a language and how its sentences are put together. */
export interface Language {
  readonly words: readonly string[];
  readonly space: string;
  readonly stop: string;
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const LATIN = { space: ' ', stop: '.' };

const ENGLISH: Language = {
  ...LATIN,
  words: words(`
    the a and of to in is it you that for on with are this as be at have not but from or by one all we when your
    can there what about out if will how each many then them these some her would make like him into time has
    look two more write go see number way could people my than first water been call who oil now find long down day
    did get come made may part note relay client key sign event block zap wallet coin free open source code build
    run test fast slow network server light node message follow reply thread read world today morning night coffee
    music photo garden winter road market money energy idea think know good new great small never always maybe
    because people's don't it's I'm can't really just still again every other another someone everyone nothing`),
};

const GERMAN: Language = {
  ...LATIN,
  words: words(`
    und die der das nicht ist ich es für über können größer schön heute wieder müssen Straße Leute immer noch
    vielleicht natürlich Freiheit Schlüssel Netzwerk Nachricht gehört früh grüßen weiß später mögen Brücke`),
};

const SPANISH: Language = {
  ...LATIN,
  words: words(`
    el la de que y en los se del las por un para con no una su al lo como más pero sus le ya este sí porque
    también año mañana corazón niños días aquí está fácil música después información libertad señal`),
};

const PORTUGUESE: Language = {
  ...LATIN,
  words: words(`
    que não uma para com você mais isso está são também já então coração ação informação país amanhã chave
    rede mensagem pessoas sempre liberdade fácil possível três ótimo avô maçã construção gratuito`),
};

const RUSSIAN: Language = {
  ...LATIN,
  words: words(`
    и в не на я быть он с что это как но они мы этот который человек сегодня сеть ключ свобода сообщение время
    новый очень можно хорошо другой утро ещё почему работа`),
};

const ARABIC: Language = {
  space: ' ',
  stop: '؟',
  words: words('في من على هذا أن ما كان مع الى كل بعد اليوم شبكة مفتاح حرية رسالة ناس جديد صباح وقت'),
};

const JAPANESE: Language = {
  space: '',
  stop: '。',
  words: words(
    '今日 は とても いい 天気 です 私 の 鍵 を 見る 自由 な ネットワーク が 好き リレー 投稿 する 新しい 朝 おはよう みんな と 話す',
  ),
};

const CHINESE: Language = {
  space: '',
  stop: '。',
  words: words(
    '今天 我们 可以 看到 很多 人 在 网络 上 自由 的 消息 钥匙 新 时间 不 是 一个 好 开放 工作 早上',
  ),
};

export const LANGUAGES: readonly Weighted<Language>[] = [
  { weight: 70, value: ENGLISH },
  { weight: 6, value: JAPANESE },
  { weight: 5, value: SPANISH },
  { weight: 5, value: PORTUGUESE },
  { weight: 5, value: GERMAN },
  { weight: 4, value: RUSSIAN },
  { weight: 3, value: CHINESE },
  { weight: 2, value: ARABIC },
];

/** By popularity, which is Zipf's. */
export const HASHTAGS: readonly string[] = words(`
  nostr bitcoin zap asknostr introductions plebchain art photography grownostr coffeechain music foodstr news
  memes nature lightning privacy travel dogs cats running freedom technology linux gardening books film science
  python rust golang opensource history health economics energy mining hiking cycling chess football architecture
  poetry writing podcast radio vintage birds ocean mountains sunset astronomy math education homestead cooking
  bread tea wine 日本 nostrasia ビットコイン arte música fotografía fußball кофе свобода`);

export const EMOJI: readonly string[] = words(
  '😂 🔥 🤙 🚀 ❤️ 🙏 👀 💜 🌞 ☕ 🧡 🫡 👍🏽 👩‍💻 🏳️‍🌈 🇯🇵 🐈‍⬛ ✨ 🤔 📷',
);

export const NAMES: readonly string[] = words(`
  alice bob carol dave erin frank grace heidi ivan judy mallory niaj olivia peggy quinn rupert sybil trent ursula
  victor walter xena yusuf zoë jürgen søren łukasz ana_maría 太郎 花子 小明 дмитрий ليلى chloé`);

export const RELAYS: readonly string[] = words(`
  wss://relay.one.example wss://nos.two.example wss://relay.three.example/nostr wss://purple.four.example
  wss://eden.five.example wss://nostr.six.example:7777 wss://inbox.seven.example wss://wine.eight.example
  wss://relay.nine.example/ wss://atlas.ten.example wss://jp.eleven.example wss://cache.twelve.example`);

export const CLIENTS: readonly string[] = ['Meadow', 'Lantern', 'Quill', 'Ferry'];

export const APPS: readonly string[] = [
  'meadow/settings',
  'lantern/muted-words',
  'quill/drafts',
  'ferry/bookmarks:ünïcödé',
];
