// @ts-check
// Reads typed answers in the form of their question, as Python does (poolviz/exercises/answers/, one module per form).
// tests/data/written_answers.json holds cases that both sides must read alike.

import { escaped, isShape, leavesOpen, numbersIn, plainWords, tidy, Unreadable, withoutWords } from "./notation.js";

/** @import { ReadCells, ReadChange, ReadNumbers } from "../types.js" */

const MOST_CELLS = 1000;
const RANGE = /(\d+)\s*-\s*(\d+)/g;
const ARRAY = /(?<![\p{L}\p{N}_])\p{L}_?(?=[[({\d])/gu; // x[3], a_{0,1}
const TOGETHER = /(?<![\p{L}\p{N}_.])(\d)[-.:|]?(\d)(?![\p{L}\p{N}_/:|-]|\.\d)/gu; // 01, 0-1, 0:1
const TWO_LISTS = /^[\s([]*\d+(?:,\s*\d+){2,}[\s)\]]+,[\s([]+\d+(?:,\s*\d+){2,}[\s)\]]+$/;

/**
 * Return the numbers of an answer, [] for the answer that an error is raised.
 *
 * @param {ReadNumbers} form
 * @param {string} text
 */
export function readNumbers(form, text) {
  // Before the numbers are read: "a RuntimeError" has none.
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
      if (!(error instanceof Unreadable) || isShape(text)) throw error;
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
  // "10 → 5 → 2" repeats the size of the input first.
  if (numbers.length === count + 1 && start != null && numbers[0] === start) numbers = numbers.slice(1);
  // "5 × 5" for the side of a square.
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
export function readCells(form, text) {
  const { sizes, none, range, notation } = form;
  if (!text.trim()) throw new Unreadable("empty");
  if (["", ...none].includes(plainWords(text))) return [];
  const between = new RegExp(`(?<=\\d)\\s+(?:${range.map(escaped).join("|")})\\s+(?=\\d)`, "g");
  const plain = tidy(text).replaceAll(between, " - ").replaceAll("+", " ");
  if (sizes.length === 2) return pairsIn(form, plain);
  if (/\d\s*:\s*\d/.test(plain)) throw new Unreadable("unreadable");
  const found = numbersIn(spelledOut(plain.replaceAll(ARRAY, "")), notation);
  return whole(found).map((index) => [index]);
}

/**
 * Return the cells of a grid: pairs of indices, or whole rows and columns.
 *
 * @param {ReadCells} form
 * @param {string} given
 */
function pairsIn(form, given) {
  const { axes: names, notation } = form;
  const text = withNames(given, names);
  const words = text.match(/\p{L}+|\d+/gu) ?? [];
  let axes = words.flatMap((word) => names.flatMap((alike, axis) => (alike.includes(word) ? [axis] : [])));
  if (new Set(axes).size === 1 && !/\(|\d\s*:/.test(text)) return wholeLines(form, text, axes[0]);
  const plain = apart(text, form.sizes);
  const numbers = whole(numbersIn(plain, notation));
  const half = Math.floor(numbers.length / 2);
  // Names at the start are a heading: "row, column: (0, 1), (2, 3)".
  if (axes.length && !words.slice(0, axes.length).some((word) => /\d/.test(word))) {
    axes = Array.from({ length: half }, () => axes.slice(0, 2)).flat();
  }
  const isTurned = axes[0] === 1;
  const isMixed = axes.some((axis, i) => axis !== (isTurned ? 1 - (i % 2) : i % 2));
  if (numbers.length % 2 || isMixed || (axes.length && axes.length !== numbers.length)) throw new Unreadable("pairs");
  // Two lists, as np.nonzero returns them.
  const [step, second] = TWO_LISTS.test(plain) ? [1, half] : [2, 1];
  const pairs = Array.from({ length: half }, (_, i) => [numbers[i * step], numbers[i * step + second]]);
  return isTurned ? pairs.map(([column, row]) => [row, column]) : pairs;
}

/**
 * Return all cells of some rows, or of some columns.
 *
 * @param {ReadCells} form
 * @param {string} text
 * @param {number} axis
 */
function wholeLines({ sizes, notation }, text, axis) {
  const lines = whole(numbersIn(spelledOut(text), notation));
  if (!lines.length || lines.some((line) => line < 0 || line >= sizes[axis])) throw new Unreadable("pairs");
  const other = Array.from({ length: sizes[1 - axis] }, (_, i) => i);
  return [...new Set(lines)].flatMap((line) => other.map((i) => (axis ? [i, line] : [line, i])));
}

/**
 * @param {string} text
 * @param {string[][]} names
 * @returns {string} "row 0 column 1" for r0c1
 */
function withNames(text, [[row], [column]]) {
  let plain = text;
  for (const [one, other] of [
    [row, column],
    [column, row],
  ]) {
    const short = new RegExp(`(?<![\\p{L}\\p{N}_])${one[0]}(\\d+),?\\s*${other[0]}(\\d+)(?![\\p{L}\\p{N}_])`, "gu");
    plain = plain.replaceAll(short, `${one} $1 ${other} $2`);
  }
  return plain;
}

/**
 * @param {string} text
 * @param {number[]} sizes
 * @returns {string} The two indices of a cell apart: "(0, 1) (2, 3)" for "01 2-3"
 */
function apart(text, sizes) {
  const plain = text.replaceAll(ARRAY, "");
  const isApart = Math.max(...sizes) > 10 || /\d/.test(plain.replaceAll(TOGETHER, ""));
  return isApart ? plain : plain.replaceAll(TOGETHER, "($1, $2)");
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
  const [, name, value] =
    withoutWords(
      tidy(text)
        .replaceAll("`", "")
        .replace(/^\((.*)\)$/s, "$1"),
      noise,
    )
      .trim()
      .replaceAll(/\s+/g, " ")
      .match(assignment) ?? [];
  const parameter = Object.keys(names).find((key) => names[key].includes(name));
  if (parameter == null) throw new Unreadable("one_change");
  const found = numbersIn(value, notation);
  const distinct = [...new Set(found)];
  // "stride 2 → 3": the first number is the present value.
  const isFromOld = distinct.length === 2 && found[0] === old[parameter];
  const given = isFromOld ? found[1] : distinct[0];
  const least = parameter === "padding" ? 0 : 1;
  if ((distinct.length !== 1 && !isFromOld) || !Number.isInteger(given) || given < least) {
    throw new Unreadable("one_change");
  }
  return `${parameter}=${given}`;
}
