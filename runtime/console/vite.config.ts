import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `npm run dev` shows the pages of this folder with the interface of a running server.
export default defineConfig({
  plugins: [react()],
  server: { port: 5173, proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: { outDir: 'dist/web', target: 'es2023', assetsInlineLimit: 0, chunkSizeWarningLimit: 800 },
})
