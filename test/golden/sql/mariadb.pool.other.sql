-- confirm -----------------------------------------------------------------------------------

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

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `taken_at` = utc_timestamp(6),
    `reserved_until` = null,
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `reserved_until` > utc_timestamp(6)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", <token>, "spring", "spring", "anna", "anna", "Reserved", "Reserved", "11", "11"

-- confirm, with an effect -------------------------------------------------------------------

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
update `shop`.`cards`
set `status` = ?,
    `taken_at` = utc_timestamp(6),
    `reserved_until` = null,
    `draw_token` = ?
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `reserved_until` > utc_timestamp(6)
  and (`card_id` = ?
  and cast(`card_id` as char) = ?);
-- "Taken", <token>, "spring", "spring", "anna", "anna", "Reserved", "Reserved", "11", "11"

commit;

-- confirm, too late -------------------------------------------------------------------------

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

-- release -----------------------------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`cards`
set `status` = ?,
    `owner` = null,
    `slot` = null,
    `taken_at` = null,
    `draw_token` = null,
    `reserved_until` = null
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `owner` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`owner` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary));
-- "Free", "spring", "spring", "anna", "anna", "Taken", "Taken", "Reserved", "Reserved"

-- expire ------------------------------------------------------------------------------------

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

-- count -------------------------------------------------------------------------------------

select count(*) as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `worth` <=> ?
  and cast(`worth` as char) <=> ?;
-- "spring", "spring", "Free", "Free", "10", "10"

select count(*) as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `worth` <=> ?
  and cast(`worth` as char) <=> ?;
-- "spring", "spring", "Taken", "Taken", "10", "10"

select count(*) as pool_found
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `worth` <=> ?
  and cast(`worth` as char) <=> ?;
-- "spring", "spring", "Reserved", "Reserved", "10", "10"

-- refill, two pages -------------------------------------------------------------------------

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

select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `card_id`
limit 1000;
-- "spring", "spring", "Free", "Free"

select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `card_id` > ?
order by `card_id`
limit 1000;
-- "spring", "spring", "Free", "Free", "1010"

select cast(`card_id` as char) as pool_id
from `shop`.`cards`
where `campaign` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`campaign` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `card_id` > ?
order by `card_id`
limit 1000;
-- "spring", "spring", "Free", "Free", "1010"
