// Runs Python code in CPython for WASI, over folders of this machine and nothing else.
// node --experimental-wasm-exnref run_in_wasi.mjs PYTHON.wasm CODE GUEST=HOST …
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";

const [python, code, ...folders] = process.argv.slice(2);
const wasi = new WASI({
  version: "preview1",
  args: ["python", "-c", code],
  env: { HOME: "/tmp", TMPDIR: "/tmp", MPLCONFIGDIR: "/tmp" },
  preopens: Object.fromEntries(folders.map((folder) => folder.split("="))),
});
const host = { call: () => 0 }; // functions of the embedder: there are none
const module = await WebAssembly.compile(readFileSync(python));
const { exports } = await WebAssembly.instantiate(module, { ...wasi.getImportObject(), host });
wasi.initialize({ exports: { memory: exports.memory } });
process.exitCode = exports.run();
