// @ts-check
// Reads typed answers as Python does (poolviz/exercises/notation.py and forms.py): signs, words,
// units and calculations. tests/data/written_answers.json holds cases that both sides must read
// alike.

/**
 * @import { Notation, ReadCells, ReadChange, ReadNumbers } from "../types.js"
 */

import { calculated, Unreadable, within } from "./calculation.js";

const MOST_CHARACTERS = 500;
const MOST_CELLS = 1000;
const WORD = /(?<![\p{L}\p{N}_])\p{L}+(?![\p{L}\p{N}_])/gu;
/** @type {Record<string, string>} */
const SIGNS = { "²": "^2", "³": "^3", "¼": " 1/4", "½": " 1/2", "¾": " 3/4", "÷": "/", "⁻": "-", "≥": ">=", "≤": "<=" };
const RANGE = /(\d+)\s*-\s*(\d+)/g;
const OPEN = /(?<![<>=-])[<>](?![<>=])|±|\+\/-|\d\s*\+\s*$/; // > 14, 15+, not >= 15
const SHAPE = /\d+(?:\s*[x×*·]\s*\d+)+/;
const ROUNDED = /(?<![\p{L}\p{N}_])(?:(?:math|np|numpy)\.)?(ceil|floor|int)\(([^()]*)\)/gu;
/** @type {Record<string, string[]>} */
const HALF_BRACKETS = { ceil: ["⌈", "⌉"], floor: ["⌊", "⌋"], int: ["⌊", "⌋"] };
const escaped = (/** @type {string} */ text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/**
 * Return a text in lower case with plain dashes and digits.
 *
 * @param {string} text
 */
export function tidy(text) {
  if (text.length > MOST_CHARACTERS) throw new Unreadable("unreadable");
  const plain = text
    .replaceAll(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replaceAll("\u3000", " ")
    .replaceAll(/[²³¼½¾÷⁻≥≤]/g, (sign) => SIGNS[sign])
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll(/[−–—‐‑]/g, "-")
    .replaceAll("torch.size", "")
    .trim();
  return plain
    .replace(/^\*\*(.+)\*\*$/, "$1") // **3**
    .replaceAll(ROUNDED, (_, name, inner) => HALF_BRACKETS[name].join(inner))
    .replaceAll(/[→⇒➔]|[-=]+>/g, "→")
    .replaceAll(/(?<=[\d)])\s*\*\*\s*(?=[\d(])/g, "^")
    .replaceAll(/(?<=\d)-(?=\p{L}+-\d)|(?<=\p{L})-(?=\p{L})/gu, " ") // 3-by-3
    .replaceAll(/(\d \p{L}+)-(?=\d)/gu, "$1 ")
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

// --- numbers, words and signs --------------------------------------------------------------------

const TOKEN =
  /\s*(?:(?<number>(?:(?<![\p{L}\p{N}_.)\]])-)?(?:\d+(?:\.\d+)?|\.\d+)(?:e\d{1,2}|\/\d+)?)|(?<times>[x×*·](?!\p{L}))|(?<word>\p{L}+)|(?<between>[→(){}[\],;:=≈~<>|&"'`]|\.(?=\s|$)|(?<=\d)[?!]))\s*/uy;
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
  let sign = 1;
  for (const token of tokensOf(text.replaceAll(FAR_MINUS, "$1-"))) {
    const value = numberOf(token, notation);
    const place = labels.findIndex((alike) => alike.includes(token));
    if (value != null) {
      numbers.push(value === 0 ? 0 : sign * value);
      sign = 1;
    } else if (sign < 0) throw new Unreadable("unreadable");
    else if (notation.minus.includes(token)) sign = -1;
    else if (place >= 0) named.push(place);
    else if (!notation.noise.includes(token)) throw new Unreadable("unreadable");
  }
  if (sign < 0) throw new Unreadable("unreadable");
  const isNamed = named.length === numbers.length && numbers.every((_, i) => named.includes(i));
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
    if (!decimals || !comma) yield* withoutThousands(text, `[${separator}'\\s]`, "[-=\\s]*", "");
    const [, integer, top, bottom] = text.match(/^(\d+)\s+(\d+)\/([1-9]\d*)$/) ?? [];
    if (bottom) yield Number(integer) + Number(top) / Number(bottom);
    const times = notation.times.map(escaped).join("|") || "×";
    const product = text.replaceAll(new RegExp(`(?<=\\d)\\s+(?:${times})\\s+(?=\\d)`, "g"), " × ");
    yield* calculated(withoutWords(product, notation.noise));
  } else if (/\d[,.' ]0\d\d(?!\d)/.test(text)) {
    yield* withoutThousands(text, `[${separator}' ]`);
  }
  const hasComma = (comma && count > 0) || (decimals && count === 1);
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
  /(?:[*/+^(⌊⌈]|\d\s*[x×·])\s*$|^\s*[*/^)]|[*/+^]\s*\)/.test(text) ||
  ["()", "[]", "⌊⌋", "⌈⌉"].some(([left, right]) => text.split(left).length !== text.split(right).length);

/** @param {string} name pool1 is "poolb", because a name has letters only. */
const lettersOf = (name) => name.replaceAll(/\d/g, (digit) => String.fromCharCode(97 + Number(digit)));

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
  for (const name of labels.flat().filter((one) => lettersOf(one) !== one)) {
    const whole = new RegExp(`(?<![\\p{L}\\p{N}_])${escaped(name)}(?![\\p{L}\\p{N}_])`, "gu");
    plain = plain.replaceAll(whole, ` ${lettersOf(name)} `);
  }
  plain = plain.replaceAll(/(^|[=([,;:\s])-(?=\p{L})/gu, `$1${notation.minus[0]} `);
  if (isTorn(plain)) throw new Unreadable("unreadable");
  if (new RegExp(`\\d\\s+(?:${notation.minus.map(escaped).join("|")})(?![\\p{L}\\p{N}_])`, "u").test(plain)) {
    throw new Unreadable("unreadable");
  }
  const names = labels.map((alike) => alike.map(lettersOf));
  let problem = new Unreadable("unreadable");
  /** @type {number[] | null} */
  let first = null;
  for (const reading of readings(plain, notation, { count: labels.length, decimals, mayBeOne })) {
    try {
      const found = typeof reading === "number" ? [reading] : ordered(reading, notation, names);
      if (found.length === labels.length || (mayBeOne && found.length === 1)) return found;
      first ??= found;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problem = error;
    }
  }
  if (first == null) throw problem;
  return first;
}

// --- the forms of answers ------------------------------------------------------------------------

/**
 * Return the numbers of an answer, [] for the answer that an error is raised.
 *
 * @param {ReadNumbers} form
 * @param {string} text
 */
export function readNumbers(form, text) {
  if (saysItRaises(form, text)) return [];
  const words = plainWords(text);
  const { labels, decimals, oneForAll, isSquare, notation } = form;
  const isOne = labels.length === 1 || oneForAll;
  if (isOne && form.none.includes(words)) return labels.map(() => 0);
  if (isOne && leavesOpen(text, notation)) throw new Unreadable("open");
  if (isSquare || oneForAll) return counted(form, squareIn(form, tidy(text).replace(/^(\d+)\s*\^\s*2$/, "$1")));
  return counted(form, numbersIn(text, notation, { labels, decimals, mayBeOne: oneForAll }));
}

/**
 * Return whether a text is a range or several answers to choose from.
 *
 * @param {string} text
 * @param {Notation} notation
 */
function leavesOpen(text, { bounds, either }) {
  const [before, after] = [bounds, either].map((words) => words.map(escaped).join("|"));
  const [start, end] = ["(?<![\\p{L}\\p{N}_])", "(?![\\p{L}\\p{N}_])"];
  const words = new RegExp(`(?<!\\d)(?<!\\d\\s)${start}(?:${before})\\s+\\d|\\d\\s+(?:${after})${end}`, "u");
  const plain = tidy(text).replace(/^<([^<>]*)>$/, "$1"); // <3, 3>
  return OPEN.test(plain) || words.test(plain);
}

/**
 * Return the numbers of a size; 15 × 15 × 3 is no product.
 *
 * @param {ReadNumbers} form
 * @param {string} text
 */
function squareIn(form, text) {
  const { labels, decimals, oneForAll, notation } = form;
  if (form.isSquare) {
    try {
      const found = numbersIn(text, notation);
      counted(form, found);
      return found;
    } catch (error) {
      if (!(error instanceof Unreadable) || new RegExp(`^${SHAPE.source}$`).test(text)) throw error;
    }
  }
  return numbersIn(text, notation, { labels, decimals, mayBeOne: oneForAll });
}

/**
 * @param {ReadNumbers} form
 * @param {string} text
 */
function saysItRaises({ raises, raiseWords, negations }, text) {
  const plain = plainWords(text);
  const words = plain.split(" ");
  const isDenied = words.some((word) => negations.includes(word)) || /\d/.test(plain);
  return raises.includes(plain) || (!isDenied && words.some((word) => raiseWords.includes(word)));
}

/**
 * Return as many numbers as the question has names.
 *
 * @param {ReadNumbers} form
 * @param {number[]} found
 */
function counted({ labels, start, isSquare, oneForAll }, found) {
  const count = labels.length;
  let numbers = found;
  if (numbers.length === count + 1 && start != null && numbers[0] === start) numbers = numbers.slice(1);
  if (numbers.length === 2 && isSquare && numbers[0] === numbers[1]) numbers = numbers.slice(0, 1);
  if (numbers.length === 1 && oneForAll) numbers = Array(count).fill(numbers[0]);
  if (numbers.length !== count) throw new Unreadable("count", numbers.length);
  return numbers;
}

/** @param {string} text Every range such as 3-5 as its numbers. */
const spelledOut = (text) =>
  text.replaceAll(RANGE, (_, first, last) => {
    if (last - first > MOST_CELLS) throw new Unreadable("unreadable");
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(first) + i).join(", ");
  });

/** @param {number[]} numbers */
function whole(numbers) {
  if (!numbers.every(Number.isInteger)) throw new Unreadable("unreadable");
  return numbers;
}

/**
 * Return the cells of an answer, one or two indices each.
 *
 * @param {ReadCells} form
 * @param {string} text
 * @returns {number[][]}
 */
export function readCells({ sizes, none, range, axes, notation }, text) {
  if (!text.trim()) throw new Unreadable("empty");
  if (["", ...none].includes(plainWords(text))) return [];
  const between = new RegExp(`(?<=\\d)\\s+(?:${range.map(escaped).join("|")})\\s+(?=\\d)`, "g");
  const plain = tidy(text).replaceAll(between, "-");
  const words = plain.match(/\p{L}+/gu) ?? [];
  const named = words.flatMap((word) => axes.flatMap((alike, axis) => (alike.includes(word) ? [axis] : [])));
  if (sizes.length === 2 && new Set(named).size === 1 && !plain.includes("(")) {
    const axis = named[0];
    const lines = whole(numbersIn(spelledOut(plain), notation));
    if (lines.some((line) => line < 0 || line >= sizes[axis])) throw new Unreadable("pairs");
    const other = Array.from({ length: sizes[1 - axis] }, (_, i) => i);
    if (lines.length) return [...new Set(lines)].flatMap((line) => other.map((i) => (axis ? [i, line] : [line, i])));
  }
  const numbers = whole(numbersIn(sizes.length === 1 ? spelledOut(plain) : plain, notation));
  const isTurned = sizes.length === 2 && (named.length % 2 > 0 || named.some((axis, i) => axis !== i % 2));
  if (isTurned && (named.length % 2 || named.some((axis, i) => axis === i % 2))) throw new Unreadable("pairs");
  if (isTurned) numbers.length -= numbers.length % 2;
  if (numbers.length % sizes.length) throw new Unreadable("pairs");
  const inOrder = isTurned ? numbers.map((_, i) => numbers[i ^ 1]) : numbers;
  const cells = [];
  for (let i = 0; i < inOrder.length; i += sizes.length) cells.push(inOrder.slice(i, i + sizes.length));
  return cells;
}

/**
 * Return a change as "stride=2".
 *
 * @param {ReadChange} form
 * @param {string} text
 */
export function readChange({ notation, noise, names, old }, text) {
  if (!text.trim()) throw new Unreadable("empty");
  const assignment = /^([\p{L}_]+(?:[ _][\p{L}_]+)*)\s*(?:=|:|->|→|\s)\s*([-([\d].*)$/u;
  const [, name, value] = withoutWords(tidy(text), noise).trim().replaceAll(/\s+/g, " ").match(assignment) ?? [];
  const parameter = Object.keys(names).find((key) => names[key].includes(name));
  if (parameter == null) throw new Unreadable("one_change");
  const found = numbersIn(value, notation);
  const distinct = [...new Set(found)];
  const isFromOld = distinct.length === 2 && found[0] === old[parameter];
  const given = isFromOld ? found[1] : distinct[0];
  const least = parameter === "padding" ? 0 : 1;
  if ((distinct.length !== 1 && !isFromOld) || !Number.isInteger(given) || given < least) {
    throw new Unreadable("one_change");
  }
  return `${parameter}=${given}`;
}
