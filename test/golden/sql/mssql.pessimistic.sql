-- bare, first callback ----------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime()
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", <token>, "1", "Wait"

commit transaction;

-- bare, later callback ----------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

rollback transaction;

-- with everything, first callback -----------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when [gateway_txn] = cast(@1 collate Latin1_General_CI_AS as varchar(64))
           and cast([gateway_txn] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([gateway_txn] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_same_payment,
       cast(cast([amount] as decimal(12, 2)) as varchar(41)) as claim_actual_0,
       case when ([amount] = cast(@2 as decimal(38, 8))
            or [amount] is null and @2 is null) then 1 else 0 end as claim_matches_0,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@3 as bigint);
-- "p-1", "42.00", "1"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime(),
    [gateway_txn] = @3,
    [note] = @4
output inserted.[status] into @claimed
where [order_id] = cast(@5 as bigint)
  and [status] = cast(@6 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @6
  and datalength(cast([status] as nvarchar(64))) = datalength(@6)
  and ([amount] = cast(@7 as decimal(38, 8))
   or [amount] is null and @7 is null);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", <token>, "p-1", "paid", "1", "Wait", "42.00"

set nocount on;
set xact_abort on;
select [account_id] as [account_id],
       [amount] as [amount]
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

commit transaction;

-- with an effect, later callback ------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when [gateway_txn] = cast(@1 collate Latin1_General_CI_AS as varchar(64))
           and cast([gateway_txn] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([gateway_txn] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_same_payment,
       cast(cast([amount] as decimal(12, 2)) as varchar(41)) as claim_actual_0,
       case when ([amount] = cast(@2 as decimal(38, 8))
            or [amount] is null and @2 is null) then 1 else 0 end as claim_matches_0,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@3 as bigint);
-- "p-1", "42.00", "1"

rollback transaction;

-- with an effect that sends what might end its transaction ----------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime()
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", <token>, "1", "Wait"

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

commit transaction;

-- in the caller's transaction ---------------------------------------------------------------

select @@trancount as transactions, xact_state() as state;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime()
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", <token>, "1", "Wait"

-- without waiting for locks -----------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 0;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

set lock_timeout 0;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime()
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", <token>, "1", "Wait"

commit transaction;

-- with the server's own lock wait -----------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime()
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", <token>, "1", "Wait"

commit transaction;
