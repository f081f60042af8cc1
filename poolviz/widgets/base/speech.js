// Speech: the browser has no words of its own. All of them come with the widget, in its language.

/** `say(key, fields)`: the text under a key of the catalogue, what stands in braces filled in. */
function speechOf(model) {
  const texts = model.get("texts");
  return (key, fields = {}) => texts[key].replace(/\{(\w+)\}/g, (_, name) => fields[name]);
}

/** A whole number as Python writes it. */
const grouped = (say, value) =>
  (value < 10_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, say("number.thousands")));
