import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import tsdoc from 'eslint-plugin-tsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

/** One program for each world; the order is of no meaning, each file is in one. */
const worlds = [
  './tsconfig.json',
  './tsconfig.core.json',
  './tsconfig.node.json',
  './tsconfig.web.json',
  './tsconfig.service-worker.json',
  './tsconfig.tests.json',
];

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'The core has named exports only: one name, one thing.',
};

export default defineConfig(
  globalIgnores([
    'build/',
    'dist/',
    '.svelte-kit/',
    'coverage/',
    'src/core/generated/',
    // AssemblyScript: its own compiler reads it, with types of its own.
    'src/wasm/',
    'test-vectors/',
    'tests/.artefacts/',
  ]),
  js.configs.recommended,
  {
    files: ['**/*.ts', '**/*.svelte'],
    extends: [...ts.configs.recommendedTypeChecked],
    plugins: { tsdoc },
    languageOptions: {
      parserOptions: {
        project: worlds,
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      'tsdoc/syntax': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      // An async function without await is how an interface of promises is met.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // The compiler knows better.
      'no-undef': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/core/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', noDefaultExport], 'no-console': 'error' },
  },
  {
    files: ['src/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'crypto', property: 'randomUUID', message: 'A page on plain http has none: newId.' },
      ],
    },
  },
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
    languageOptions: {
      parserOptions: { parser: ts.parser, project: worlds, extraFileExtensions: ['.svelte'] },
      globals: globals.browser,
    },
    rules: {
      // Linked pages carry their file ending for the plainest hosts: `pageHref` resolves them.
      'svelte/no-navigation-without-resolve': 'off',
      // Values made and thrown away inside one function need no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
      // `{' '}` keeps a space that the compiler would trim.
      'svelte/no-useless-mustaches': 'off',
      // Properties come in one pattern; where one of them is bound, all of them are `let`.
      'prefer-const': ['error', { destructuring: 'all' }],
      // A component's exported functions are typed by svelte-check; this program sees them as any.
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  { files: ['**/*.mjs', '*.js'], languageOptions: { globals: globals.node } },
  prettier,
  svelte.configs.prettier,
);
