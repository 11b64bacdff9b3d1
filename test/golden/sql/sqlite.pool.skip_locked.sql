-- one card ----------------------------------------------------------------------------------

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = ?,
    "slot" = 1,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

commit;

-- one card, with where and read -------------------------------------------------------------

begin immediate;

select cast("card_id" as text) as pool_id,
       cast("owner" as text) as pool_owner,
       cast("slot" as text) as pool_slot,
       ("draw_token" = ?
  and cast("draw_token" as blob) = cast(? as blob)) as pool_own_token,
       ("status" = ?
  and cast("status" as blob) = cast(? as blob)) as pool_is_reserved,
       cast(round((julianday("reserved_until") - julianday('now')) * 86400000) as integer) as pool_remaining_ms,
       ("worth" is ?
  and cast("worth" as text) is ?) as pool_matches,
       "card_number" as "card_number"
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and ("owner" = ?
  and cast("owner" as blob) = cast(? as blob))
order by "slot";
-- <token>, <token>, "Reserved", "Reserved", "10", "10", "spring", "spring", "anna", "anna"

select cast("card_id" as text) as pool_id,
       "card_number" as "card_number"
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "worth" is ?
  and cast("worth" as text) is ?
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free", "10", "10"

update "shop"."cards"
set "status" = ?,
    "owner" = ?,
    "slot" = 1,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "worth" is ?
  and cast("worth" as text) is ?
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "10", "10", "11", "11"

commit;

-- one card, reserved ------------------------------------------------------------------------

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = ?,
    "slot" = 1,
    "reserved_until" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '+' || (? / 1000.0) || ' seconds'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Reserved", "anna", "3600000", <token>, "spring", "spring", "Free", "Free", "11", "11"

commit;

-- one card, with an effect ------------------------------------------------------------------

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

select cast("card_id" as text) as pool_id,
       "card_number" as "card_number"
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = ?,
    "slot" = 1,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

commit;

-- three cards -------------------------------------------------------------------------------

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 3;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = case when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    end,
    "slot" = case when "card_id" = ?
  and cast("card_id" as text) = ? then 1
    when "card_id" = ?
  and cast("card_id" as text) = ? then 2
    when "card_id" = ?
  and cast("card_id" as text) = ? then 3
    when "card_id" = ?
  and cast("card_id" as text) = ? then 1
    when "card_id" = ?
  and cast("card_id" as text) = ? then 1
    end,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "11", "11", "anna", "12", "12", "anna", "13", "13", "anna", "11", "11", "anna", "11", "11", "anna", "11", "11", "12", "12", "13", "13", "11", "11", "11", "11", <token>, "spring", "spring", "Free", "Free", "11", "11", "12", "12", "13", "13", "11", "11", "11", "11"

commit;

-- one card, in the caller's transaction -----------------------------------------------------

begin;

delete from "shop"."cards" where 0;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = ?,
    "slot" = 1,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

-- the owner has one -------------------------------------------------------------------------

begin immediate;

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

rollback;

-- what the owner had reserved is over -------------------------------------------------------

begin immediate;

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
    "owner" = null,
    "slot" = null,
    "taken_at" = null,
    "draw_token" = null,
    "reserved_until" = null
where "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and "reserved_until" <= strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Free", "Reserved", "Reserved", "11", "11"

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = ?,
    "slot" = 1,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

commit;

-- there are none ----------------------------------------------------------------------------

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

select 1 as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
limit 1;
-- "spring", "spring", "Free", "Free"

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

rollback;

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

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

select 1 as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
limit 1;
-- "spring", "spring", "Free", "Free"

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

rollback;

-- there are none, but reservations that are over --------------------------------------------

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

select 1 as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
limit 1;
-- "spring", "spring", "Free", "Free"

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

rollback;

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

begin immediate;

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

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 1;
-- "spring", "spring", "Free", "Free"

select 1 as pool_found
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
limit 1;
-- "spring", "spring", "Free", "Free"

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

rollback;

-- three owners together ---------------------------------------------------------------------

begin immediate;

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
  and cast("owner" as blob) = cast(? as blob)
   or "owner" = ?
  and cast("owner" as blob) = cast(? as blob)
   or "owner" = ?
  and cast("owner" as blob) = cast(? as blob)
   or "owner" = ?
  and cast("owner" as blob) = cast(? as blob)
   or "owner" = ?
  and cast("owner" as blob) = cast(? as blob))
order by "slot";
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna", "berta", "berta", "carl", "carl", "anna", "anna", "anna", "anna"

select cast("card_id" as text) as pool_id
from "shop"."cards"
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
order by "card_id"
limit 5;
-- "spring", "spring", "Free", "Free"

update "shop"."cards"
set "status" = ?,
    "owner" = case when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    when "card_id" = ?
  and cast("card_id" as text) = ? then ?
    end,
    "slot" = 1,
    "taken_at" = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'),
    "draw_token" = ?
where "campaign" = ?
  and cast("campaign" as blob) = cast(? as blob)
  and "status" = ?
  and cast("status" as blob) = cast(? as blob)
  and ("card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?
   or "card_id" = ?
  and cast("card_id" as text) = ?);
-- "Taken", "11", "11", "anna", "12", "12", "berta", "13", "13", "carl", "11", "11", "anna", "11", "11", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11", "12", "12", "13", "13", "11", "11", "11", "11"

commit;
