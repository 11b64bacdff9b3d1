/* A property. Where it is broken, the counterexample ends with its name. */
#define HOLDS(property, condition) \
  if \
  :: condition \
  :: else -> printf("broken: "); printf(property); printf("\n"); assert(false) \
  fi
