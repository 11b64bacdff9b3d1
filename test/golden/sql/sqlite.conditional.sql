-- bare, first callback ----------------------------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

-- bare, later callback ----------------------------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

-- with everything, first callback -----------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "gateway_txn" = ?,
    "note" = ?
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "amount" is cast(? as numeric);
-- "Y", <token>, "p-1", "paid", "1", "1", "Wait", "Wait", "42.00"

select "account_id" as "account_id",
       "amount" as "amount"
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

-- with an effect, later callback ------------------------------------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "gateway_txn" = ?
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
       cast("amount" as text) as claim_actual_0,
       ("amount" is cast(? as numeric)) as claim_matches_0
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "p-1", "p-1", "42.00", "1", "1"

rollback;

-- with an effect that sends what might end its transaction ----------------------------------

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

savepoint <savepoint>;

release <savepoint>;

commit;

-- in the caller's transaction ---------------------------------------------------------------

begin;

delete from "shop"."order" where 0;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

-- without waiting for locks -----------------------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"

-- with the server's own lock wait -----------------------------------------------------------

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Y", <token>, "1", "1", "Wait", "Wait"
