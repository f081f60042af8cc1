// @ts-check
// Precomputed feedback: on a page without a kernel, exercises are checked against the feedback
// that Python gave to every answer. Here an answer is only read, as numbers, cells or options.

import { grouped, speechOf } from "./speech.js";
import { offlineModel, rowOf } from "./offline_model.js";

/**
 * @import { Answer, AnswerTable, ExerciseVariant, OfflinePage, Paint, Say, StoredCards, Verdict } from "./types.js"
 */

/**
 * An exercise and what a student did with it.
 *
 * @typedef {{
 *   variants: number[],
 *   variant: number,
 *   answer: Answer | null,
 *   verdict: Verdict | null,
 *   askedHint: boolean,
 *   isRevealed: boolean,
 *   isSolved: boolean,
 * }} Item
 */

const NUMBER = /(?<![\w.)\]])-?(?:\d+(?:\.\d+)?|\.\d+)(?:\/[1-9]\d*)?/g;

/**
 * Return the numbers of a text, or null if there is a word in it, because words need Python.
 *
 * @param {string} text
 * @param {{ count: number, decimals?: boolean }} table
 */
export function numbersOf(text, { count, decimals }) {
  let plain = text.trim().toLowerCase().replaceAll(/[−–—]/g, "-").replaceAll(/→|[-=]+>/g, " ");
  plain = plain.replace(/^minus\s+(?=\d)/, "-");
  plain = plain.replaceAll(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
  if (count === 1 && decimals && /^-?\d+,\d+$/.test(plain)) plain = plain.replace(",", ".");
  else if (count === 1 && /^-?\d{1,3}(,\d{3})+$/.test(plain)) plain = plain.replaceAll(",", "");
  if (/[^\d\s.,;:x×*·(){}[\]/|&"'-]/.test(plain)) return null;
  return (plain.match(NUMBER) ?? []).map((token) => {
    const [top, bottom = 1] = token.split("/");
    return Number(top) / Number(bottom);
  });
}

/**
 * Fill in the {gaps} of a text.
 *
 * @param {Verdict} verdict
 * @param {Record<string, unknown>} gaps
 * @returns {Verdict}
 */
const filled = ([mark, text, ...hint], gaps) => [
  mark,
  text.replaceAll(/\{(\w+)\}/g, (gap, name) => (name in gaps ? String(gaps[name]) : gap)),
  ...hint,
];

/**
 * @param {AnswerTable} table
 * @param {string} text
 * @param {Say} say
 * @returns {Verdict}
 */
function judgeNumbers(table, text, say) {
  const [words, raises] = table.raises;
  if (words.includes(text.trim().toLowerCase().replaceAll(/[.!"']/g, ""))) return raises;
  const read = numbersOf(text, table);
  if (read === null || read.length === 0) return table.unread;
  const numbers = read.length === 1 && table.oneForAll ? Array(table.count).fill(read[0]) : read;
  if (numbers.length !== table.count) return table.counts[numbers.length] ?? table.unread;
  const isNear = (/** @type {unknown} */ value, /** @type {number} */ i) =>
    Math.abs(Number(value) - numbers[i]) <= table.tolerance;
  const known = table.values.find(([values]) => values.every(isNear));
  if (known) return known[1];
  const parts = table.right.map((value, i) => (isNear(value, i) ? "1" : "0")).join("");
  if (parts in table.partly) return table.partly[parts];
  const rounded = numbers.map((value) => grouped(say, Math.round(value * 100) / 100));
  const answer = rounded.join(table.joint).replaceAll("-", "−");
  const isWhole = numbers.every(Number.isInteger);
  return filled(!isWhole && table.notWhole ? table.notWhole : table.unknown, { answer });
}

/**
 * @param {AnswerTable} table
 * @param {(number | number[])[]} cells
 * @returns {Verdict}
 */
function judgeCells(table, cells) {
  const keyOf = (/** @type {number | number[]} */ cell) => [cell].flat().join();
  const sorted = cells.map((cell) => [cell].flat()).sort((a, b) => a[0] - b[0] || (a[1] ?? 0) - (b[1] ?? 0));
  const known = table.exact[sorted.map(keyOf).join(" ")];
  if (known) return known;
  const given = new Set(cells.map(keyOf));
  const right = new Set(table.right.map(keyOf));
  const hits = [...given].filter((key) => right.has(key)).length;
  return filled(table.marked, { hits, missing: right.size - hits, extra: given.size - hits });
}

/**
 * Judge cells that were typed, where there is no picture to click on.
 *
 * @param {AnswerTable} table
 * @param {string} text
 */
function judgeTypedCells(table, text) {
  if (/^[\s[\](){}]*(none|-)?[\s[\](){}]*$/i.test(text)) return judgeCells(table, []);
  const ranges = text.replaceAll(/(\d+)\s*-\s*(\d+)/g, (_, first, last) =>
    Array.from({ length: Math.min(1000, Math.max(0, last - first + 1)) }, (_, i) => Number(first) + i).join(),
  );
  const numbers = numbersOf(table.axes === 1 ? ranges : text, { count: 0 });
  if (numbers === null || numbers.length % table.axes) return table.unread;
  const cells = [];
  for (let i = 0; i < numbers.length; i += table.axes) cells.push(numbers.slice(i, i + table.axes));
  return judgeCells(table, cells);
}

/**
 * @param {AnswerTable} table
 * @param {string} text
 */
function judgeChange(table, text) {
  const [, name, value] =
    text
      .trim()
      .toLowerCase()
      .match(/^([a-z_]+)\s*(?:=|:|\s)\s*\(?(\d+)\)?$/) ?? [];
  return table.exact[`${name}=${value}`] ?? table.unread;
}

/**
 * Return the feedback on an answer.
 *
 * @param {AnswerTable} table
 * @param {Answer} answer
 * @param {string[]} choices
 * @param {Say} say
 * @returns {Verdict}
 */
export function judge(table, answer, choices, say) {
  if (table.form === "cells") {
    if (typeof answer === "string") return judgeTypedCells(table, answer);
    return judgeCells(table, /** @type {(number | number[])[]} */ (answer));
  }
  if (table.form === "several") {
    const chosen = /** @type {string[]} */ (answer);
    return table.exact[choices.flatMap((text, i) => (chosen.includes(text) ? [i] : [])).join()];
  }
  const text = String(answer);
  if (text.trim() === "") return table.empty;
  if (table.form === "choice") return table.exact[text] ?? table.unread;
  return table.form === "change" ? judgeChange(table, text) : judgeNumbers(table, text, say);
}

/**
 * Return the model of a list of exercises, each with a few variants, and of the progress in it.
 *
 * @param {StoredCards} stored
 * @param {Paint} paint
 * @returns {OfflinePage}
 */
export function offlineCards({ texts, table, exercises, start }, paint) {
  /**
   * @param {number[]} variants
   * @returns {Item}
   */
  const fresh = (variants) => ({
    variants,
    variant: 0,
    answer: null,
    verdict: null,
    askedHint: false,
    isRevealed: false,
    isSolved: false,
  });
  const isRight = (/** @type {Item} */ item) => item.verdict?.[0] === "✓";
  /** @type {Item[]} */
  let items = [];
  let place = start;
  const model = offlineModel(paint, ({ action }) => {
    if (action) actions[action.name]?.(items[place], action.value);
    show();
  });
  const say = speechOf(texts);
  const variantOf = (/** @type {Item} */ item) =>
    /** @type {ExerciseVariant} */ (rowOf(table, item.variants[item.variant]));

  function show() {
    const item = items[place];
    const variant = variantOf(item);
    const isOver = item.isRevealed || isRight(item);
    const { state, drawn } = isOver ? variant.over : variant.open;
    model.display({
      drawn,
      state: {
        ...variant.state,
        ...state,
        answer: item.answer,
        feedback: item.verdict?.[1] ?? "",
        mark: item.verdict?.[0] ?? "",
        hint: item.askedHint ? variant.hint : "",
        solution: item.isRevealed ? variant.solution : "",
        place,
        of: items.length,
        solved: items.filter((one) => one.isSolved).length,
      },
    });
  }
  /** @type {Record<string, (item: Item, value: any) => void>} */
  const actions = {
    answer(item, answer) {
      const { answers, state } = variantOf(item);
      item.answer = answer;
      item.verdict = judge(answers, answer, state.choices, say);
      if (item.verdict[2]) item.askedHint = true;
      if (!item.isRevealed && isRight(item)) item.isSolved = true;
    },
    hint(item) {
      item.askedHint = true;
    },
    reveal(item) {
      item.isRevealed = true;
    },
    renew(item) {
      const variant = (item.variant + 1) % item.variants.length;
      Object.assign(item, fresh(item.variants), { variant, isSolved: item.isSolved });
    },
    go(_, to) {
      place = to;
    },
  };
  const restart = () => {
    items = exercises.map(fresh);
    place = start;
    show();
  };
  return { models: [model], restart };
}
