-- bare, first callback ----------------------------------------------------------------------

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "1", "1"

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `row_version` <=> ?
  and cast(`row_version` as char) <=> ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- bare, later callback ----------------------------------------------------------------------

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "1", "1"

set transaction read write;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- with everything, first callback -----------------------------------------------------------

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       (`gateway_txn` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`gateway_txn` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_same_payment,
       cast(`amount` as char) as claim_actual_0,
       (`amount` <=> cast(? as decimal(65, 30))) as claim_matches_0,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "p-1", "p-1", "42.00", "1", "1"

start transaction;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6),
    `gateway_txn` = ?,
    `note` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `row_version` <=> ?
  and cast(`row_version` as char) <=> ?
  and `amount` <=> cast(? as decimal(65, 30));
-- "Y", <token>, "p-1", "paid", "1", "1", "Wait", "Wait", "7", "7", "42.00"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

select `account_id` as `account_id`,
       `amount` as `amount`
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

-- with an effect, later callback ------------------------------------------------------------

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       (`gateway_txn` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`gateway_txn` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_same_payment,
       cast(`amount` as char) as claim_actual_0,
       (`amount` <=> cast(? as decimal(65, 30))) as claim_matches_0,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "p-1", "p-1", "42.00", "1", "1"

set transaction read write;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- with an effect that sends what might end its transaction ----------------------------------

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "1", "1"

start transaction;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `row_version` <=> ?
  and cast(`row_version` as char) <=> ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

savepoint <savepoint>;

release savepoint <savepoint>;

commit;

-- in the caller's transaction ---------------------------------------------------------------

set transaction read write;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `row_version` <=> ?
  and cast(`row_version` as char) <=> ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- without waiting for locks -----------------------------------------------------------------

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "1", "1"

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `row_version` <=> ?
  and cast(`row_version` as char) <=> ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- with the server's own lock wait -----------------------------------------------------------

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
lock in share mode;
-- "1", "1"

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `row_version` <=> ?
  and cast(`row_version` as char) <=> ?;
-- "Y", <token>, "1", "1", "Wait", "Wait", "7", "7"
