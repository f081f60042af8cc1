// The viewer: shows what Python computed, asks for other settings, and draws by itself what moves
// (current window, taps, winner, hover, walk) from a few numbers per axis. No arithmetic of
// pooling shapes here: every size, verdict and fix comes from Python, as text.

function render({ model, el }) {
  const panel = controlPanel(model, () =>
    words.showProblem("Python does not answer: is the kernel running? Windows can still be walked."));
  const windowText = make("p", { className: "pv-window" });
  const words = wordPanel(panel);
  const view = stage(model, {
    window(text) {
      windowText.textContent = text;
      const isListening = view.outer.matches(":focus-within") || walk.root.matches(":focus-within");
      if (text && isListening && !walk.isWalking()) words.speak(text);
    },
    pinned: (isPinned) => words.speak(isPinned ? `pinned: ${windowText.textContent}` : "let go"),
  });
  const walk = player(view, words.speak);
  listenToKeys(view, walk);
  const examples = examplePicker(panel);
  const editor = valueEditor(panel);
  const slices = slicePicker(panel);
  const insight = insightPanel(panel);
  const root = make(
    "div",
    { className: "poolviz" },
    make("div", { className: "pv-top" }, examples.root, editor.root),
    panel.root,
    words.problem,
    words.title,
    words.subtitle,
    view.outer,
    make("div", { className: "pv-under" }, walk.root, slices.root, windowText),
    insight.root,
    keyHelp(),
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
