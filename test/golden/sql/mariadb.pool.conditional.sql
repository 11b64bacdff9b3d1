-- one card ----------------------------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = ?,
    `slot` = 1,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

-- one card, with where and read -------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       (`worth` <=> ?
  and cast(`worth` as char) <=> ?) as pool_matches,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction,
       `card_number` as `card_number`
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "10", "10", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       `card_number` as `card_number`
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `worth` <=> ?
  and cast(`worth` as char) <=> ?
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free", "10", "10"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = ?,
    `slot` = 1,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `worth` <=> ?
  and cast(`worth` as char) <=> ?
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "10", "10", "11", "11"

-- one card, reserved ------------------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = ?,
    `slot` = 1,
    `reserved_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Reserved", "anna", "3600000", <token>, "spring", "spring", "Free", "Free", "11", "11"

-- one card, with an effect ------------------------------------------------------------------

set transaction isolation level read committed;

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction,
       `card_number` as `card_number`
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       `card_number` as `card_number`
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = ?,
    `slot` = 1,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

commit;

-- three cards -------------------------------------------------------------------------------

set transaction isolation level read committed;

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 130;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = case when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    end,
    `slot` = case when `card_id` = ?
  and cast(`card_id` as char) = ? then 1
    when `card_id` = ?
  and cast(`card_id` as char) = ? then 2
    when `card_id` = ?
  and cast(`card_id` as char) = ? then 3
    when `card_id` = ?
  and cast(`card_id` as char) = ? then 1
    when `card_id` = ?
  and cast(`card_id` as char) = ? then 1
    end,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "11", "11", "anna", "12", "12", "anna", "13", "13", "anna", "11", "11", "anna", "11", "11", "anna", "11", "11", "12", "12", "13", "13", "11", "11", "11", "11", <token>, "spring", "spring", "Free", "Free", "11", "11", "12", "12", "13", "13", "11", "11", "11", "11"

commit;

-- one card, in the caller's transaction -----------------------------------------------------

set transaction read write;

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = ?,
    `slot` = 1,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

-- the owner has one -------------------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`
for update;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

-- what the owner had reserved is over -------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`
for update;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = null,
    `slot` = null,
    `taken_at` = null,
    `draw_token` = null,
    `reserved_until` = null
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `reserved_until` <= utc_timestamp(6)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Free", "Reserved", "Reserved", "11", "11"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = ?,
    `slot` = 1,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11"

commit;

-- there are none ----------------------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select 1 as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
limit 1;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `reserved_until` <= utc_timestamp(6)
order by `reserved_until`
limit 100;
-- "spring", "spring", "Reserved", "Reserved"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select 1 as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
limit 1;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

-- there are none, but reservations that are over --------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select 1 as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
limit 1;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `reserved_until` <= utc_timestamp(6)
order by `reserved_until`
limit 100;
-- "spring", "spring", "Reserved", "Reserved"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = null,
    `slot` = null,
    `taken_at` = null,
    `draw_token` = null,
    `reserved_until` = null
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `reserved_until` <= utc_timestamp(6)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Free", "Reserved", "Reserved", "11", "11", "12", "12"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 128;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select 1 as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
limit 1;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna"

-- three owners together ---------------------------------------------------------------------

set transaction isolation level read committed;

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id,
       cast(`owner` as char) as pool_owner,
       cast(`slot` as char) as pool_slot,
       (`draw_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`draw_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_own_token,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as pool_is_reserved,
       timestampdiff(microsecond, utc_timestamp(6), `reserved_until`) div 1000 as pool_remaining_ms,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary))
order by `slot`;
-- <token>, <token>, "Reserved", "Reserved", "spring", "spring", "anna", "anna", "berta", "berta", "carl", "carl", "anna", "anna", "anna", "anna"

set statement innodb_lock_wait_timeout = 1 for
select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 133;
-- "spring", "spring", "Free", "Free"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = case when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    when `card_id` = ?
  and cast(`card_id` as char) = ? then ?
    end,
    `slot` = 1,
    `taken_at` = utc_timestamp(6),
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?
   or `card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", "11", "11", "anna", "12", "12", "berta", "13", "13", "carl", "11", "11", "anna", "11", "11", "anna", <token>, "spring", "spring", "Free", "Free", "11", "11", "12", "12", "13", "13", "11", "11", "11", "11"

commit;
