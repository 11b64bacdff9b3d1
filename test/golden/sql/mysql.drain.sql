-- one order, claimed with an effect ---------------------------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `due_at` = null,
    `result` = ?,
    `note` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", null, "sent", "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- one order, whose effect needs the id alone ------------------------------------------------

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `order_id` as `order_id`
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

update `shop`.`order`
set `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `order_id` as `order_id`
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- one order, worked on outside and claimed --------------------------------------------------

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `account_id` as `account_id`
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 1
for update skip locked;
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
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `due_at` = null,
    `result` = ?,
    `note` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", "\"done\"", "sent", "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `account_id` as `account_id`
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 1
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- work, and an effect after it --------------------------------------------------------------

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `account_id` as `account_id`
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 1
for update skip locked;
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
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `account_id` as `account_id`
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6))
order by `due_at`
limit 1
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- three orders by one effect ----------------------------------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `due_at` = null,
    `result` = ?,
    `note` = ?
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", null, "sent", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts,
       `account_id` as `account_id`
from `shop`.`order`
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
for update;
-- "Working", "Working", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", <token>, <token>

commit;

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- three orders, of which others were faster with one ----------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
for update;
-- "Working", "Working", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `due_at` = null,
    `result` = ?
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", null, "1", "1", "2", "2", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- left by somebody, and taken over ----------------------------------------------------------

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update `shop`.`order`
set `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `due_at` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `last_error` = ?
where (`order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6);
-- <token>, "30000", "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

update `shop`.`order`
set `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- failed, to be tried again -----------------------------------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

rollback;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `lease_until` = null,
    `due_at` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `last_error` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "5000", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- failed for good ---------------------------------------------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

rollback;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `lease_until` = null,
    `due_at` = null,
    `last_error` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Failed", "Error: not now", "1", "1", "Working", "Working", <token>, <token>

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

-- renewed, and given back -------------------------------------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "600", "600", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `due_at` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6))
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "600", "600", "2", "2", "3", "3", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `lease_until` = null,
    `due_at` = utc_timestamp(6),
    `attempts` = case when `attempts` > 0 then `attempts` - 1 else 0 end
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "2", "2", "3", "3", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- given back, as if they had not been taken -------------------------------------------------

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
limit 10
for update skip locked;
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
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `due_at` <= utc_timestamp(6);
-- "Working", <token>, "30000", "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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
-- "Y", null, "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `lease_until` = null,
    `due_at` = utc_timestamp(6),
    `attempts` = case when `attempts` > 0 then `attempts` - 1 else 0 end
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "2", "2", "3", "3", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- left again, by a run that stops -----------------------------------------------------------

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

update `shop`.`order`
set `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `due_at` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `last_error` = ?
where (`order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6);
-- <token>, "30000", "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

update `shop`.`order`
set `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `lease_until` = utc_timestamp(6),
    `due_at` = utc_timestamp(6),
    `attempts` = case when `attempts` > 0 then `attempts` - 1 else 0 end
where (`order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- nothing is due, and a loop looks ----------------------------------------------------------

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- counted for progress ----------------------------------------------------------------------

select count(*) as claim_once__found
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6));
-- "Wait", "Wait", "Working", "Working"

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
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

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
limit 1;
-- "Working", "Working", "Wait", "Wait", "Working", "Working"

select count(*) as claim_once__found
from `shop`.`order`
where `due_at` <= utc_timestamp(6)
  and (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
   or `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6));
-- "Wait", "Wait", "Working", "Working"

-- no column that says when ------------------------------------------------------------------

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6)
limit 5
for update skip locked;
-- "Working", "Working", "Working", "Working"

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `order_id`
limit 5
for update skip locked;
-- "Working", "Working", "Wait", "Wait"

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `result` = null
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Working", <token>, "30000", "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Wait", "Wait"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claimed_at` = utc_timestamp(6),
    `lease_until` = null,
    `result` = ?
where (`order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?
   or `order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Y", null, "1", "1", "2", "2", "3", "3", "1", "1", "1", "1", "Working", "Working", <token>, <token>

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6)
limit 5
for update skip locked;
-- "Working", "Working", "Working", "Working"

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and (`order_id` > ?)
order by `order_id`
limit 5
for update skip locked;
-- "Working", "Working", "Wait", "Wait", "3"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;

-- no column that says when; left by somebody ------------------------------------------------

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6)
limit 10
for update skip locked;
-- "Working", "Working", "Working", "Working"

update `shop`.`order`
set `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = ?,
    `lease_until` = timestampadd(microsecond, cast(? as signed) * 1000, utc_timestamp(6)),
    `attempts` = coalesce(`attempts`, 0) + 1,
    `last_error` = ?
where (`order_id` = ?
  and cast(`order_id` as char) = ?)
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6);
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "1", "Working", "Working"

set innodb_lock_wait_timeout = @claim_once_lock_wait;

commit;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

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

set innodb_lock_wait_timeout = @claim_once_lock_wait;

update `shop`.`order`
set `result` = ?
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `claim_token` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`claim_token` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "\"paid\"", "1", "1", <token>, <token>

commit;

set transaction isolation level read committed;

set @claim_once_lock_wait = @@innodb_lock_wait_timeout, innodb_lock_wait_timeout = 1;

start transaction;

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
  and `lease_until` <= utc_timestamp(6)
limit 10
for update skip locked;
-- "Working", "Working", "Working", "Working"

select cast(`order_id` as char) as claim_once__id_0,
       (`status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)) as claim_once__leased,
       cast(`attempts` as char) as claim_once__attempts
from `shop`.`order`
where `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary)
order by `order_id`
limit 10
for update skip locked;
-- "Working", "Working", "Wait", "Wait"

rollback;

set innodb_lock_wait_timeout = @claim_once_lock_wait;
