-- moved -------------------------------------------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "note" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "amount" is cast(? as numeric);
-- "Expired", "too late", "1", "1", "Wait", "Wait", "42.00"

-- moved, with an effect ---------------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Expired", "1", "1", "Wait", "Wait"

commit;

-- claimed, and the result of its effect kept ------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

update "shop"."order"
set "result" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

-- the failure of its effect noted -----------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

rollback;

update "shop"."order"
set "attempts" = coalesce("attempts", 0) + 1,
    "last_error" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Error: not now", "1", "1", "Wait", "Wait"

-- found out by its token: it was claimed ----------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "gateway_txn" = ?,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "amount" is cast(? as numeric);
-- "Y", <token>, "p-1", "1", "1", "Wait", "Wait", "42.00"

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id,
       ("gateway_txn" = ?
  and cast("gateway_txn" as blob) = cast(? as blob)) as claim_same_payment,
       ("claim_token" = ?
  and cast("claim_token" as blob) = cast(? as blob)) as claim_own_token,
       cast(round((julianday("lease_until") - julianday('now')) * 86400000) as integer) as claim_lease_ms,
       cast("result" as text) as claim_result,
       cast("amount" as text) as claim_actual_0,
       ("amount" is cast(? as numeric)) as claim_matches_0
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "p-1", "p-1", <token>, <token>, "42.00", "1", "1"

-- put back after it had failed --------------------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "claimed_at" = null,
    "gateway_txn" = null,
    "lease_until" = null,
    "attempts" = 0,
    "last_error" = null,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Wait", "1", "1", "Y", "Y"

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id,
       cast(round((julianday("lease_until") - julianday('now')) * 86400000) as integer) as claim_lease_ms,
       cast("result" as text) as claim_result
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "claimed_at" = null,
    "gateway_txn" = null,
    "lease_until" = null,
    "attempts" = 0,
    "last_error" = null,
    "result" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Wait", "1", "1", "Failed", "Failed"
