-- one order, claimed with an effect ---------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?,
    "note" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "sent", "1", "1", "Working", "Working", <token>, <token>

select "account_id" as "account_id"
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- one order, whose effect needs the id alone ------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "order_id" as "order_id"
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

update "shop"."order"
set "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "order_id" as "order_id"
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- one order, worked on outside and claimed --------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "account_id" as "account_id"
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

commit;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?,
    "note" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", "\"done\"", "sent", "1", "1", "Working", "Working", <token>, <token>

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "account_id" as "account_id"
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- work, and an effect after it --------------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "account_id" as "account_id"
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

select "account_id" as "account_id"
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "account_id" as "account_id"
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- three orders by one effect ----------------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?,
    "note" = ?
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "sent", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Working", "Working", <token>, <token>

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts,
       "account_id" as "account_id"
from "shop"."order"
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Working", "Working", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- three orders, of which others were faster with one ----------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Working", "Working", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", <token>, <token>

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "2", "2", "Working", "Working", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- left by somebody, and taken over ----------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "last_error" = ?
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- <token>, "30000", "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

update "shop"."order"
set "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- failed, to be tried again -----------------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

rollback;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "lease_until" = null,
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "last_error" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Wait", "5000", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- failed for good ---------------------------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

rollback;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "lease_until" = null,
    "due_at" = null,
    "last_error" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Failed", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- renewed, and given back -------------------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "600", "600", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

update "shop"."order"
set "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds')
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "600", "600", "2", "2", "3", "3", "Working", "Working", <token>, <token>

commit;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "lease_until" = null,
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "attempts" = case when "attempts" > 0 then "attempts" - 1 else 0 end
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Wait", "2", "2", "3", "3", "Working", "Working", <token>, <token>

-- given back, as if they had not been taken -------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- "Working", <token>, "30000", "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "due_at" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

commit;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "lease_until" = null,
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "attempts" = case when "attempts" > 0 then "attempts" - 1 else 0 end
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Wait", "2", "2", "3", "3", "Working", "Working", <token>, <token>

-- left again, by a run that stops -----------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update "shop"."order"
set "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "last_error" = ?
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- <token>, "30000", "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working"

commit;

update "shop"."order"
set "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "due_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "attempts" = case when "attempts" > 0 then "attempts" - 1 else 0 end
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "1", "1", "Working", "Working", <token>, <token>

-- nothing is due, and a loop looks ----------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

-- counted for progress ----------------------------------------------------------------------

select count(*) as claim_once__found
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
-- "Wait", "Wait", "Working", "Working"

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 10;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))
order by "due_at"
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

select count(*) as claim_once__found
from "shop"."order"
where "due_at" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now'));
-- "Wait", "Wait", "Working", "Working"

-- no column that says when ------------------------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
limit 5;
-- "Working", "Working", "Working", "Working"

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "order_id"
limit 5;
-- "Working", "Working", "Wait", "Wait"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Working", <token>, "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "result" = ?
where ("order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?
   or "order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Working", "Working", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
limit 5;
-- "Working", "Working", "Working", "Working"

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("order_id" > ?)
order by "order_id"
limit 5;
-- "Working", "Working", "Wait", "Wait", "3"

rollback;

-- no column that says when; left by somebody ------------------------------------------------

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
limit 10;
-- "Working", "Working", "Working", "Working"

update "shop"."order"
set "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "last_error" = ?
where ("order_id" = ?
  and cast("order_id" as text) = ?)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working"

commit;

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "lease_until" = null,
    "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

update "shop"."order"
set "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

begin immediate;

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
limit 10;
-- "Working", "Working", "Working", "Working"

select cast("order_id" as text) as claim_once__id_0,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as claim_once__leased,
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "order_id"
limit 10;
-- "Working", "Working", "Wait", "Wait"

rollback;
