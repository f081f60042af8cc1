// Keys: what each one does on the picture, and the list of them that a reader can open.

const KEYS = ["arrows", "ends", "pages", "side", "pin", "free", "walk", "speed"];

function keyHelp(say) {
  const rows = KEYS.map((key) => make("tr", {}, make("th", { scope: "row", textContent: say(`keys.${key}`) }),
    make("td", { textContent: say(`keys.${key}_do`) })));
  return make("details", { className: "pv-keys" }, make("summary", { textContent: say("keys.title") }),
    make("table", {}, make("tbody", {}, ...rows)));
}

const hasModifier = (event) => event.ctrlKey || event.metaKey || event.altKey;

/** Does what the key is for, and keeps it from the notebook and the page. */
function obeyKeys(element, actionOf) {
  element.addEventListener("keydown", (event) => {
    const action = hasModifier(event) ? null : actionOf(event.key);
    if (!action) return;
    event.preventDefault();
    event.stopPropagation();
    action();
  });
}

function speedKeys(walk) {
  const faster = () => walk.hasten(1), slower = () => walk.hasten(-1);
  return { "+": faster, "=": faster, "-": slower, "−": slower, _: slower };
}

function stageKeys(view, walk) {
  const page = (by) => (view.isStrip() ? view.go(0, 10 * by) : view.go(by, 0));
  return {
    ArrowRight: () => view.go(0, 1),
    ArrowLeft: () => view.go(0, -1),
    ArrowDown: () => view.go(1, 0),
    ArrowUp: () => view.go(-1, 0),
    Home: () => view.go(-Infinity, -Infinity),
    End: () => view.go(Infinity, Infinity),
    PageDown: () => page(1),
    PageUp: () => page(-1),
    Enter: view.togglePin,
    i: view.changeSide,
    " ": walk.toggle,
    ...speedKeys(walk),
  };
}

/** All keys of a viewer: those of the picture, and the speed's on the buttons of the walk too. */
function listenToKeys(view, walk) {
  const onStage = stageKeys(view, walk), onPlayer = speedKeys(walk);
  obeyKeys(view.root, (key) => {
    if (!view.hasOutput()) return null;
    if (key === "Escape") return view.isPinned() ? view.release : null;
    return onStage[key.length === 1 ? key.toLowerCase() : key];
  });
  obeyKeys(walk.root, (key) => onPlayer[key]);
}
