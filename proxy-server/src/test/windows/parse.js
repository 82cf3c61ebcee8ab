// Prints the lines of PowerShell scripts that do not parse: node parse.js SCRIPT...
const fs = require('fs');
const { createRequire } = require('module');
const modules = createRequire(process.env.UPLIFT_POWERSHELL_PARSER + '/');
const { Parser, Language } = modules('web-tree-sitter');

(async () => {
  await Parser.init();
  const parser = new Parser();
  parser.setLanguage(await Language.load(modules.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm')));
  for (const script of process.argv.slice(2)) {
    const pending = [parser.parse(fs.readFileSync(script, 'utf8')).rootNode];
    while (pending.length > 0) {
      const node = pending.pop();
      if (node.type === 'ERROR' || node.isMissing) {
        console.log(`${script}:${node.startPosition.row + 1}: ${node.text}`);
      }
      pending.push(...node.children.filter((child) => child.hasError || child.isMissing));
    }
  }
})();
