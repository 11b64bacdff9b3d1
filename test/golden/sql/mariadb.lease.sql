-- taken, and ended --------------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `gateway_txn` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null,
    `note` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `amount` <=> cast(? as decimal(65, 30));
-- "Working", <token>, "p-1", "30000", "paid", "1", "1", "Wait", "Wait", "42.00"

select `account_id` as `account_id`,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", "\"done\"", "1", "1", "Working", "Working", <token>, <token>

-- ended with an effect ----------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait"

select `account_id` as `account_id`,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

select `account_id` as `account_id`
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

update `shop`.`order`
set `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

-- renewed -----------------------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Working", <token>, "100", "1", "1", "Wait", "Wait"

select cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6))
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "100", "1", "1", "Working", "Working", <token>, <token>

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

-- given back --------------------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait"

select cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `gateway_txn` = null,
    `lease_until` = null,
    `last_error` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

-- failed for good ---------------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait"

select cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `lease_until` = null,
    `last_error` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Failed", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

-- taken over --------------------------------------------------------------------------------

start transaction;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `amount` <=> cast(? as decimal(65, 30));
-- "Working", <token>, "30000", "1", "1", "Wait", "Wait", "42.00"

set statement innodb_lock_wait_timeout = 1 for
select cast(`status` as char) as claim_status,
       cast(`row_version` as char) as claim_version,
       timestampdiff(microsecond, '1970-01-01 00:00:00', `claimed_at`) div 1000 as claim_claimed_at_ms,
       cast(`gateway_txn` as char) as claim_payment_id,
       timestampdiff(microsecond, utc_timestamp(6), `lease_until`) div 1000 as claim_lease_ms,
       cast(`result` as char) as claim_result,
       cast(`amount` as char) as claim_actual_0,
       (`amount` <=> cast(? as decimal(65, 30))) as claim_matches_0,
       @@autocommit as claim_autocommit,
       @@in_transaction as claim_in_transaction
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "42.00", "1", "1"

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `last_error` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `amount` <=> cast(? as decimal(65, 30))
  and `lease_until` <= utc_timestamp(6);
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working", "42.00"

select cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `order_id` = ?
  and cast(`order_id` as char) = ?
for update;
-- "1", "1"

commit;

set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", "\"done\"", "1", "1", "Working", "Working", <token>, <token>
