// Makes a component of a script: `node build.mjs ENTRY WIT OUTPUT WORLD`.
import { writeFileSync } from 'node:fs';
import esbuild from 'esbuild';
import qjs from 'componentize-qjs';

const [entry, witPath, output, world] = process.argv.slice(2);
try {
  const bundled = await esbuild.build({
    entryPoints: [entry],
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    // What the host offers is imported by its name in the contract.
    external: ['jackfield:*'],
    write: false,
    logLevel: 'silent',
    legalComments: 'none',
  });
  const { component } = await qjs.componentize({
    witPath,
    jsSource: bundled.outputFiles[0].text,
    world,
    stubWasi: true,
    sync: true,
  });
  writeFileSync(output, component);
} catch (error) {
  for (const { text, location: at } of error.errors ?? []) {
    console.error(at ? `${at.file}:${at.line}:${at.column + 1}: ${text}` : text);
  }
  if (!error.errors) console.error(error.message ?? String(error));
  process.exit(1);
}
