update "shop"."order"
set "status" = ?,
    "row_version" = coalesce("row_version", 0) + 1,
    "claim_token" = null,
    "claimed_at" = null,
    "gateway_txn" = null
where "order_id" = ?
  and cast("order_id" as text) = ?
  and "status" = ?
  and cast("status" as blob) = cast(? as blob);
-- "Wait", "1", "1", "Y", "Y"
