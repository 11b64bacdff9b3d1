/*
 * The database of claim.pml: a row of orders, an account, and connections to them. `c` is the connection of who acts.
 */
mtype = { waiting, claimed };             /* the status */
mtype = { nothing, update, commit_sent }; /* what was on its way when a connection was lost */

/* What is committed. */
mtype status = waiting;
byte version = 0;
byte token = 0;
byte credits = 0;

/* What is not. The row was written by the connection that holds its lock, if by any. */
byte holder = 0;
bool written = false;
bool credited[CONNECTIONS + 1];

byte losses = 0;

inline claiming_update() {
  if
  :: GUARDED && status != waiting -> rows = 0
  :: strategy == OPTIMISTIC && version != seen -> rows = 0
  :: else -> rows = 1; holder = c; written = true
  fi;
  printf("call %d: UPDATE, %d row(s)\n", CALL_OF(c), rows)
}

inline end_transaction() {
  credited[c] = false;
  if
  :: holder == c -> holder = 0; written = false
  :: else
  fi
}

/* Says OK, whether there was anything to commit or not. */
inline commit() {
  if
  :: written && holder == c ->
    HOLDS("what is answered as not done is never done", told[CALL_OF(c)] == none || told[CALL_OF(c)] == unknown);
    status = claimed;
    if
    :: OURS -> version++; token = CALL_OF(c)
    :: else
    fi
  :: else
  fi;
  credits = credits + credited[c];
  printf("call %d: COMMIT, %d credit(s) in all\n", CALL_OF(c), credits);
  HOLDS("at most one effect", credits <= 1);
  end_transaction()
}

/* What the server does of a connection that nobody listens to any more: it may be slow to notice. */
proctype aftermath(byte c; byte strategy; byte seen; byte sent) {
  bit rows;
  atomic {
    if
    :: sent == update && FREE ->
      printf("server: that UPDATE arrives after all\n");
      claiming_update()
#ifdef BARE
      ; commit()
#endif
    :: sent == commit_sent ->
      printf("server: that COMMIT arrives after all\n");
      commit()
    :: true
    fi
  }
  atomic { end_transaction(); c = 0; strategy = 0; seen = 0; sent = 0; rows = 0 }
}

inline lose(what) {
  printf("call %d: its connection is lost (%e)\n", CALL_OF(c), what);
  losses++;
  run aftermath(c, strategy, seen, what)
}
