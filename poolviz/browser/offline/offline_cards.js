// @ts-check
// Precomputed feedback: on a page without a kernel, exercises are checked against the feedback
// that Python gave to every answer. Here an answer is only looked up, once it has been read.

import { offlineHistory } from "../history.js";
import { grouped, speechOf } from "../speech.js";
import { Unreadable } from "./notation.js";
import { offlineModel, rowOf } from "./offline_model.js";
import { readCells, readChange, readNumbers } from "./written_answers.js";

/**
 * @import { Answer, AnswerTable, ExerciseVariant, OfflinePage, Paint, Progress, Say, Scored, StoredCards, Verdict } from "../types.js"
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
 *   best: number,
 * }} Item
 */

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
  const numbers = readNumbers(table.reading, text);
  if (numbers.length === 0) return table.raises;
  const isNear = (/** @type {unknown} */ value, /** @type {number} */ i) =>
    Math.abs(Number(value) - numbers[i]) <= table.tolerance;
  const known = table.values.find(([values]) => values.every(isNear));
  if (known) return known[1];
  const parts = table.right.map((value, i) => (isNear(value, i) ? "1" : "0")).join("");
  if (parts in table.partly) return table.partly[parts];
  const rounded = numbers.map((value) => grouped(say, Math.round(value * 100) / 100));
  const answer = rounded.join(table.joint).replaceAll("-", "−");
  const isWhole = numbers.every(Number.isInteger);
  if (isWhole && table.beyond && numbers[0] > Math.max(...table.values.map(([[value]]) => value))) {
    return filled(table.beyond, { answer });
  }
  return filled(!isWhole && table.notWhole ? table.notWhole : table.unknown, { answer });
}

/**
 * @param {AnswerTable} table
 * @param {(number | number[])[]} cells
 * @returns {Verdict}
 */
function judgeCells(table, cells) {
  const keyOf = (/** @type {number | number[]} */ cell) => [cell].flat().join();
  // The order in which Python wrote the keys of the table.
  const sorted = cells.map((cell) => [cell].flat()).sort((a, b) => a[0] - b[0] || (a[1] ?? 0) - (b[1] ?? 0));
  const known = table.exact[sorted.map(keyOf).join(" ")];
  if (known) return known;
  const given = new Set(cells.map(keyOf));
  const right = new Set(table.right.map(keyOf));
  const hits = [...given].filter((key) => right.has(key)).length;
  return filled(table.marked, { hits, missing: right.size - hits, extra: given.size - hits });
}

/**
 * Judge an answer that was typed.
 *
 * @param {AnswerTable} table
 * @param {string} text
 * @param {Say} say
 * @returns {Verdict}
 */
function judgeTyped(table, text, say) {
  try {
    if (table.form === "cells") return judgeCells(table, readCells(table.reading, text));
    if (table.form === "change") {
      const change = readChange(table.reading, text);
      return table.exact[change] ?? filled(table.beyond ?? table.oneChange, { answer: change });
    }
    return judgeNumbers(table, text, say);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { reason, got = -1 } = error;
    if (reason === "count") return table.counts[got] ?? table.unread;
    const { pairs, oneChange, empty, open } = table;
    return { pairs, one_change: oneChange, empty, open }[reason] ?? table.unread;
  }
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
  if (table.form === "cells" && typeof answer !== "string") {
    return judgeCells(table, /** @type {(number | number[])[]} */ (answer));
  }
  if (table.form === "several") {
    const chosen = /** @type {string[]} */ (answer);
    return table.exact[choices.flatMap((text, i) => (chosen.includes(text) ? [i] : [])).join()];
  }
  const text = String(answer);
  if (text.trim() === "") return table.empty;
  return table.form === "choice" ? (table.exact[text] ?? table.unread) : judgeTyped(table, text, say);
}

/**
 * Return the share of a set that is right, as `SetForm.share` in Python.
 *
 * @param {Set<unknown>} given
 * @param {Set<unknown>} right
 * @param {number} total
 */
function shareOfSet(given, right, total) {
  const hits = [...given].filter((one) => right.has(one)).length;
  const others = total - right.size;
  const share = right.size ? hits / right.size : Number(given.size === 0);
  return Math.max(0, share - (others ? (given.size - hits) / others : 0));
}

/**
 * Return what an answer is worth, from 0 to 1, as `Feedback.score` in Python.
 *
 * @param {AnswerTable} table
 * @param {Answer} answer
 * @param {string[]} choices
 * @param {Verdict} verdict
 */
export function scoreOf(table, answer, choices, verdict) {
  if (verdict[0] === "✓") return 1;
  if (verdict[0] === "½") return 0.5;
  try {
    if (table.form === "several") {
      const [right] = Object.entries(table.exact).find(([, [mark]]) => mark === "✓") ?? [""];
      const chosen = /** @type {string[]} */ (answer);
      const given = choices.flatMap((text, i) => (chosen.includes(text) ? [String(i)] : []));
      return shareOfSet(new Set(given), new Set(right.split(",").filter(Boolean)), choices.length);
    }
    if (table.form === "cells") {
      const cells = typeof answer === "string" ? readCells(table.reading, answer) : [answer].flat();
      const keys = (/** @type {unknown[]} */ all) => new Set(all.map((cell) => [cell].flat().join()));
      const total = table.reading.sizes.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1);
      return shareOfSet(keys(cells), keys(table.right), total);
    }
    if (table.form === "numbers") {
      const numbers = readNumbers(table.reading, String(answer));
      const isRight = (/** @type {unknown} */ value, /** @type {number} */ i) =>
        Math.abs(Number(value) - numbers[i]) <= table.tolerance;
      return table.right.filter(isRight).length / table.right.length;
    }
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
  }
  return 0;
}

/**
 * Return whether something is a text, cells, or chosen options.
 *
 * @param {unknown} given
 * @returns {given is Answer}
 */
function isAnswer(given) {
  if (Array.isArray(given) && given.every((one) => typeof one === "string")) return true;
  return typeof given === "string" || [given].flat(2).every(Number.isInteger);
}

/**
 * Return the model of a list of exercises, each with a few variants, and of the progress in it.
 *
 * @param {StoredCards} stored
 * @param {Paint} paint
 * @returns {OfflinePage}
 */
export function offlineCards({ texts, table, exercises, start, opens }, paint) {
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
    best: 0,
  });
  const isRight = (/** @type {Item} */ item) => item.verdict?.[0] === "✓";
  /** @type {Item[]} */
  let items = [];
  let place = start;
  let moved = (/** @type {unknown} */ _) => {};
  /** @type {Scored[]} */
  const scored = [];
  /** @type {((progress: Progress, answers: Scored[]) => void) | null} */
  let listener = null;
  const model = offlineModel(paint, ({ action }) => {
    if (!action || history.move(action.name)) return;
    history.note();
    actions[action.name]?.(items[place], action.value);
    show();
    listener?.(progress(), scored.splice(0));
  });
  const history = offlineHistory(
    () => ({ place, items: items.map((item) => ({ ...item })) }),
    (moment) => {
      ({ place } = moment);
      // Points stay, and so does what was revealed of the same numbers.
      items = moment.items.map((item, i) => {
        const { variant, isRevealed, isSolved, best } = items[i];
        return { ...item, isSolved, best, isRevealed: item.isRevealed || (isRevealed && variant === item.variant) };
      });
      show();
    },
  );
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
        ...history.tools(),
        opens: lineOf(),
      },
    });
    moved(progress().saved);
  }
  /** Return the line that opens the exercises with these numbers. */
  function lineOf() {
    const seeds = items.map((item) => variantOf(item).seed);
    const seed = new Set(seeds).size === 1 ? seeds[0] : `(${seeds.join(", ")})`;
    const parts = [seed === 0 ? "" : `, seed=${seed}`, place === 0 ? "" : `, place=${place}`];
    return `${opens.start}${parts.join("")}${opens.end}`;
  }
  /** @type {Record<string, (item: Item, value: any) => void>} */
  const actions = {
    answer(item, answer) {
      const { answers, state } = variantOf(item);
      item.answer = answer;
      item.verdict = judge(answers, answer, state.choices, say);
      if (item.verdict[2]) item.askedHint = true;
      // As in Python: once the solution was shown, an answer no longer counts.
      if (item.isRevealed) return;
      if (isRight(item)) item.isSolved = true;
      const score = scoreOf(answers, answer, state.choices, item.verdict);
      item.best = Math.max(item.best, score);
      // An identifier of SCORM 1.2 has no blanks.
      scored.push({ id: String(state.key).replaceAll(" ", "-"), response: [answer].flat().join(", "), score });
    },
    hint(item) {
      item.askedHint = true;
    },
    reveal(item) {
      item.isRevealed = true;
    },
    renew(item) {
      const variant = (item.variant + 1) % item.variants.length;
      // Points stay, as in a notebook: new numbers are for practice.
      Object.assign(item, fresh(item.variants), { variant, isSolved: item.isSolved, best: item.best });
    },
    go(_, to) {
      place = to;
    },
  };
  const restart = () => {
    items = exercises.map(fresh);
    place = start;
    history.clear();
    show();
  };
  /** @returns {Progress} */
  function progress() {
    const short = items.map(({ variant, isSolved, isRevealed, best }) => [variant, isSolved, isRevealed, best]);
    return {
      score: items.reduce((sum, { best }) => sum + best, 0) / items.length,
      isComplete: items.every(({ isSolved, isRevealed }) => isSolved || isRevealed),
      saved: { place, items: short.map((one, i) => [...one, items[i].answer, items[i].askedHint]) },
      savedShort: { place, items: short },
    };
  }
  /** @param {string} text */
  function resume(text) {
    let saved;
    try {
      saved = JSON.parse(text);
    } catch {
      return false; // of another package
    }
    if (!Array.isArray(saved?.items) || saved.items.length !== items.length) return false;
    const found = exercises.map((variants, i) => kept(fresh(variants), saved.items[i]));
    items = found.map((item, i) => item ?? items[i]);
    const isPlace = Number.isInteger(saved.place) && saved.place in items;
    if (isPlace) place = saved.place;
    history.clear();
    show();
    return isPlace && !found.includes(null);
  }
  /**
   * Return what a student did with an exercise, null for anything else.
   *
   * @param {Item} item
   * @param {any} saved
   */
  function kept(item, saved) {
    if (!Array.isArray(saved)) return null;
    const [variant, isSolved, isRevealed, best, answer = null, askedHint = false] = saved;
    if (!Number.isInteger(variant) || !(variant in item.variants)) return null;
    const flags = { isSolved: isSolved === true, isRevealed: isRevealed === true, askedHint: askedHint === true };
    Object.assign(item, { ...flags, variant, best: Math.min(1, Math.max(0, Number(best) || 0)) });
    if (answer === null) return item;
    if (!isAnswer(answer)) return null;
    try {
      const { answers, state } = variantOf(item);
      const verdict = judge(answers, answer, state.choices, say);
      return verdict ? { ...item, answer, verdict } : null;
    } catch {
      return null; // not an answer that this exercise takes
    }
  }
  const follow = (/** @type {NonNullable<typeof listener>} */ listen) => {
    listener = listen;
  };
  const onMove = (/** @type {typeof moved} */ listen) => {
    moved = listen;
  };
  return { models: [model], restart, follow, resume, onMove };
}
