// @ts-check
// Controls that only convolutions have.

import { choice, tick } from "../../../browser/elements.js";
import { numberControl } from "../number.js";

/** @import { ConvolutionSettings, Option, Typed } from "../../../browser/types.js" */
/** @import { Control, Form } from "../number.js" */

const given = (/** @type {Form} */ form) => /** @type {ConvolutionSettings} */ (form.settings.convolution);

/**
 * Return the choice of the kind of convolution; none on a saved page.
 *
 * @param {Form} form
 * @returns {Control[]}
 */
export function kindControl(form) {
  const { say } = form;
  if (form.offers != null) return [];
  /** @type {Option[]} */
  const kinds = ["conv", "depthwise", "transposed"].map((kind) => [kind, say(`control.kind.${kind}`)]);
  const write = (/** @type {string} */ kind) => {
    const now = given(form);
    // The same field is depth_multiplier then, so its number would mean something else.
    if (kind === "depthwise" || now.kind === "depthwise") Object.assign(now, { out_channels: 1, groups: 1 });
    if (kind !== "transposed") now.output_padding = null;
    now.kind = kind;
  };
  return [choice(say("control.convolution"), kinds, () => given(form).kind, write, form.rebuilt)];
}

/**
 * Return the control of one number.
 *
 * @param {Form} form
 * @param {"channels" | "out_channels" | "groups"} name
 * @param {string} label
 */
function number(form, name, label) {
  const write = (/** @type {Typed} */ value) => {
    given(form)[name] = value;
  };
  return numberControl(form.say, name, label, () => given(form)[name], write, form.changed);
}

/**
 * Return the control of the channels of the input.
 *
 * @param {Form} form
 */
export const channelControl = (form) => {
  const { say } = form;
  return number(form, "channels", say("control.channels"));
};

/**
 * Return the controls of output channels, groups and output_padding.
 *
 * @param {Form} form
 * @returns {{ counts: Control[], choices: Control[] }}
 */
export function convolutionControls(form) {
  const { say } = form;
  const { kind } = given(form);
  const isDepthwise = kind === "depthwise";
  const counts = [number(form, "out_channels", isDepthwise ? "depth_multiplier" : say("control.out_channels"))];
  if (!isDepthwise) counts.push(number(form, "groups", say("control.groups")));
  if (kind !== "transposed") return { counts, choices: [] };
  const isGiven = () => given(form).output_padding != null;
  const write = (/** @type {Typed} */ value) => {
    given(form).output_padding = (given(form).output_padding ?? [0]).map(() => value);
  };
  const setGiven = (/** @type {boolean} */ isWanted) => {
    given(form).output_padding = isWanted ? [0] : null;
  };
  if (isGiven()) {
    const read = () => given(form).output_padding?.[0] ?? 0;
    counts.push(numberControl(say, "output_padding", "output_padding", read, write, form.changed));
  }
  return { counts, choices: [tick(say("control.set_output_padding"), isGiven, setGiven, form.rebuilt)] };
}
