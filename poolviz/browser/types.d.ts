// The wire format: what Python and the JavaScript of the widgets send each other.
// Python writes the states in the `state_of` functions of the widgets; the settings of the
// explorer are written and read in explorer/settings.py.

/** A row and a column, or an index along each axis. */
export type Cell = [row: number, column: number];
/** Left, top, width and height. */
export type Box = [left: number, top: number, width: number, height: number];
/** A value and the text shown for it. */
export type Option = [value: string, text: string];

/** The texts of the browser by their keys, and the name of their "language". */
export type Texts = Record<string, string>;

/** Look up a text of the catalogue and fill in its fields. */
export type Say = (key: string, fields?: Record<string, unknown>) => string;

// --- the model ---------------------------------------------------------------------------------

/** The traits of every widget; `State` is what the widget shows. */
export interface Traits<State = BaseState> {
  state: State;
  picture: DataView | Blob | null;
  asked: Request;
  screen: Screen;
  /** Explorer only. */
  position: Cell;
  position_is_watched: boolean;
  computes_ahead: boolean;
}

/** What Python sends besides its traits. */
export interface AheadMessage {
  /** The answer, in a buffer, to entry `index` of a wish of a view. */
  ahead?: { view: string; wish: number; index: number; context: number };
  /** The number of a request that was taken over: its picture follows when the controls rest. */
  heard?: string;
}

/** The part of anywidget's model that the widgets use. */
export interface Model<State = BaseState> {
  get<Name extends keyof Traits>(name: Name): Traits<State>[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits<State>[Name]): void;
  save_changes(): void;
  on(event: string, listener: (...values: any[]) => void): void;
  off(event: string, listener: (...values: any[]) => void): void;
  /** Missing without a kernel. */
  send?(content: unknown): void;
}

/** The model that holds the code of a kind of widget. */
export interface SharedCode {
  get(name: "packed"): DataView<ArrayBuffer>;
}

/** What loader.js uses of the model of a widget. */
export type LoaderModel = Model & {
  /** A reference to the model with the code; its digest. */
  get(name: "_code" | "_digest"): string;
  /** The code again, for hosts that do not find that model. */
  get(name: "_packed"): DataView<ArrayBuffer> | null;
  /** Python answers by setting "_packed". */
  set(name: "_needs_code", value: boolean): void;
  widget_manager: { get_model(id: string): Promise<SharedCode> };
};

/** What composition.js uses of the model of a composite. */
export interface CompositeModel {
  /** References to the widgets that it is made of. */
  get(name: "children"): string[];
  get(name: "_is_reactive"): boolean;
  get(name: "_reported"): number;
  set(name: "_reported", value: number): void;
  save_changes(): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  widget_manager: {
    get_model(id: string): Promise<object>;
    create_view(model: object, options: object): Promise<{ el: HTMLElement; remove(): void }>;
  };
}

/** The host of anywidget 0.11, which finds other widgets. */
export interface Host {
  getModel(reference: string): Promise<Pick<Model, "on" | "off">>;
  getWidget(reference: string): Promise<{
    render(view: { el: HTMLElement; signal: AbortSignal }): Promise<void>;
  }>;
}

/** The place of a widget in a composite, and what removes it. */
export interface Part {
  place: HTMLElement;
  close(): Promise<unknown>;
}

export interface RenderProps<State = BaseState> {
  model: Model<State>;
  el: HTMLElement;
  texts: Texts;
  /** Where pictures can be painted from plain values. */
  paint?: PaintData;
}

/** Show a widget in `el`; the result removes it. */
export type Render<State = BaseState> = (props: RenderProps<State>) => () => void;

/** Theme, pixel ratio and width of the browser; an empty object is a light theme at full width. */
export interface Screen {
  theme?: "light" | "dark";
  ratio?: number;
  width?: number;
}

/** What the controls send: new settings or an action, with the number of the request. */
export interface Request {
  n?: string;
  settings?: Settings;
  /** The page shows the answer already. */
  shown?: boolean;
  /** How often it was sent before, without an answer. */
  tries?: number;
  action?: Action;
}

/** What a control may request next: the settings after its change, or an action on the present ones. */
export interface Imagined {
  settings: Settings;
  action?: Action;
}

export interface Action {
  name: string;
  value?: unknown;
}

/** Part of every state. */
export interface BaseState {
  /** Counts the states; 0 or absent before the first one. */
  seq: number;
  /** The number of the request that this state answers. */
  answers: string | null;
  /** Why the last request was rejected; empty if it was not. */
  problem: string;
  canUndo?: boolean;
  canRedo?: boolean;
  /** The line of Python that opens what is shown. */
  opens?: string;
  /** True on a saved page, where answers are precomputed. */
  isStored?: boolean;
}

/** Part of every state with one picture. */
export interface PictureState extends BaseState {
  title: string;
  alt: string;
  width: number;
  height: number;
}

export interface Finding {
  severity: string;
  text: string;
}

export interface Fix {
  text: string;
  code: string;
  gives?: string;
  also?: string;
  applies?: boolean;
}

// --- explorer ----------------------------------------------------------------------------------

/** A number, or the text of one that is not a safe integer or not a number. */
export type Typed = number | string;

export interface Settings {
  input_size: Typed[];
  kernel_size: Typed[];
  /** Of adaptive pooling; "global", or missing where the kernel decides. */
  output_size?: Typed[] | "global";
  stride: Typed[] | null;
  padding: string | [Typed, Typed][];
  dilation: Typed[];
  ceil_mode: boolean;
  op: string;
  count_include_pad: boolean | null;
  /** "inf" for ∞, which JSON has not. */
  norm: Typed;
  divisor_override: Typed | null;
  framework: string;
  seed: number;
  values: string | null;
  slice: number;
  show: string[];
  axes: string[];
  convolution?: ConvolutionSettings;
}

/** What only convolutions have. */
export interface ConvolutionSettings {
  kind: string;
  channels: Typed;
  /** The channels that the layer was built for; null for any. */
  built_for: number | null;
  /** Of a depthwise convolution, its depth_multiplier. */
  out_channels: Typed;
  groups: Typed;
  output_padding: Typed[] | null;
  bias: boolean;
  preset: string;
  weight_seed: number;
  weights: string | null;
  in_channel: Typed;
  out_channel: Typed;
}

/** On a saved page: each setting that has a control, with its possible values. */
export type Offers = Record<string, unknown[]>;

/** A task, and what the present setting is worth: shown once it is checked. */
export interface TaskState {
  text: string;
  mark: string;
  score: number;
  feedback: string;
}

export interface ExplorerState extends BaseState {
  task: TaskState | null;
  /** The heading, and what belongs to it. */
  verdict: string;
  because: string;
  title: string;
  subtitle: string;
  level: string;
  alt: string;
  detail: string;
  insights: string[];
  says: string;
  code: string;
  axes: { name: string; formula: string; dilation: string; fails: boolean }[];
  findings: Finding[];
  fixes: Fix[];
  frameworks: { name: string; title: string; version: string; text: string; short: string; outcome: string }[];
  geometry: Geometry;
  settings: Settings;
  valuesText: string | null;
  /** Of the shown channels; null for a pooling layer. */
  weightsText: string | null;
  presets: Option[];
  outChannels: number;
  frameworkNames: Option[];
  layers: Option[];
  examples: Option[];
  offers?: Offers;
  /** Stored answers are valid while this number stays. */
  context: number;
}

export interface Geometry {
  width: number;
  height: number;
  input: Plane;
  output: Plane | null;
  down: Axis;
  across: Axis;
  op: string;
  showsField: boolean;
  /** Left and top of the empty part of the picture right of the input; null where it is used. */
  beside: [left: number, top: number] | null;
  depth: (Axis & { slice: number; output: number | null }) | null;
  values: Values | null;
}

/** A grid of cells in the picture. */
export interface Plane {
  left: number;
  top: number;
  cellWidth: number;
  cellHeight: number;
  rows: number;
  columns: number;
}

/** Window i starts at `first + i * stride` and reads every `dilation`-th of `span` elements. */
export interface Axis {
  name: string;
  size: number;
  first: number;
  stride: number;
  span: number;
  dilation: number;
  /** Number of windows of adaptive or global pooling, which divide the whole axis. */
  parts?: number;
  /** Windows are drawn up to here. */
  end: number;
}

/** Output as text; the winner of each window and the rank of each input, or the divisors. */
export interface Values {
  output: string[][];
  /** What is multiplied, and what is added to the products. */
  given?: string[][];
  weights?: string[][];
  rest?: string[][];
  winners?: number[][];
  ranks?: number[][];
  divisors?: number[][];
}

// --- other widgets -----------------------------------------------------------------------------

export interface SizeMapState extends PictureState {
  plane: Plane;
  here: Cell | null;
  sentences: string[][];
  kinds: string[][];
  x: string;
  y: string;
  axis: string;
  axes: Option[];
  parameters: Option[];
}

export interface ComparisonRow {
  framework: string;
  title: string;
  version: string;
  outcome: string;
  text: string;
  isReference: boolean;
  kind: string;
  why: string;
  code: string;
  same: string;
}

export interface Variant {
  title: string;
  version: string;
  text: string;
  why: string;
}

export interface ComparisonState extends PictureState {
  panels: { box: Box; framework: string }[];
  rows: ComparisonRow[];
  variants: { summary: string; listed: Variant[] };
}

export interface StackRow {
  index: number | null;
  cells: string[];
  note: string;
  fails: boolean;
}

/** A feature map in the picture; `first` to `last` are the layers that produce it. */
export interface NetworkPlace {
  box: Box;
  first: number | null;
  last: number | null;
}

export interface StackState extends PictureState {
  verdict: string;
  level: string;
  input: string;
  framework: string;
  frameworks: Option[];
  dataFormat: string;
  dataFormats: Option[];
  findings: Finding[];
  hasMinimum: boolean;
  fixes: Fix[];
  says: string;
  columns: string[];
  rows: StackRow[];
  detail: string;
  places: NetworkPlace[];
  chosen: number | null;
  chosenLabel: string;
  layerText: string;
  line: string;
  note: string;
  canUndo: boolean;
}

export interface DecoderState extends PictureState {
  verdict: string;
  text: string;
  textNumber: number;
  shape: string;
  asksShape: boolean;
  level: string;
  sentences: string[];
  fixesTitle: string;
  fixes: Fix[];
  quoted: string;
  canOpen: boolean;
  isOpen: boolean;
  detail: string;
}

/** What a student answered: text, chosen options, or cells. */
export type Answer = string | string[] | (number | number[])[];

export interface CardState extends BaseState {
  alt: string;
  width: number;
  height: number;
  id: string;
  key: string;
  kind: string;
  level: number;
  question: string;
  block: string;
  form: string;
  choices: string[];
  wanted: string;
  plane: { left: number; top: number; side: number; rows: number; columns: number; axes: number } | null;
  answer: Answer | null;
  feedback: string;
  mark: string;
  hint: string;
  solution: string;
  place: number;
  of: number;
  solved: number;
}

// --- saved pages -------------------------------------------------------------------------------

/** A table stored column by column: distinct values and the index of each row's value. */
export type Column = [values: unknown[], at?: number[]] | { [name: string]: Column };

export interface Theme {
  page: string;
  text: string;
  muted: string;
  no_value: string;
  error: string;
  ramp: string[];
  [tone: string]: string | string[];
}

/** How a role is painted: colour, shape, line width (0 fills), opacity, inset and dashes. */
export type Style = [colour: string, shape: string, width: number, alpha: number, inset: number, dashes: number[]];

export interface PaintData {
  markStyles: Record<string, Style[]>;
  themes: Record<string, Theme>;
  baseLine: number;
}

export interface Cells {
  rows: number;
  columns: number;
  gap: number;
  /** One character per cell; empty where there are no values. */
  shades: string;
  shadesPerRow: number;
  isFine: boolean;
  numbers: string[] | null;
  font: number;
}

export type LabelData = [
  x: number,
  y: number,
  text: string,
  tone: string,
  size: number,
  align: "left" | "center" | "right",
  bold: number,
  upright: number,
];

/** A picture as plain values: see drawing's `picture_data`. */
export interface PictureData {
  size: [width: number, height: number];
  planes: Box[];
  cells: Cells[];
  marks: [role: string, plane: number, numbers: number[]][];
  symbols: [text: string, size: number, places: number[]] | null;
  arrows: Box[];
  labels: LabelData[];
}

export type Paint = (picture: PictureData, theme: string) => Blob;

/** What a view shows: a drawing for each minimum width, and the state that all of them share. */
export interface Content {
  state: Record<string, unknown>;
  drawn: Record<string, { picture: PictureData | null; state: Record<string, unknown> }>;
}

export interface StoredWidgets {
  kind: "widgets";
  /** Says in an address which page a state is of. */
  id: string;
  /** The version of SCORM that a package requires. */
  scorm?: string;
  paint: PaintData;
  texts: Texts;
  words: { note: string; refusal: string; again: string; otherLink: string };
  /** Number of nodes; a node is what all views show at one time. */
  count: number;
  start: number;
  /** Node → view → action → value as JSON → node. */
  goes: Column;
  views: { kind: string; takesSettings: boolean; table: Column; rows: (number | null)[] | null }[];
}

/** The mark, "✓", "½" or "✗", the feedback, and "hint" if the hint follows. */
export type Verdict = [mark: string, text: string, hint?: string];

export interface AnswerTable {
  form: string;
  /** How a typed answer is read. */
  reading: ReadNumbers & ReadCells & ReadChange;
  empty: Verdict;
  unread: Verdict;
  exact: Record<string, Verdict>;
  // cells
  marked: Verdict;
  pairs: Verdict;
  // numbers, and cells
  right: (number | number[])[];
  tolerance: number;
  joint: string;
  raises: Verdict;
  values: [values: number[], verdict: Verdict][];
  partly: Record<string, Verdict>;
  unknown: Verdict;
  notWhole: Verdict | null;
  /** On a value larger than those that were tried, if larger ones may work. */
  beyond: Verdict | null;
  counts: Verdict[];
  /** On a range, or several answers to choose from. */
  open: Verdict;
  // changes
  oneChange: Verdict;
}

/** How a language writes numbers; a word is at the place of its value. */
export interface Notation {
  words: string[];
  minus: string[];
  /** Words for a product. */
  times: string[];
  noise: string[];
  /** Words before the end of a range, and between or after numbers of which one is right. */
  bounds: string[];
  either: string[];
  decimalComma: boolean;
}

export interface ReadNumbers {
  notation: Notation;
  /** The names of each number. */
  labels: string[][];
  decimals: boolean;
  oneForAll: boolean;
  isSquare: boolean;
  start: number | null;
  /** Whole answers that say "an error", words that do, and words that deny it. */
  raises: string[];
  raiseWords: string[];
  negations: string[];
  none: string[];
}

export interface ReadCells {
  notation: Notation;
  sizes: number[];
  none: string[];
  /** The words for a range: to. */
  range: string[];
  /** The words for rows, and for columns. */
  axes: string[][];
}

export interface ReadChange {
  notation: Notation;
  noise: string[];
  names: Record<string, string[]>;
  old: Record<string, unknown>;
}

export interface ExerciseVariant {
  seed: number;
  state: { choices: string[] } & Record<string, unknown>;
  open: Content;
  over: Content;
  hint: string;
  solution: string;
  answers: AnswerTable;
}

export interface StoredCards {
  kind: "cards";
  id: string;
  scorm?: string;
  paint: PaintData;
  texts: Texts;
  words: { note: string; again: string; otherLink: string };
  start: number;
  views: { kind: string }[];
  /** The line that opens the exercises, before and after its seeds and its place. */
  opens: { start: string; end: string };
  /** Rows of the variants of each exercise. */
  exercises: number[][];
  table: Column;
}

/** The models of a page, and back to what it opened with. */
export interface OfflinePage {
  models: OfflineModel[];
  restart: () => void;
  /** Call a listener with what `resume` takes, as JSON, whenever something else is shown. */
  onMove: (listener: (saved: unknown) => void) => void;
  /** On pages that can be scored: call a listener after every step. */
  follow?: (listener: (progress: Progress, answers: Scored[]) => void) => void;
  /** Continue from what `Progress.saved` was, as JSON; false where some of it is not of this page. */
  resume: (saved: string) => boolean;
}

/** How far somebody is on a page. */
export interface Progress {
  /** From 0 to 1, the best of all tries. */
  score: number;
  isComplete: boolean;
  saved: unknown;
  /** The same without the answers, for platforms that keep little. */
  savedShort: unknown;
}

/** An answer that was judged. */
export interface Scored {
  id: string;
  response: string;
  score: number;
}

export interface OfflineModel extends Model {
  /** Show something else; null shows nothing. */
  display(content: Content | null, tools?: Record<string, unknown>): void;
  /** Say why a request has no answer. */
  refuse(problem: string): void;
}
