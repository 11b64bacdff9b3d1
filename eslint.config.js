import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

// Every exception gives its reason: `eslint-disable… <rule> -- <reason>`. This refuses one without.
const reasons = {
  rules: {
    'disable-needs-reason': {
      create: (context) => ({
        Program() {
          for (const comment of context.sourceCode.getAllComments()) {
            if (/^\s*eslint-disable/.test(comment.value) && !/\s--\s+\S/.test(comment.value)) {
              context.report({ loc: comment.loc, message: 'Say why: eslint-disable… <rule> -- <reason>' })
            }
          }
        },
      }),
    },
  },
}

export default defineConfig(
  { ignores: ['dist/', 'coverage/', '.cache/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { reasons },
    languageOptions: { parserOptions: { project: 'scripts/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'reasons/disable-needs-reason': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      // A switch over a closed union names every member, also where a `default` proves with `never` that none is left.
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: false }],

      // `while (true)` with a return inside is how a retry loop reads best.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Numbers in messages are wanted; objects, undefined and the rest stay forbidden.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => connection.destroy()` needs no braces.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `_name` is a parameter that the shape of a function demands and this one does not use.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // Off: an adapter's methods return promises also where the driver (SQLite) answers at once, and `async` makes
      // what it throws a rejection.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      // What happens is told through results, errors and `onEvent`; a library does not print.
      'no-console': 'error',
      // '' and 0 are an id, an amount, a status like any other: ask for what is meant.
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowString: false, allowNumber: false, allowNullableBoolean: true },
      ],
    },
  },
  {
    files: ['src/**/check-*.ts', 'src/bind.ts', 'src/pool/bind-draw.ts', 'src/pending.ts', 'src/adapters/kysely.ts'],
    rules: {
      // Off: they check what callers without types pass, whatever the types say.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-conversion': 'off',
    },
  },
  {
    files: ['src/adapters/mysql2*.ts', 'src/adapters/kysely.ts'],
    rules: {
      // Off: what the driver reports is passed on as it is.
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      // Off: mysql2's methods are taken off the connection to be laid over, and called with `call`.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Off: fixtures are objects of closures, and tests take apart what they use of them.
      '@typescript-eslint/unbound-method': 'off',
      // Off: where the value is missing, the test fails on that line, which is what a test is for.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)
