/*
 * Work outside the database, under a lease. What is promised of it, and searched for in every state (HOLDS):
 *
 * - the payment outside is made once, and the effect at most once;
 * - every write after the lease was taken is fenced by its token: a worker that has lost it changes nothing;
 * - no lease is taken over before its time, and that is the database's;
 * - no lost order: when a call gets through in the end, the order is claimed, paid for and credited.
 *
 * The order goes from `waiting` to `processing`, with a token and a deadline, and after the work to `claimed`. Who finds the
 * deadline passed takes over. Work is a payment at some other party, which has a set of idempotency keys: paying again
 * under a key it knows changes nothing. The effect credits an account in the transaction that completes the order.
 *
 * - A statement, and the completing transaction with its effect and COMMIT, is one atomic step. It may be one step because
 *   whatever is under way has locked the row, and all others wait for that lock; claim.pml takes it apart.
 * - Time is the ticks that are left until the deadline. `left` is what the row says, `due` what the worker may count on:
 *   LEASE ticks of the database's clock, which runs as slow or as fast as it likes.
 * - A process may die anywhere, and the UPDATE that takes a lease may arrive when nobody waits for it any more.
 *
 * WORKERS calls come at any time, and one more if none has answered that the payment is handled. That last one waits for a
 * live lease to end, and tries again when it has lost its own, as a gateway does that keeps calling.
 */
#ifndef WORKERS
#define WORKERS 3
#endif
#define LAST (WORKERS + 1)
#define LEASE 2

/* What makes the lease wrong in one respect, each by a -D of its name. */
#if defined(COMPLETED_UNFENCED)
#define MAY_COMPLETE true
#elif defined(COMPLETED_BY_STATUS)
#define MAY_COMPLETE (status == processing)
#else
#define MAY_COMPLETE OWN
#endif
#ifdef RENEWED_UNFENCED
#define MAY_RENEW (status == processing)
#else
#define MAY_RENEW OWN
#endif
#ifdef RELEASED_UNFENCED
#define MAY_RELEASE (status == processing)
#else
#define MAY_RELEASE OWN
#endif
#ifdef CLOCK_OF_CLIENT
#define AHEAD (me == 1 -> LEASE : 0) /* how far the clock is ahead of the database's */
#else
#define AHEAD 0
#endif
#ifdef NO_DEADLINE
#define EXPIRED false
#else
#define EXPIRED (left <= AHEAD)
#endif
#ifdef KEY_OF_ATTEMPT
#define KEY me
#else
#define KEY 0
#endif

mtype = { waiting, processing, claimed };     /* the status */
mtype = { won, duplicate, busy, claim_lost }; /* what a call answers */

mtype status = waiting;
byte token = 0;
byte left = 0;
byte credits = 0;

bool paid[LAST + 1];
byte payments = 0;

/* Known to nobody but the properties. */
byte due = 0;
byte leased = 0; /* to whom, last */
bool handled = false;
byte over = 0;

#define OWN (status == processing && token == me)
#define CAN_BE_TAKEN (status == waiting || (status == processing && EXPIRED))
#define MAY_FAIL (me != LAST)
#define MAY_DIE atomic { MAY_FAIL -> printf("call %d: dies\n", me); goto done }

#include "holds.pml"

inline answer(what) {
  printf("call %d: answers %e\n", me, what);
  if
  :: what == won || what == duplicate ->
    handled = true;
    HOLDS("what is answered as handled is done", status == claimed && credits == 1 && payments == 1)
  :: else
  fi
}

inline take_lease() {
  printf("call %d: takes the lease\n", me);
  HOLDS("no lease is taken over before its time", due == 0);
  status = processing; token = me; left = LEASE + AHEAD; due = LEASE; leased = me
}

inline complete() {
  credits++;
  printf("call %d: completes, %d credit(s) in all\n", me, credits);
  HOLDS("at most one effect", credits == 1);
  HOLDS("only the holder of the lease completes", leased == me);
  status = claimed;
  leased = 0; left = 0; due = 0
}

/* The UPDATE that takes the lease, on a connection that nobody listens to any more: it may be granted to nobody. */
proctype late_update(byte me) {
  atomic {
    if
    :: CAN_BE_TAKEN ->
      printf("server: the UPDATE of call %d arrives after all\n", me);
      take_lease()
    :: true
    fi;
    me = 0
  }
}

proctype call(byte me) {
  bool resolving = false;

take:
  atomic {
    if
    :: CAN_BE_TAKEN -> take_lease()
    :: status == claimed -> answer(duplicate); goto done
    :: OWN && !EXPIRED && resolving /* it had been taken */
    :: status == processing && !EXPIRED && !OWN && MAY_FAIL -> answer(busy); goto done
    :: MAY_FAIL && !resolving -> /* the reply is lost, and the process may be */
      printf("call %d: asks for the lease, and the reply is lost\n", me);
      run late_update(me);
      if
      :: MAY_DIE
      :: resolving = true; goto take
      fi
    fi;
    resolving = false
  }
  if
  :: true
  :: MAY_DIE
  :: MAY_FAIL -> goto release /* the work threw */
  fi;
  atomic {
    printf("call %d: pays under key %d\n", me, KEY);
    if
    :: paid[KEY]
    :: else -> paid[KEY] = true; payments++
    fi;
    HOLDS("the payment is made once", payments == 1)
  }
  atomic {
    if
    :: true
    :: MAY_RENEW ->
      printf("call %d: renews the lease\n", me);
      HOLDS("only the holder of the lease renews or releases it", leased == me);
      left = LEASE + AHEAD; due = LEASE
    fi
  }
  if
  :: true
  :: MAY_DIE
  :: MAY_FAIL -> goto release
  fi;

completion:
  atomic {
    if
    :: MAY_COMPLETE -> complete(); answer(won)
    :: else ->
      if
      :: resolving && status == claimed && token == me -> answer(won) /* it had been committed */
      :: else ->
        answer(claim_lost);
        if
        :: me == LAST -> goto take /* the gateway keeps calling */
        :: else
        fi
      fi
    :: MAY_FAIL && !resolving -> /* the reply is lost, and the process may be */
      if
      :: MAY_COMPLETE -> complete()
      :: true
      fi;
      printf("call %d: the reply to its completion is lost\n", me);
      if
      :: MAY_DIE
      :: resolving = true; goto completion
      fi
    fi;
    goto done
  }

release:
  atomic {
    if
    :: MAY_RELEASE ->
      printf("call %d: puts the order back\n", me);
      HOLDS("only the holder of the lease renews or releases it", leased == me);
      status = waiting; token = 0; leased = 0; left = 0; due = 0
    :: else
    fi
  }

done:
  atomic { over++; resolving = false }
}

active proctype clock() {
end:
  do
  :: atomic {
      left > 0 ->
      left--;
      due = (due > 0 -> due - 1 : 0);
      if
      :: left == 0 -> printf("clock: the lease of call %d is over\n", leased)
      :: else
      fi
    }
  od
}

init {
  byte number;
  atomic {
    for (number : 1 .. WORKERS) { run call(number) }
    number = 0
  }
  over == WORKERS;
  if
  :: handled
  :: !handled -> run call(LAST); over == LAST
  fi;
  HOLDS("no lost order", handled && status == claimed && credits == 1 && payments == 1)
}

/* The same for runs that would never end. */
ltl no_lost_order { <> [] (handled && status == claimed && credits == 1 && payments == 1) }
