/*
 * What makes the claim of claim.pml wrong in one respect, each by a -D of its name. Without any, what is right.
 */
#ifdef NO_STATUS_GUARD
#define GUARDED (strategy == BY_HAND)
#else
#define GUARDED (strategy != NAIVE)
#endif

#ifdef ROW_COUNT_IGNORED
#define ROW_CHANGED true
#else
#define ROW_CHANGED (rows == 1)
#endif

#ifdef MOVED_IS_DUPLICATE
#define MOVED false
#else
#define MOVED (status == waiting)
#endif

#ifdef TOKEN_NOT_CHECKED
#define OWN_TOKEN true
#elif defined(TOKEN_CHANGES)
#define OWN_TOKEN false
#else
#define OWN_TOKEN (token == me)
#endif

/* Committed by itself, before the effect. */
#ifdef EFFECT_AFTERWARDS
#define BARE
#endif
#if defined(BARE) && !defined(EFFECT_AFTERWARDS)
#define EFFECT_STANDS true
#else
#define EFFECT_STANDS (credits == 1)
#endif

#if defined(LOST_IS_DUPLICATE) || defined(LOST_IS_BUSY) || defined(COMMIT_SENT_AGAIN) || \
  defined(RESOLVED_BY_PLAIN_READ) || defined(RESOLVED_BY_LOCKING_READ)
#define RESOLVED_WRONGLY
#endif

/* Instead of the guarded UPDATE with its own token, on a new connection. */
inline resolve_wrongly() {
#if defined(LOST_IS_DUPLICATE)
  answer(duplicate)
#elif defined(LOST_IS_BUSY)
  answer(not_done)
#elif defined(COMMIT_SENT_AGAIN)
  if
  :: rows == 1 -> commit(); answer(won)
  :: else -> answer(unknown) /* it was the UPDATE that was lost */
  fi
#else
#ifdef RESOLVED_BY_LOCKING_READ
  FREE;
#endif
  printf("call %d: SELECT, %e\n", me, status);
  if
  :: status == waiting -> answer(not_done)
  :: status == claimed && token == me -> answer(won)
  :: else -> answer(duplicate)
  fi
#endif
}
