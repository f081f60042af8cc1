// Player: walks through the windows by itself, at the reader's speed.

const STEP_MS = 450; // of one window, at ×1
const SPEEDS = [["0.25", "×¼"], ["0.5", "×½"], ["1", "×1"], ["2", "×2"], ["4", "×4"], ["8", "×8"]];

function player(say, view, speak) {
  let timer = null;
  const sign = make("span", { ariaHidden: "true" }); // a triangle is nothing to read out
  const word = make("span");
  const button = make("button", { type: "button" }, sign, word);
  const speed = make("select", { ariaLabel: say("player.speed") });
  for (const [value, text] of SPEEDS) speed.append(make("option", { value, textContent: text }));
  speed.value = "1";
  const back = make("button", { type: "button", textContent: "◀", ariaLabel: say("player.back") });
  const forth = make("button", { type: "button", textContent: "▶", ariaLabel: say("player.forth") });

  const mark = (isWalking) => {
    sign.textContent = isWalking ? "❚❚ " : "▶ ";
    word.textContent = say(isWalking ? "player.pause" : "player.walk");
    button.setAttribute("aria-pressed", String(isWalking));
  };
  const stop = () => {
    clearTimeout(timer);
    timer = null;
    mark(false);
  };
  const wait = () => {
    timer = setTimeout(walkOn, STEP_MS / Number(speed.value));
  };
  const walkOn = () => {
    if (view.step()) wait();
    else pause();
  };
  /** Where the walk stands is said once it rests: said at every step, it would never be heard. */
  const pause = () => {
    stop();
    view.tell();
  };
  const toggle = () => {
    if (timer) {
      pause();
      return;
    }
    wait(); // first, for the steps of a walk are not spoken one by one
    if (!view.step()) view.moveTo(0, 0);
    mark(true);
  };
  const hasten = (by) => {
    speed.selectedIndex = bounded(speed.selectedIndex + by, SPEEDS.length);
    speak(say("player.speed_now", { speed: SPEEDS[speed.selectedIndex][1] }));
  };
  mark(false);
  button.addEventListener("click", toggle);
  back.addEventListener("click", () => view.step(-1));
  forth.addEventListener("click", () => view.step(1));
  const root = make("div", { className: "pv-player" }, back, button, forth, speed);
  return {
    root,
    stop,
    toggle,
    hasten,
    isWalking: () => timer !== null,
    show(isPossible) {
      root.hidden = !isPossible;
      if (!isPossible) stop();
    },
  };
}
