// @ts-check
// Reads the numbers of a typed answer as Python does (poolviz/exercises/answers/numbers.py): signs, words,
// units and calculations.

/** @import { Notation } from "../types.js" */

/** An answer that was not understood: why, and how many numbers were found. */
export class Unreadable extends Error {
  /**
   * @param {string} reason
   * @param {number} [got]
   */
  constructor(reason, got) {
    super(reason);
    this.reason = reason;
    this.got = got;
  }
}

const MOST_CHARACTERS = 500;
const LARGEST = 1e30;
const WORD = /(?<![\p{L}\p{N}_])\p{L}+(?![\p{L}\p{N}_])/gu;
/** @type {Record<string, string>} */
const SIGNS = { "²": "^2", "³": "^3", "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "÷": "/", "⁻": "-", "≥": ">=", "≤": "<=" };
// > 14, 14 <, 15+; not >= 15, and not the brackets of <b>15</b>
const OPEN = /(?<![\w<>=/-])[<>]\s*-?\d|\d\s*[<>]\s*\w?\s*$|±|\+\/-|\d\s*\+\s*$/;
const SHAPE = /\d+(?:\s*[x×*·]\s*\d+)+/;
// floor((7 - 2) / 2): each name becomes a sign before the brackets.
const ROUNDED = /(?<![\p{L}\p{N}_])(?:(?:math|np|numpy|torch)\.)?(ceil|floor|int)(?=\()/gu;
/** @type {Record<string, string>} */
const ROUNDING_SIGNS = { ceil: "↑", floor: "↓", int: "↧" };
const LATEX_MARK = /\\[()[\],]|\$|\\(?:left|right|displaystyle)(?![\p{L}\p{N}_])/gu; // $15$, \(15\)
/** @type {Record<string, string>} */
const LATEX = { lfloor: "⌊", rfloor: "⌋", lceil: "⌈", rceil: "⌉", times: "×", cdot: "·" };
export const escaped = (/** @type {string} */ text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** @param {number} value */
function within(value) {
  if (!(Math.abs(value) <= LARGEST)) throw new Unreadable("unreadable");
  return value;
}

/**
 * Return a text in lower case with plain dashes and digits.
 *
 * @param {string} text
 */
export function tidy(text) {
  if (text.length > MOST_CHARACTERS) throw new Unreadable("unreadable");
  const plain = text
    // Full-width signs, as East Asian keyboards write them.
    .replaceAll(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll("\u3000", " ")
    .replaceAll(/[²³¼½¾÷⁻≥≤]/g, (sign) => SIGNS[sign])
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[−–—‐‑]/g, "-")
    .replaceAll(LATEX_MARK, "")
    .replaceAll(/\\(lfloor|rfloor|lceil|rceil|times|cdot)/g, (_, name) => LATEX[name])
    .replaceAll(
      /(?<![\p{L}\p{N}_])(?:(?:torch|np|numpy|tf)\.)?(?:size|tensorshape|tensor|array|(?:int|float)\d+)(?=\s*\()/gu,
      "",
    )
    .trim();
  return plain
    .replace(/^\*\*(.+)\*\*$/, "$1") // **3**
    .replaceAll(ROUNDED, (_, name) => ROUNDING_SIGNS[name])
    .replaceAll(/[→⇒➔]|[-=]+>/g, "→")
    .replaceAll(/(?<=[\d)])\s*\*\*\s*(?=[\d(])/g, "^")
    .replaceAll(/(?<=\d)-(?=\p{L}+-\d)|(?<=\p{L})-(?=\p{L})/gu, " ") // 3-by-3
    .replaceAll(/(\d \p{L}+)-(?=\d)/gu, "$1 ")
    .replaceAll(/(?<=\d)(?:\.{2,}|…)(?=\d)/g, "-") // 2..3, of cells
    .replace(/(?<=\d)(?:\.{2,}|…)$/, "") // 13.555...
    .replaceAll(/(?<=\d)_(?=\d)/g, "")
    .trim();
}

/** @param {string} text Its words, with one space between them. */
export const plainWords = (text) =>
  tidy(text)
    .replaceAll(/[\s"'`(){}[\],.:;!?_-]+/g, " ")
    .trim();

/**
 * @param {string} text
 * @param {string[]} words
 */
export const withoutWords = (text, words) => text.replaceAll(WORD, (word) => (words.includes(word) ? "" : word));

// --- calculations --------------------------------------------------------------------------------

/**
 * Return the value of a product, quotient or sum; of an equation, that of its last side.
 *
 * @param {string} text
 * @returns {number[]} [] if it is none
 */
function calculated(text) {
  // A colon alone divides, as German pupils write it: 7:2.
  const formula = text.replace(/^(\d+)\s*:\s*(\d+)$/, "$1/$2");
  if (!/[x×·*/+(^⌊⌈=]/.test(formula)) return []; // 3-6 may be a range
  const sides = formula.split("=");
  if (!sides.every((side) => !side.trim() || /^[\d\s.+*/()x×·^⌊⌋⌈⌉↓↑↧-]+$/.test(side))) return [];
  const side = sides[sides.length - 1].replaceAll(/[x×·]/g, "*").replaceAll(/\s+/g, " ");
  const tokens = side.match(/\d+(?:\.\d+)?|\/\/|[-+*/()^⌊⌋⌈⌉↓↑↧]/g) ?? [];
  const isWhole = tokens.join("") === side.replaceAll(" ", "");
  return isWhole ? formulaValue([...tokens].reverse()) : [];
}

/** @type {Record<string, [string, (value: number) => number]>} */
const BRACKETS = { "(": [")", (value) => value], "⌊": ["⌋", Math.floor], "⌈": ["⌉", Math.ceil] };

// int() of Python cuts the decimals off: int(-2.5) is -2.
/** @type {Record<string, (value: number) => number>} */
const FUNCTIONS = { "↑": Math.ceil, "↓": Math.floor, "↧": Math.trunc };

/** @param {string[]} rest The tokens of a formula, the last one first. */
function formulaValue(rest) {
  /** @returns {number} */
  function factor() {
    const token = rest.pop();
    if (token === "-") return -factor();
    if (token && token in FUNCTIONS) return FUNCTIONS[token](factor());
    const [end, rounded] = BRACKETS[token ?? ""] ?? [];
    if (!rounded) return within(Number(token ?? "none"));
    const inner = rounded(total());
    if (rest.pop() !== end) throw new Unreadable("unreadable");
    return inner;
  }
  function power() {
    const value = factor();
    if (rest.at(-1) !== "^") return value;
    rest.pop();
    const exponent = factor();
    // No answer needs a larger exponent.
    if (!Number.isInteger(exponent) || exponent < 0 || exponent >= 10) throw new Unreadable("unreadable");
    return within(value ** exponent);
  }
  function product() {
    let value = power();
    while (/^([*/]|\/\/)$/.test(rest.at(-1) ?? "")) {
      const sign = rest.pop();
      value = sign === "*" ? value * power() : value / power();
      if (sign === "//") value = Math.floor(value);
    }
    return within(value);
  }
  function total() {
    let value = product();
    while (/^[-+]$/.test(rest.at(-1) ?? "")) value = rest.pop() === "+" ? value + product() : value - product();
    return within(value);
  }
  try {
    const value = total();
    return rest.length ? [] : [value];
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}

// --- numbers, words and signs --------------------------------------------------------------------

const TOKEN =
  /\s*(?:(?<number>(?:(?<![\p{L}\p{N}_.)\]])-)?(?:\d+(?:\.\d+)?|\.\d+)(?:e\d{1,2}|\/\d+)?)|(?<times>[x×*·](?!\p{L}))|(?<word>\p{L}+)|(?<between>[→(){}[\],;:=≈~<>|&#"'`]|\.(?=[\s,;)\]]|$)|(?<=\d)[?!]))\s*/uy;
const FAR_MINUS = /(^|[=([,;:])\s*-\s+(?=[\d.])/g;

/** @param {string} text */
function tokensOf(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const { groups } = TOKEN.exec(text) ?? {};
    if (!groups) throw new Unreadable("unreadable");
    if (groups.number || groups.word) found.push(groups.number || groups.word);
  }
  return found;
}

/**
 * @param {string} token
 * @param {Notation} notation
 */
function numberOf(token, notation) {
  if (!/^[\d.-]/.test(token)) {
    const value = notation.words.indexOf(token);
    return value < 0 ? null : value;
  }
  const [top, bottom] = token.split("/");
  return within(Number(top) / Number(bottom ?? 1));
}

/**
 * Return the numbers of a text in the order of their names.
 *
 * @param {string} text
 * @param {Notation} notation
 * @param {string[][]} labels
 */
function ordered(text, notation, labels) {
  /** @type {number[]} */
  const numbers = [];
  /** @type {number[]} */
  const named = [];
  let [isMoved, sign] = [false, 1];
  for (const token of tokensOf(text.replaceAll(FAR_MINUS, "$1-"))) {
    const value = numberOf(token, notation);
    const place = labels.findIndex((alike) => alike.includes(token));
    if (value != null) {
      numbers.push(value === 0 ? 0 : sign * value);
      sign = 1;
    } else if (sign < 0) throw new Unreadable("unreadable");
    else if (notation.minus.includes(token)) sign = -1;
    else if (place >= 0) {
      named.push(place);
      isMoved ||= place !== numbers.length - 1 && place !== numbers.length;
    } else if (!notation.noise.includes(token)) throw new Unreadable("unreadable");
  }
  const isNamed = named.length === numbers.length && numbers.every((_, i) => named.includes(i));
  if (sign < 0 || (isMoved && !isNamed && numbers.length > 1)) throw new Unreadable("unreadable");
  return isNamed ? numbers.map((_, i) => numbers[named.indexOf(i)]) : numbers;
}

/**
 * Yield the ways to read a text, the likeliest first.
 *
 * @param {string} given
 * @param {Notation} notation
 * @param {{ count: number, decimals: boolean, mayBeOne: boolean }} wanted
 * @returns {Generator<string | number>}
 */
function* readings(given, notation, { count, decimals, mayBeOne }) {
  const text = withClearThousands(given, notation, decimals);
  const comma = notation.decimalComma;
  const separator = comma ? "." : ",";
  if (count === 1) {
    // Thousands first: where one number is expected, 1,024 is one and not two.
    if (!decimals || !comma) yield* withoutThousands(text, `[${separator}'\\s]`, "[-=\\s]*", "");
    // A mixed number: 27 1/4.
    const [, integer, top, bottom] = text.match(/^(\d+)\s+(\d+)\/([1-9]\d*)$/) ?? [];
    if (bottom) yield Number(integer) + Number(top) / Number(bottom);
    const times = notation.times.map(escaped).join("|") || "×";
    const product = text.replaceAll(new RegExp(`(?<=\\d)\\s+(?:${times})\\s+(?=\\d)`, "g"), " × ");
    yield* calculated(withoutWords(product, notation.noise));
  } else if (/\d[,.' ]0\d\d(?!\d)/.test(text)) {
    yield* withoutThousands(text, `[${separator}' ]`);
  }
  const hasComma = (comma && count > 0) || (decimals && count === 1);
  // "5, 5" and "(3,3)" are two numbers, also where a comma is a decimal point.
  const isTwice = mayBeOne && /^(\d+)\s*[,/]\s*\1$/.test(text);
  const isPair = isTwice || /[([{]\s*\d+,\d+\s*[)\]}]/.test(text);
  if (hasComma && !isPair) {
    yield text.replaceAll(/(?<![\d.])(?<!\d,)(\d+),(\d+)(?![\d.]|,\d)/g, "$1.$2");
  }
  if (isTwice) yield text.replaceAll("/", " ");
  yield text;
  if (mayBeOne && !SHAPE.test(text)) yield* calculated(withoutWords(text, notation.noise));
  if (count > 1 && !mayBeOne && !/\/\s*0/.test(text)) yield text.replaceAll("/", " ");
  if (count > 1) yield* withoutThousands(text, `[${separator}']`);
  // 15,0 is an integer, in English too.
  else yield text.replaceAll(/(?<=\d),0+(?!\d)/g, "");
}

/**
 * Join 1.024 in German, where no fraction is expected, and 1,024.5 or 1.024,5 anywhere.
 *
 * @param {string} text
 * @param {Notation} notation
 * @param {boolean} decimals
 */
function withClearThousands(text, { decimalComma }, decimals) {
  const [group, point] = decimalComma ? ["[.']", ","] : ["[,']", "\\."];
  const end = decimalComma && !decimals ? `(?![\\d.]|${point}\\d{3})` : `(?=${point}\\d)`;
  const number = new RegExp(`(?<![\\d.,])\\d{1,3}(?:${group}\\d{3})+${end}`, "g");
  return text.replaceAll(number, (found) => found.replaceAll(/\D/g, ""));
}

/**
 * Yield a text without the separators of thousands in its numbers.
 *
 * @param {string} text
 * @param {string} separator
 * @param {string} [before]
 * @param {string} [after]
 */
function* withoutThousands(text, separator, before = ".*", after = ".*") {
  const number = `(?<![\\d.,])\\d{1,3}(?:${separator}\\d{3})+(?!\\d|[.,]\\d{3})`;
  if (new RegExp(`^${before}${number}${after}$`, "s").test(text)) {
    yield text.replaceAll(new RegExp(number, "g"), (found) => found.replaceAll(/\D/g, ""));
  }
}

/** @param {string} text Whether a calculation or a bracket has no end: "8*(". */
const isTorn = (text) =>
  /(?:[*/+^(⌊⌈↓↑↧]|\d\s*[x×·])\s*$|^\s*[*/^)]|[*/+^]\s*\)/.test(text) ||
  ["()", "[]", "⌊⌋", "⌈⌉"].some(([left, right]) => text.split(left).length !== text.split(right).length);

/** @param {string} name It as letters alone: pool1 is "poolb", "kernel size" is "kernelsize". */
const lettersOf = (name) =>
  name.replaceAll(/\d/g, (digit) => String.fromCharCode(97 + Number(digit))).replaceAll(/\P{L}/gu, "");

/**
 * Return all numbers of a text, in order; throw Unreadable if it has anything else.
 *
 * @param {string} text
 * @param {Notation} notation
 * @param {{ labels?: string[][], decimals?: boolean, mayBeOne?: boolean }} [wanted]
 */
export function numbersIn(text, notation, { labels = [], decimals = false, mayBeOne = false } = {}) {
  if (!text.trim()) throw new Unreadable("empty");
  let plain = tidy(text).replace(/^([([]\s*)none\s*,/, "$1"); // (None, 3, 3)
  const names = labels.map((alike) => alike.map(lettersOf));
  const long = labels.flat().filter((one) => lettersOf(one) !== one);
  for (const name of long.sort((one, other) => other.length - one.length)) {
    const whole = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "gu");
    plain = plain.replaceAll(whole, ` ${lettersOf(name)} `);
  }
  plain = plain.replaceAll(/(^|[=([,;:])\s*\+\s*(?=\d)/g, "$1"); // +4
  plain = plain.replaceAll(/(^|[=([,;:\s])-(?=\p{L})/gu, `$1${notation.minus[0]} `);
  if (isTorn(plain)) throw new Unreadable("unreadable");
  if (new RegExp(`\\d\\s+(?:${notation.minus.map(escaped).join("|")})(?![\\p{L}\\p{N}_])`, "u").test(plain)) {
    throw new Unreadable("unreadable");
  }
  let problem = new Unreadable("unreadable");
  /** @type {number[] | null} */
  let first = null;
  for (const reading of readings(plain, notation, { count: labels.length, decimals, mayBeOne })) {
    try {
      const found = typeof reading === "number" ? [reading] : ordered(reading, notation, names);
      if (found.length === labels.length || (mayBeOne && found.length === 1)) return found;
      // Another count of numbers is reported only where no reading fits.
      first ??= found;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problem = error;
    }
  }
  if (first == null) throw problem;
  return first;
}

/**
 * Return whether a text is a range or several answers to choose from.
 *
 * @param {string} text
 * @param {Notation} notation
 */
export function leavesOpen(text, { bounds, either, words: numbers }) {
  const [before, after] = [bounds, either].map((words) => words.map(escaped).join("|"));
  const [start, end] = ["(?<![\\p{L}\\p{N}_])", "(?![\\p{L}\\p{N}_])"];
  const number = ["\\d", ...numbers.map((word) => escaped(word) + end)].join("|");
  const bound = `(?<!\\d)(?<!\\d\\s)${start}(?:${before})\\s*(?:${number})`;
  const words = new RegExp(`${bound}|(?:${number})\\s+(?:${after})${end}`, "u");
  const plain = tidy(text).replace(/^<([^<>]*)>$/, "$1"); // <3, 3>
  return OPEN.test(plain) || words.test(plain);
}

/** @param {string} text Whether it is a size with a sign between its numbers: "15 × 15 × 3". */
export const isShape = (text) => new RegExp(`^${SHAPE.source}$`).test(text);
