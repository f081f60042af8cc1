// @ts-check
// Reads typed answers in the form of their question, as Python does (poolviz/exercises/forms.py).
// tests/data/written_answers.json holds cases that both sides must read alike.

import { escaped, isShape, leavesOpen, numbersIn, plainWords, tidy, Unreadable, withoutWords } from "./notation.js";

/** @import { ReadCells, ReadChange, ReadNumbers } from "../types.js" */

const MOST_CELLS = 1000;
const RANGE = /(\d+)\s*-\s*(\d+)/g;

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
export function readCells({ sizes, none, range, axes, notation }, text) {
  if (!text.trim()) throw new Unreadable("empty");
  if (["", ...none].includes(plainWords(text))) return [];
  const between = new RegExp(`(?<=\\d)\\s+(?:${range.map(escaped).join("|")})\\s+(?=\\d)`, "g");
  const plain = tidy(text).replaceAll(between, "-");
  const words = plain.match(/\p{L}+/gu) ?? [];
  const named = words.flatMap((word) => axes.flatMap((alike, axis) => (alike.includes(word) ? [axis] : [])));
  // "rows 2 and 3" stands for every cell of these rows.
  if (sizes.length === 2 && new Set(named).size === 1 && !plain.includes("(")) {
    const axis = named[0];
    const lines = whole(numbersIn(spelledOut(plain), notation));
    if (lines.some((line) => line < 0 || line >= sizes[axis])) throw new Unreadable("pairs");
    const other = Array.from({ length: sizes[1 - axis] }, (_, i) => i);
    if (lines.length) return [...new Set(lines)].flatMap((line) => other.map((i) => (axis ? [i, line] : [line, i])));
  }
  const numbers = whole(numbersIn(sizes.length === 1 ? spelledOut(plain) : plain, notation));
  // "column 2, row 1" names the indices in the other order.
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
  // "stride 2 → 3": the first number is the present value.
  const isFromOld = distinct.length === 2 && found[0] === old[parameter];
  const given = isFromOld ? found[1] : distinct[0];
  const least = parameter === "padding" ? 0 : 1;
  if ((distinct.length !== 1 && !isFromOld) || !Number.isInteger(given) || given < least) {
    throw new Unreadable("one_change");
  }
  return `${parameter}=${given}`;
}
