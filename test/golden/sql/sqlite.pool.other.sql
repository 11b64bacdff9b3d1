-- confirm -----------------------------------------------------------------------------------

select cast("card_id" as text) as pool_id,
       cast("owner" as text) as pool_owner,
       cast("slot" as text) as pool_slot,
       ("draw_token" = ?
  and cast("draw_token" as blob) = cast(? as blob)) as pool_own_token,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as pool_is_reserved,
       cast(round((julianday("reserved_until") - julianday('now')) * 86400000) as integer) as pool_remaining_ms
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and ("owner" = ?
  and cast("owner" as blob) = cast(? as blob))
order by "slot";
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

update "shop"."cards"
set "status" = ?,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "reserved_until" = null,
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "owner" = ?
  and cast("owner" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "reserved_until" > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", <token>, "spring", "spring", "anna", "anna", "Reserved", "Reserved", "11", "11"

-- confirm, with an effect -------------------------------------------------------------------

begin immediate;

select cast("card_id" as text) as pool_id,
       cast("owner" as text) as pool_owner,
       cast("slot" as text) as pool_slot,
       ("draw_token" = ?
  and cast("draw_token" as blob) = cast(? as blob)) as pool_own_token,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as pool_is_reserved,
       cast(round((julianday("reserved_until") - julianday('now')) * 86400000) as integer) as pool_remaining_ms,
       "card_number" as "card_number"
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and ("owner" = ?
  and cast("owner" as blob) = cast(? as blob))
order by "slot";
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

update "shop"."cards"
set "status" = ?,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "reserved_until" = null,
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "owner" = ?
  and cast("owner" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "reserved_until" > strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", <token>, "spring", "spring", "anna", "anna", "Reserved", "Reserved", "11", "11"

commit;

-- confirm, too late -------------------------------------------------------------------------

select cast("card_id" as text) as pool_id,
       cast("owner" as text) as pool_owner,
       cast("slot" as text) as pool_slot,
       ("draw_token" = ?
  and cast("draw_token" as blob) = cast(? as blob)) as pool_own_token,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as pool_is_reserved,
       cast(round((julianday("reserved_until") - julianday('now')) * 86400000) as integer) as pool_remaining_ms
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and ("owner" = ?
  and cast("owner" as blob) = cast(? as blob))
order by "slot";
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

-- release -----------------------------------------------------------------------------------

update "shop"."cards"
set "status" = ?,
    "owner" = null,
    "slot" = null,
    "taken_at" = null,
    "draw_token" = null,
    "reserved_until" = null
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "owner" = ?
  and cast("owner" as blob) = cast(? as blob)
  and ("status" = ?
  and cast("status" as blob) = cast(? as blob)
   or "status" = ?
  and cast("status" as blob) = cast(? as blob));
-- "Free", "spring", "spring", "anna", "anna", "Taken", "Taken", "Reserved", "Reserved"

-- expire ------------------------------------------------------------------------------------

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "reserved_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
order by "reserved_until"
limit 100;
-- "spring", "spring", "Reserved", "Reserved"

update "shop"."cards"
set "status" = ?,
    "owner" = null,
    "slot" = null,
    "taken_at" = null,
    "draw_token" = null,
    "reserved_until" = null
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "reserved_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?);
-- "Free", "Reserved", "Reserved", "11", "11", "12", "12"

-- count -------------------------------------------------------------------------------------

select count(*) as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "worth" is ?
  and cast("worth" as text) is ?;
-- "spring", "spring", "Free", "Free", "10", "10"

select count(*) as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "worth" is ?
  and cast("worth" as text) is ?;
-- "spring", "spring", "Taken", "Taken", "10", "10"

select count(*) as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "worth" is ?
  and cast("worth" as text) is ?;
-- "spring", "spring", "Reserved", "Reserved", "10", "10"

-- refill, two pages -------------------------------------------------------------------------

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "reserved_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
order by "reserved_until"
limit 100;
-- "spring", "spring", "Reserved", "Reserved"

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1000;
-- "spring", "spring", "Free", "Free"

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "card_id" > ?
order by "card_id"
limit 1000;
-- "spring", "spring", "Free", "Free", "1010"

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "card_id" > ?
order by "card_id"
limit 1000;
-- "spring", "spring", "Free", "Free", "1010"
