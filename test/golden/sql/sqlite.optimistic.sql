-- bare, first callback ----------------------------------------------------------------------

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "row_version" is ?
  and cast("row_version" as text) is ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

-- bare, later callback ----------------------------------------------------------------------

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

-- with everything, first callback -----------------------------------------------------------

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
  and "row_version" is ?
  and cast("row_version" as text) is ?
  and "amount" is cast(? as numeric);
-- "Y", <token>, "p-1", "paid", "1", "1", "Wait", "Wait", "7", "7", "42.00"

select "account_id" as "account_id",
       "amount" as "amount"
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

commit;

-- with an effect, later callback ------------------------------------------------------------

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

-- with an effect that sends what might end its transaction ----------------------------------

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

begin immediate;

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "row_version" is ?
  and cast("row_version" as text) is ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

savepoint <savepoint>;

release <savepoint>;

commit;

-- in the caller's transaction ---------------------------------------------------------------

begin;

delete from "shop"."order" where 0;

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "row_version" is ?
  and cast("row_version" as text) is ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

-- without waiting for locks -----------------------------------------------------------------

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "row_version" is ?
  and cast("row_version" as text) is ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

-- with the server's own lock wait -----------------------------------------------------------

select cast("status" as text) as claim_status,
       cast("row_version" as text) as claim_version,
       cast(round((julianday("claimed_at") - 2440587.5) * 86400000) as integer) as claim_claimed_at_ms,
       cast("gateway_txn" as text) as claim_payment_id
from "shop"."order"
where "order_id" = ?
  and cast("order_id" as text) = ?;
-- "1", "1"

update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = ?,
    "claimed_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "row_version" is ?
  and cast("row_version" as text) is ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"
