/*
 * Calls that race for one order. What is promised of them, and searched for in every state (HOLDS):
 *
 * - at most one winner and at most one effect, whatever the strategies, and beside code by hand that keeps the guard;
 * - nothing is answered before it is committed: `won` and `duplicate` mean that claim and effect stand;
 * - what has gone without an answer is resolved, and not guessed: who says that nothing of his claim stands is right;
 * - no lost order: when a call gets through in the end, the order is claimed and its effect is there.
 *
 * What the database is here (claim-database.pml): a row of orders with status, version and token, and an account to credit.
 *
 * - A statement is one atomic step. Between two of them anybody may go ahead, and so may the server.
 * - A write takes the row's lock and keeps it to the end of its transaction. Whoever writes, or reads with a lock, waits
 *   while another connection holds it, and then sees what is committed. A plain read waits for nothing, and sees that too.
 * - What a connection has written and not committed is seen by nobody. COMMIT makes it stand, all at once.
 * - A connection may be lost with a claiming UPDATE or a COMMIT on its way. `aftermath` is what the server does of it:
 *   nothing, or all, at once or later. A process that dies is a lost connection after which nobody asks.
 *
 * The gateway calls CALLS times at once, and once more if nobody has answered that the payment is handled. In that last
 * call nothing goes wrong. Each call picks a strategy, so that all mixtures are tried; -DSTRATEGY=… leaves one.
 * -DBARE: claims without an effect, that commit themselves. What makes a claim wrong is in claim-mutants.pml.
 */
#ifndef CALLS
#define CALLS 2
#endif
#ifndef LOSSES
#define LOSSES 2 /* connections that are lost, in all */
#endif

#define CONDITIONAL 1
#define PESSIMISTIC 2
#define OPTIMISTIC 3
#define BY_HAND 4 /* other code beside ours, that keeps the guard, and knows of no version and no token */
#define NAIVE 5   /* reads `waiting`, and writes without the guard */
#ifdef STRATEGY
#define FIRST STRATEGY
#define FINAL STRATEGY
#endif
#ifndef FIRST
#define FIRST CONDITIONAL
#define FINAL BY_HAND
#endif
#define OURS (strategy < BY_HAND)

#define LAST (CALLS + 1)
#define CONNECTIONS (LAST * (LOSSES + 1))
#define CALL_OF(connection) ((connection - 1) % LAST + 1)

mtype = { none, won, duplicate, not_done, unknown }; /* what a call has answered; `not_done`: busy, or an error that says so */

mtype told[LAST + 1] = none;
byte winners = 0;
bool handled = false;
byte over = 0;

#define FREE (holder == 0 || holder == c)
#define MAY_FAIL (me != LAST)
#define MAY_LOSE (me != LAST && losses < LOSSES)

#include "holds.pml"
#include "claim-mutants.pml"
#include "claim-database.pml"

inline answer(what) {
  printf("call %d: answers %e\n", me, what);
  told[me] = what;
  if
  :: what == won || what == duplicate ->
    handled = true;
    HOLDS("what is answered as handled is committed", status == claimed && EFFECT_STANDS)
  :: else
  fi;
  if
  :: what == won -> winners++; HOLDS("one winner, whose claim it is", winners == 1 && (!OURS || token == me))
  :: what == duplicate -> HOLDS("a duplicate is not the call's own claim", token != me)
  :: else
  fi
}

proctype call(byte me; byte strategy) {
  byte c = me;
  byte seen;
  bit rows;
  bool resolving = false;

look:
  atomic {
    if
    :: strategy == CONDITIONAL || strategy == BY_HAND -> goto claim
    :: strategy == NAIVE
    :: (strategy == OPTIMISTIC || strategy == PESSIMISTIC) && FREE
    :: (strategy == OPTIMISTIC || strategy == PESSIMISTIC) && !FREE && MAY_FAIL -> answer(not_done); goto done
    fi;
    printf("call %d: SELECT, %e\n", me, status);
    if
    :: status == claimed -> answer(duplicate); goto done
    :: status == waiting -> seen = version
    fi;
    if
    :: strategy == PESSIMISTIC -> holder = c
    :: true /* some servers ignore the hint without a word, and take no lock */
    fi
  }

claim:
  atomic {
    if
    :: FREE -> claiming_update()
#ifdef BARE
      ; commit()
#endif
    :: !FREE && MAY_FAIL -> /* the lock was waited for long enough */
      if
      :: resolving -> answer(unknown)
      :: else -> answer(not_done)
      fi;
      goto done
    :: MAY_LOSE -> lose(update); goto lost
    fi
  }
  if
  :: ROW_CHANGED
  :: else -> goto judge
  fi;
#ifdef ANSWERED_EARLY
  atomic { answer(won) }
#endif
#ifndef BARE
  atomic {
    if
    :: credited[c] = true; printf("call %d: credits the account\n", me)
    :: MAY_LOSE -> lose(nothing); answer(not_done); goto done
    fi
  }
  atomic {
    if
    :: commit()
    :: MAY_LOSE -> lose(commit_sent); goto lost
    fi
  }
#endif
#ifdef EFFECT_AFTERWARDS
  credits++;
#endif
  atomic { answer(won); goto done }

judge: /* Zero rows is not "duplicate": the order is read again, with a lock. */
  atomic {
    FREE;
    if
    :: MOVED -> goto look
    :: status == claimed && resolving && OWN_TOKEN -> answer(won)
    :: else -> answer(duplicate)
    fi;
    goto done
  }

lost: /* The claim stands or not, or will yet come to stand. COMMIT is not sent again. */
  atomic {
    if
    :: printf("call %d: dies\n", me); goto done
#ifdef RESOLVED_WRONGLY
    :: c = c + LAST; resolve_wrongly(); goto done
#else
    :: answer(unknown); goto done
    :: OURS ->
      if
      :: true
      :: answer(unknown) /* and resolved later */
      fi;
      printf("call %d: resolves, on a new connection\n", me);
      c = c + LAST; strategy = CONDITIONAL; resolving = true; goto claim
#endif
    fi
  }

done:
  atomic { over++; c = 0; seen = 0; rows = 0; strategy = 0; resolving = false }
}

/* Somebody corrects the address. */
active proctype editor() {
  atomic { holder == 0 -> version++; printf("editor: another version\n") }
}

inline choose() {
  do
  :: strategy < FINAL -> strategy++
  :: break
  od
}

init {
  byte strategy = FIRST;
  byte number;
  atomic {
    for (number : 1 .. CALLS) {
      choose(); /* not below that of the call before: the calls are alike, but for their numbers */
      run call(number, strategy)
    }
    number = 0; strategy = FIRST
  }
  over == CALLS;
  if
  :: handled
  :: !handled -> atomic { choose(); run call(LAST, strategy) }; over == LAST
  fi;
  HOLDS("no lost order", handled && status == claimed && EFFECT_STANDS)
}

/* The same for runs that would never end. */
ltl no_lost_order { <> [] (handled && status == claimed && EFFECT_STANDS) }
