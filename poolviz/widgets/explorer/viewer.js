// The viewer: shows what Python computed, asks for other settings, and draws by itself what moves
// (current window, taps, winner, hover, walk) from a few numbers per axis. No arithmetic of
// pooling shapes here: every size, verdict and fix comes from Python, as text.

function render({ model, el }) {
  const say = speechOf(model);
  const panel = controlPanel(say, model, () => words.showProblem(say("explorer.no_answer")));
  const windowText = make("p", { className: "pv-window" });
  const words = wordPanel(say, panel);
  const view = stage(model, say, {
    window(text) {
      windowText.textContent = text;
      const isListening = view.outer.matches(":focus-within") || walk.root.matches(":focus-within");
      if (text && isListening && !walk.isWalking()) words.speak(text);
    },
    pinned: (isPinned) => words.speak(say(isPinned ? "stage.is_pinned" : "stage.is_free", { window: windowText.textContent })),
  });
  const walk = player(say, view, words.speak);
  listenToKeys(view, walk);
  const examples = examplePicker(say, panel);
  const editor = valueEditor(say, panel);
  const slices = slicePicker(say, panel);
  const insight = insightPanel(say, panel);
  const anyInput = make("div", { className: "pv-top" }, examples.root, editor.root);
  const root = make(
    "div",
    { className: "poolviz", lang: say("language") },
    anyInput,
    panel.root,
    words.problem,
    words.title,
    words.subtitle,
    view.outer,
    make("div", { className: "pv-under" }, walk.root, slices.root, windowText),
    insight.root,
    keyHelp(say),
    words.formulas,
    words.findings,
    words.fixes,
    words.code,
    words.says,
    words.frameworks,
    words.status,
  );
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);

  const update = async () => {
    const state = model.get("state");
    if (!state.seq) return;
    words.showProblem(state.problem);
    panel.show(state);
    anyInput.hidden = state.offers !== undefined; // without a kernel there is no other input
    editor.show(state);
    // Shown with a problem too: of two answers in a row the browser may see only the second.
    if (!(await view.show(state, model.get("picture")))) return;
    examples.show(state);
    slices.show(state);
    insight.show(state);
    walk.show(view.hasOutput());
    words.show(state);
  };
  const follow = () => view.moveTo(...model.get("position"));
  model.on("change:state", update);
  model.on("change:position", follow);
  update();
  const forgetScreen = watchScreen(model, root, { drawsForWidth: true });
  return () => {
    model.off("change:state", update);
    model.off("change:position", follow);
    forgetScreen();
    panel.stop();
    walk.stop();
    view.close();
  };
}

export default { render };
