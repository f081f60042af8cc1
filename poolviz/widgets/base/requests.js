// Asking Python: every question has a number, and the answer says which one it answers.

const PATIENCE_MS = 8000; // for an answer of the kernel, before the reader is told that none came

/** Half a character (of a text that was cut) would close the way to the kernel: a sign for it. */
const writable = (key, value) =>
  typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\ufffd") : value;

/** Sends questions through the trait "asked"; `silent` is called when no kernel answers. */
function questions(model, silent) {
  let patience = null;
  let waiting = null; // this view's question that Python has not answered yet
  return {
    send(content) {
      waiting = uniqueId("question");
      model.set("asked", { ...JSON.parse(JSON.stringify(content, writable)), n: waiting });
      model.save_changes();
      clearTimeout(patience);
      patience = setTimeout(silent, PATIENCE_MS);
    },
    /** Until it is answered, or another view has asked since, the controls are ahead. Without echo
     * messages a second browser never learns another one's number: only our own one counts. */
    isAhead(state) {
      if (state.answers === waiting || model.get("asked").n !== waiting) waiting = null;
      return waiting !== null;
    },
    answered: () => clearTimeout(patience),
    stop: () => clearTimeout(patience),
  };
}
