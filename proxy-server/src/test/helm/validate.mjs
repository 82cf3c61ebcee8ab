// Checks objects of Kubernetes against its API, with kubernetes-models: the values by its validators, and the names of the
// fields by its types, because an API server ignores a field that it does not know.
//   node validate.mjs FOLDER <objects.json     FOLDER has node_modules; one line for each problem
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = resolve(process.argv[2], 'node_modules');
const load = (path) => import(pathToFileURL(resolve(modules, path)));
const typescript = (await load('typescript/lib/typescript.js')).default;

const problems = [];
let source = '';
for (const object of JSON.parse(readFileSync(0, 'utf8'))) {
  const { apiVersion, kind } = object;
  const group = apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  const model = `${group}/${apiVersion}/${kind}`;
  try {
    new (await load(`${model}.js`))[kind](object).validate();
  } catch (problem) {
    problems.push(`${kind} ${object.metadata?.name}: ${problem.message}`);
  }
  source += `{ const object: import(${JSON.stringify(model)}).I${kind} = ${JSON.stringify(object, null, 1)}; void object; }\n`;
}

const file = resolve(modules, '..', 'objects.ts');
const options = { noEmit: true, strict: true, skipLibCheck: true, types: [], module: 99, moduleResolution: 100, target: 99 };
const host = typescript.createCompilerHost(options);
const read = host.getSourceFile;
host.getSourceFile = (name, ...more) =>
  name === file ? typescript.createSourceFile(name, source, options.target) : read.call(host, name, ...more);
const exists = host.fileExists;
host.fileExists = (name) => name === file || exists.call(host, name);
for (const each of typescript.getPreEmitDiagnostics(typescript.createProgram([file], options, host))) {
  problems.push(typescript.flattenDiagnosticMessageText(each.messageText, ' ').slice(0, 400));
}
problems.forEach((each) => console.log(each));
process.exit(problems.length ? 1 : 0);
