-- taken, and ended --------------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "gateway_txn" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null,
    "note" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "amount" is cast(? as numeric);
-- "Working", <token>, "p-1", "30000", "paid", "1", "1", "Wait", "Wait", "42.00"

select "account_id" as "account_id",
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

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
-- "Y", "\"done\"", "1", "1", "Working", "Working", <token>, <token>

-- ended with an effect ----------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait"

select "account_id" as "account_id",
       cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

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

-- renewed -----------------------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Working", <token>, "100", "1", "1", "Wait", "Wait"

select cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

update "shop"."order"
set "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "100", "1", "1", "Working", "Working", <token>, <token>

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

-- given back --------------------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait"

select cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "gateway_txn" = null,
    "lease_until" = null,
    "last_error" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Wait", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

-- failed for good ---------------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait"

select cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "lease_until" = null,
    "last_error" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "Failed", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

-- taken over --------------------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "amount" is cast(? as numeric);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait", "42.00"

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id,
       cast(round((julianday("lease_until") - julianday('now')) * 86400000) as integer) as claim_lease_ms,
       cast("result" as text) as claim_result,
       cast("amount" as text) as claim_actual_0,
       ("amount" is cast(? as numeric)) as claim_matches_0
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "42.00", "1", "1"

update "shop"."order"
set "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "lease_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "attempts" = coalesce("attempts", 0) + 1,
    "last_error" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "amount" is cast(? as numeric)
  and "lease_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now');
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working", "42.00"

select cast("attempts" as text) as claim_once__attempts
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

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
-- "Y", "\"done\"", "1", "1", "Working", "Working", <token>, <token>
