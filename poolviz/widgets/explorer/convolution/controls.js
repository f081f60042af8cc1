// @ts-check
// Controls that only convolutions have.

import { choice, tick } from "../../../browser/elements.js";

/** @import { ConvolutionSettings, Offers, Option, Say, Typed } from "../../../browser/types.js" */
/** @import { Control, NumberControl } from "../controls.js" */
/** @typedef {{ numberControl: NumberControl, changed: () => void }} Maker */

/**
 * Return the choice of the kind of convolution; none on a saved page.
 *
 * @param {Say} say
 * @param {ConvolutionSettings} given
 * @param {Offers | null} offers
 * @param {() => void} changed
 * @returns {Control[]}
 */
export function kindControl(say, given, offers, changed) {
  if (offers != null) return [];
  /** @type {Option[]} */
  const kinds = ["conv", "depthwise", "transposed"].map((kind) => [kind, say(`control.kind.${kind}`)]);
  const write = (/** @type {string} */ kind) => {
    if (kind === "depthwise" || given.kind === "depthwise") Object.assign(given, { out_channels: 1, groups: 1 });
    if (kind !== "transposed") given.output_padding = null;
    given.kind = kind;
  };
  return [choice(say("control.convolution"), kinds, () => given.kind, write, changed)];
}

/**
 * Return the control of one number.
 *
 * @param {Say} say
 * @param {ConvolutionSettings} given
 * @param {"channels" | "out_channels" | "groups"} name
 * @param {string} label
 * @param {Maker} maker
 */
function number(say, given, name, label, { numberControl, changed }) {
  const write = (/** @type {Typed} */ value) => {
    given[name] = value;
  };
  return numberControl(say, name, label, () => given[name], write, changed);
}

/**
 * Return the control of the channels of the input.
 *
 * @param {Say} say
 * @param {ConvolutionSettings} given
 * @param {Maker} maker
 */
export const channelControl = (say, given, maker) => number(say, given, "channels", say("control.channels"), maker);

/**
 * Return the controls of output channels, groups and output_padding.
 *
 * @param {Say} say
 * @param {ConvolutionSettings} given
 * @param {Maker & { rebuildAndSend: () => void }} maker
 * @returns {Control[]}
 */
export function convolutionControls(say, given, maker) {
  const isDepthwise = given.kind === "depthwise";
  const label = isDepthwise ? "depth_multiplier" : say("control.out_channels");
  const controls = [number(say, given, "out_channels", label, maker)];
  if (!isDepthwise) controls.push(number(say, given, "groups", say("control.groups"), maker));
  if (given.kind !== "transposed") return controls;
  const isGiven = () => given.output_padding != null;
  const write = (/** @type {Typed} */ value) => {
    given.output_padding = (given.output_padding ?? [0]).map(() => value);
  };
  const setGiven = (/** @type {boolean} */ isWanted) => {
    given.output_padding = isWanted ? [0] : null;
  };
  controls.push(tick(say("control.set_output_padding"), isGiven, setGiven, maker.rebuildAndSend));
  if (isGiven()) {
    const read = () => given.output_padding?.[0] ?? 0;
    controls.push(maker.numberControl(say, "output_padding", "output_padding", read, write, maker.changed));
  }
  return controls;
}
