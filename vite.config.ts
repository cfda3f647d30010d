/** The page of `barwright serve`: src/web/page -> dist/web/assets, self-contained, for a strict Content-Security-Policy. */
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/web/page',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../../dist/web/assets',
    assetsDir: '',
    emptyOutDir: true,
    target: 'es2022',
    // A data: URL or an inline script is what the policy of the server forbids.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The licences of what is bundled travel with it.
    license: { fileName: 'licenses.md' },
  },
});
