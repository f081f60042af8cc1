// The paste box: what stands in it goes to Python, the answer comes back as text and a picture.
// What was pasted is never changed, and never becomes part of the page but as text.

const MOST_SENT = 1_000_000; // characters: more would close the connection to the kernel
const HEAD = 200_000; // of a longer text, the beginning and the end are sent
const PASTE_MS = 500; // after the last key

function shortened(text) {
  if (text.length <= MOST_SENT) return text;
  return `${text.slice(0, HEAD)}\n…\n${text.slice(text.length - (MOST_SENT - HEAD))}`;
}

function pasteBox(say, read) {
  const id = uniqueId("paste");
  const box = make("textarea", { id, rows: 8, spellcheck: false, className: "pv-paste" });
  const label = make("label", { htmlFor: id, textContent: say("decoder.paste") });
  const cut = make("p", { className: "pv-also" });
  let timer = null;
  let shownNumber = null;
  const send = () => {
    clearTimeout(timer);
    const [characters, first, last] = [box.value.length, HEAD, MOST_SENT - HEAD].map((amount) => grouped(say, amount));
    cut.textContent = box.value.length > MOST_SENT ? say("decoder.shortened", { characters, first, last }) : "";
    read(shortened(box.value));
  };
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(send, PASTE_MS);
  });
  return {
    root: make("div", {}, label, box, cut),
    send,
    stop: () => clearTimeout(timer),
    /** Only a text that Python put there replaces what was typed. */
    show(state) {
      box.readOnly = state.isStored === true;
      if (state.textNumber === shownNumber) return;
      shownNumber = state.textNumber;
      box.value = state.text;
    },
  };
}

function answerPanel(say, act) {
  const title = make("h3", { className: "pv-title", tabIndex: -1 });
  const stage = pictureStage(say, false);
  const detail = make("p", { className: "pv-also" });
  const sentences = make("ul", { className: "pv-findings" });
  const fixes = make("div", { className: "pv-fixes" });
  const quoted = make("details", { className: "pv-says" });
  const open = make("button", { type: "button" });
  const voice = speaker();
  const frame = pictureFrame(stage.image);
  let isOpen = false;
  open.addEventListener("click", () => act("open", !isOpen));

  const fixLine = (fix) =>
    make("li", {}, make("span", { className: "pv-fix", textContent: fix.text }), ...(fix.code ? copyable(say, fix.code) : []));

  return {
    parts: [title, stage.outer, detail, sentences, fixes, quoted, open, voice.root],
    async show(state, bytes) {
      stage.outer.hidden = state.width === 0;
      if (state.width > 0 && !(await frame.show(bytes, state.seq))) return;
      stage.resize(state);
      title.textContent = state.title;
      title.className = `pv-title pv-${state.level}`;
      title.hidden = state.title === "";
      detail.textContent = state.detail;
      sentences.replaceChildren(...state.sentences.map((text) => make("li", { textContent: text })));
      fixes.replaceChildren();
      if (state.fixes.length > 0) {
        fixes.append(make("p", { textContent: say("any_works") }), make("ul", {}, ...state.fixes.map(fixLine)));
      }
      quoted.hidden = state.quoted === "";
      quoted.replaceChildren(make("summary", { textContent: say("decoder.message") }), make("pre", { lang: "en", textContent: state.quoted }));
      isOpen = state.isOpen;
      open.hidden = !state.canOpen;
      open.textContent = say(isOpen ? "decoder.close" : "decoder.open");
      voice.say(state.title);
    },
    stop() {
      voice.stop();
      frame.close();
    },
  };
}

function render({ model, el }) {
  const say = speechOf(model);
  const problem = problemLine();
  const asking = questions(model, () => problem.tell(say("decoder.no_answer")));
  const act = (name, value) => asking.send({ action: { name, value } });
  const box = pasteBox(say, (text) => act("read", { text, shape: shape.root.hidden ? "" : shape.field.value }));
  const shape = textForm(say("decoder.shape"), say("use"), () => box.send());
  const explain = make("button", { type: "button", textContent: say("decoder.explain") });
  explain.addEventListener("click", () => box.send());
  const answer = answerPanel(say, act);
  const root = make("div", { className: "poolviz pv-decoder" }, box.root,
    make("div", { className: "pv-top" }, explain, shape.root), problem.root, ...answer.parts);

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    asking.answered();
    problem.tell(state.problem);
    box.show(state);
    explain.hidden = state.isStored === true;
    shape.root.hidden = !state.asksShape || state.isStored === true;
    shape.show(state.shape, state.problem !== "");
    await answer.show(state, model.get("picture"));
  };
  return mount(model, el, root, update, asking.stop, box.stop, answer.stop);
}

export default { render };
