// Writes a small copy or two beside each file of the pages: the server hands out what is there. Browsers take
// Brotli by TLS only.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const names = readdirSync('dist/web', { recursive: true }).filter((name) => /\.(js|css|html|svg)$/.test(name))
for (const name of names) {
  const plain = readFileSync(`dist/web/${name}`)
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
  writeFileSync(`dist/web/${name}.br`, brotliCompressSync(plain, { params }))
  writeFileSync(`dist/web/${name}.gz`, gzipSync(plain, { level: 9 }))
}
