set statement innodb_lock_wait_timeout = 1 for
update `shop`.`order`
set `status` = ?,
    `row_version` = coalesce(`row_version`, 0) + 1,
    `claim_token` = null,
    `claimed_at` = null,
    `gateway_txn` = null
where `order_id` = ?
  and cast(`order_id` as char) = ?
  and `status` = convert(? using utf8mb4) collate utf8mb4_general_ci
  and cast(convert(`status` using utf8mb4) as binary) = cast(convert(? using utf8mb4) as binary);
-- "Wait", "1", "1", "Y", "Y"
