// Runs Python code in Pyodide over this repository, and nothing else: every connection is refused.
// node run_in_pyodide.mjs FOLDER-WITH-PYODIDE REPOSITORY CODE
import { Socket } from "node:net";
import { pathToFileURL } from "node:url";

const refuse = () => {
  throw new Error("the network was asked");
};
globalThis.fetch = refuse;
Socket.prototype.connect = refuse;

const [folder, repository, code] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
try {
  const pyodide = await loadPyodide();
  pyodide.FS.mkdir("/repository");
  pyodide.mountNodeFS("/repository", repository);
  pyodide.runPython("import sys; sys.path.insert(0, '/repository')");
  console.log(pyodide.runPython(code));
} catch (error) {
  console.error(error.message); // Node's own report would quote all of Pyodide
  process.exitCode = 1;
}
