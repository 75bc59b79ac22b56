// Style of the live views' modules. Names that do not exist are found by tsc.

import js from "@eslint/js";

export default [
  js.configs.recommended,
  {
    rules: {
      "no-undef": "off",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-implicit-coercion": "error",
      "no-param-reassign": "error",
      "object-shorthand": "error",
      "prefer-template": "error",
      "no-useless-return": "error",
      complexity: ["error", 20],
      "max-lines": ["error", { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
];
