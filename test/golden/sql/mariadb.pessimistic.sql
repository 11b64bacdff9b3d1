-- bare, first callback ----------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

commit;

-- bare, later callback ----------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

rollback;

-- with everything, first callback -----------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       (`gateway_txn` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`gateway_txn` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_same_payment,
       cast(`amount` as char) as claim_actual_0,
       (`amount` <=> cast(? as decimal(65, 30))) as claim_matches_0,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "p-1", "p-1", "42.00", "1", "1"

set statement innodb_lock_wait_timeout = 1 for
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
  and `amount` <=> cast(? as decimal(65, 30));
-- "Y", <token>, "p-1", "paid", "1", "1", "Wait", "Wait", "42.00"

select `account_id` as `account_id`,
       `amount` as `amount`
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

-- with an effect, later callback ------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       (`gateway_txn` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`gateway_txn` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_same_payment,
       cast(`amount` as char) as claim_actual_0,
       (`amount` <=> cast(? as decimal(65, 30))) as claim_matches_0,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "p-1", "p-1", "42.00", "1", "1"

rollback;

-- with an effect that sends what might end its transaction ----------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

savepoint <savepoint>;

release savepoint <savepoint>;

commit;

-- in the caller's transaction ---------------------------------------------------------------

set transaction read write;

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

-- without waiting for locks -----------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 0 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update nowait;
-- "1", "1"

set statement innodb_lock_wait_timeout = 0 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `claimed_at` = utc_timestamp(6)
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

commit;

-- with the server's own lock wait -----------------------------------------------------------

start transaction;

select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
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
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", <token>, "1", "1", "Wait", "Wait"

commit;
