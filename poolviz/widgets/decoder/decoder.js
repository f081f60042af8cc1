// @ts-check
// The text box: its text is sent to Python and the answer is text and a picture.
// Pasted text is never changed and only ever shown as text.

import { copyable, fold, make, pictureView, problemLine, speaker, textForm, uniqueId } from "../../browser/elements.js";
import { requestSender } from "../../browser/requests.js";
import { mount, pictureFrame } from "../../browser/screen.js";
import { grouped, speechOf } from "../../browser/speech.js";
import { toolBar } from "../../browser/tools.js";

/** @import { DecoderState, Fix, Render, Say } from "../../browser/types.js" */

const MOST_SENT = 1_000_000; // characters: more would close the connection to the kernel
const HEAD = 200_000; // of a longer text, the beginning and the end are sent
const [LOW, HIGH] = [3, 8]; // lines of the box
const PASTE_MS = 500; // after the last key

/** @param {string} text */
function shortened(text) {
  if (text.length <= MOST_SENT) return text;
  return `${text.slice(0, HEAD)}\n…\n${text.slice(text.length - (MOST_SENT - HEAD))}`;
}

/**
 * Create the text box; `read` gets its text once typing rests.
 *
 * @param {Say} say
 * @param {(text: string) => void} read
 */
function pasteBox(say, read) {
  const id = uniqueId("paste");
  const box = make("textarea", { id, rows: LOW, spellcheck: false, className: "pv-paste" });
  const label = make("label", { htmlFor: id, textContent: say("decoder.paste") });
  const note = make("p", { className: "pv-also" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {number | null} */
  let shownNumber = null;
  let wasPutTooLate = false;
  const rest = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  const send = () => {
    rest();
    const length = box.value.length;
    const [characters, first, last] = [length, HEAD, MOST_SENT - HEAD].map((amount) => grouped(say, amount));
    note.textContent = length > MOST_SENT ? say("decoder.shortened", { characters, first, last }) : "";
    read(shortened(box.value));
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(send, PASTE_MS);
  });
  return {
    root: make("div", {}, label, box, note),
    send,
    stop: rest,
    /** @param {boolean} isAlone nothing is beside it, so that it is wide */
    place(isAlone) {
      box.rows = isAlone ? LOW : HIGH;
    },
    /**
     * Replace what was typed only by a text that Python put there.
     *
     * @param {DecoderState} state
     * @param {boolean} isAhead the last request has no answer yet
     */
    show(state, isAhead) {
      box.readOnly = state.isStored === true;
      const isPut = state.textNumber !== shownNumber;
      // A text that was put there behind the back of the last request: its answer is about another.
      if (isPut || (wasPutTooLate && !isAhead && timer == null)) box.value = state.text;
      wasPutTooLate = isAhead && (isPut || wasPutTooLate);
      shownNumber = state.textNumber;
    },
  };
}

/**
 * Create the answer: title, picture, explanation, fixes, and the quoted message.
 *
 * @param {Say} say
 * @param {(name: string, value: unknown) => void} act
 */
function answerPanel(say, act) {
  const verdict = make("h3", { className: "pv-verdict", tabIndex: -1 });
  const title = make("p", { className: "pv-title pv-also" });
  const view = pictureView(say, false);
  const detail = make("p", { className: "pv-also" });
  const sentences = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const quoted = make("details", { className: "pv-says" });
  const open = make("button", { type: "button" });
  const voice = speaker();
  const frame = pictureFrame(view.image);
  let isOpen = false;
  open.addEventListener("click", () => act("open", !isOpen));

  const fixLine = (/** @type {Fix} */ fix) => {
    const text = make("span", { className: "pv-fix", textContent: fix.text });
    return make("li", {}, text, ...(fix.code ? copyable(say, fix.code) : []));
  };

  return {
    parts: [verdict, title, fixes, view.outer, detail, sentences, open, quoted, voice.root],
    /**
     * @param {DecoderState} state
     * @param {DataView | Blob | null} bytes
     */
    async show(state, bytes) {
      view.outer.hidden = state.width === 0;
      if (state.width > 0 && !(await frame.show(bytes, state.seq))) return;
      view.resize(state);
      verdict.textContent = state.verdict;
      verdict.className = `pv-verdict pv-${state.level}`;
      title.textContent = state.title;
      title.hidden = state.title === "";
      detail.textContent = state.detail;
      sentences.replaceChildren(...state.sentences.map((text) => make("li", { textContent: text })));
      fixes.replaceChildren();
      const [one, two, ...rest] = state.fixes.map(fixLine);
      if (one) fixes.append(make("p", { textContent: state.fixesTitle }), make("ul", {}, one, two ?? ""));
      if (rest.length > 0)
        fixes.append(fold(say("explorer.more_fixes", { count: rest.length }), make("ul", {}, ...rest)));
      quoted.hidden = state.quoted === "";
      quoted.replaceChildren(
        make("summary", { textContent: say("decoder.message") }),
        make("pre", { lang: "en", textContent: state.quoted }),
      );
      isOpen = state.isOpen;
      open.hidden = !state.canOpen;
      open.textContent = say(isOpen ? "decoder.close" : "decoder.open");
      voice.say([state.verdict, state.title].join(" "));
    },
    stop() {
      voice.stop();
      frame.close();
    },
  };
}

/** @type {Render<DecoderState>} */
export function render(props) {
  const { model, texts } = props;
  const say = speechOf(texts);
  const problem = problemLine();
  const requests = requestSender(model, () => problem.tell(say("decoder.no_answer")));
  const tools = toolBar(say, (action) => requests.send({ action }));
  const act = (/** @type {string} */ name, /** @type {unknown} */ value) => requests.send({ action: { name, value } });
  const box = pasteBox(say, (text) => act("read", { text, shape: form.root.hidden ? "" : form.field.value }));
  const form = textForm(say("decoder.shape"), say("use"), () => box.send());
  const explain = make("button", { type: "button", textContent: say("decoder.explain") });
  explain.addEventListener("click", () => box.send());
  const answer = answerPanel(say, act);
  const top = make("div", { className: "pv-top" }, explain, form.root, tools.root);
  const side = make("div", { className: "pv-side" }, box.root, top, problem.root);
  const told = make("div", { className: "pv-show" }, ...answer.parts);
  const root = make("div", { className: "poolviz pv-decoder pv-body" }, side, told);

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    requests.answered();
    problem.tell(state.problem);
    tools.show(state);
    box.show(state, requests.isAhead(state));
    explain.hidden = state.isStored === true;
    form.root.hidden = !state.asksShape || state.isStored === true;
    form.show(state.shape, state.problem !== "");
    told.hidden = state.verdict === ""; // then the box has the whole width
    box.place(told.hidden);
    await answer.show(state, model.get("picture"));
  };
  tools.listen(root);
  return mount(props, root, update, requests.stop, box.stop, answer.stop);
}
