-- three orders, two at a time ---------------------------------------------------------------

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 8;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `due_at` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "2", "2", "3", "3", "Wait", "Wait"

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
for update;
-- "Working", "Working", "2", "2", "3", "3", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `due_at` = null,
    `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", "\"done\"", "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `due_at` = null,
    `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", "\"done\"", "2", "2", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 8;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;
