import { defineConfig } from 'vite'

// One script without a module: a site includes it by one tag.
export default defineConfig({
  build: {
    outDir: 'dist/web',
    target: 'es2022',
    lib: { entry: 'src/main.tsx', formats: ['iife'], name: 'jackfieldChat', fileName: () => 'widget.js' },
  },
})
