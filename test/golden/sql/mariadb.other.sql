-- moved -------------------------------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `note` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `amount` <=> cast(? as decimal(65, 30));
-- "Expired", "too late", "1", "1", "Wait", "Wait", "42.00"

-- moved, with an effect ---------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Expired", "1", "1", "Wait", "Wait"

commit;

-- claimed, and the result of its effect kept ------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6),
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

update `shop`.`order`
set `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

-- the failure of its effect noted -----------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6),
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

rollback;

set statement innodb_lock_wait_timeout = 0 for
update `shop`.`order`
set `attempts` = coalesce(`attempts`, 0) + 1,
    `last_error` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Error: not now", "1", "1", "Wait", "Wait"

-- found out by its token: it was claimed ----------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6),
    `gateway_txn` = ?,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `amount` <=> cast(? as decimal(65, 30));
-- "Y", <token>, "p-1", "1", "1", "Wait", "Wait", "42.00"

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       (`gateway_txn` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`gateway_txn` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_same_payment,
       (`claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_own_token,
       timestampdiff(microsecond, utc_timestamp(6), `lease_until`) div 1000 as claim_lease_ms,
       cast(`result` as char) as claim_result,
       cast(`amount` as char) as claim_actual_0,
       (`amount` <=> cast(? as decimal(65, 30))) as claim_matches_0,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "p-1", "p-1", <token>, <token>, "42.00", "1", "1"

-- put back after it had failed --------------------------------------------------------------

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `claimed_at` = null,
    `gateway_txn` = null,
    `lease_until` = null,
    `attempts` = 0,
    `last_error` = null,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "1", "1", "Y", "Y"

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       timestampdiff(microsecond, utc_timestamp(6), `lease_until`) div 1000 as claim_lease_ms,
       cast(`result` as char) as claim_result,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "1", "1"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `claimed_at` = null,
    `gateway_txn` = null,
    `lease_until` = null,
    `attempts` = 0,
    `last_error` = null,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "1", "1", "Failed", "Failed"
