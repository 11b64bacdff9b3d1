-- moved -------------------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [status] = @1,
    [note] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and ([amount] = cast(@5 as decimal(38, 8))
   or [amount] is null and @5 is null);
select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
select @rows as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit;
-- "Expired", "too late", "1", "Wait", "42.00"

-- moved, with an effect ---------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1
output inserted.[status] into @claimed
where [order_id] = cast(@2 as bigint)
  and [status] = cast(@3 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([status] as nvarchar(64))) = datalength(@3);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Expired", "1", "Wait"

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

commit transaction;

-- claimed, and the result of its effect kept ------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime(),
    [result] = null
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

set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [result] = @1
output inserted.[status] into @claimed
where [order_id] = cast(@2 as bigint)
  and [claim_token] = cast(@3 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @3
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@3);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "\"paid\"", "1", <token>

commit transaction;

-- the failure of its effect noted -----------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime(),
    [result] = null
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

rollback transaction;

set lock_timeout 0;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [attempts] = coalesce([attempts], 0) + 1,
    [last_error] = @1
output inserted.[status] into @claimed
where [order_id] = cast(@2 as bigint)
  and [status] = cast(@3 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([status] as nvarchar(64))) = datalength(@3);
select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
select @rows as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit;
-- "Error: not now", "1", "Wait"

-- found out by its token: it was claimed ----------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [claimed_at] = sysutcdatetime(),
    [gateway_txn] = @3,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([amount] = cast(@6 as decimal(38, 8))
   or [amount] is null and @6 is null);
select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
select @rows as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit;
-- "Y", <token>, "p-1", "1", "Wait", "42.00"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       case when [gateway_txn] = cast(@1 collate Latin1_General_CI_AS as varchar(64))
           and cast([gateway_txn] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([gateway_txn] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_same_payment,
       case when [claim_token] = cast(@2 collate Latin1_General_CI_AS as char(36))
           and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @2
           and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@2) then 1 else 0 end as claim_own_token,
       datediff_big(millisecond, sysutcdatetime(), [lease_until]) as claim_lease_ms,
       [result] as claim_result,
       cast(cast([amount] as decimal(12, 2)) as varchar(41)) as claim_actual_0,
       case when ([amount] = cast(@3 as decimal(38, 8))
            or [amount] is null and @3 is null) then 1 else 0 end as claim_matches_0,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (readcommittedlock, rowlock)
where [order_id] = cast(@4 as bigint);
-- "p-1", <token>, "42.00", "1"

-- put back after it had failed --------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [status] = @1,
    [claim_token] = null,
    [claimed_at] = null,
    [gateway_txn] = null,
    [lease_until] = null,
    [attempts] = 0,
    [last_error] = null,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@2 as bigint)
  and [status] = cast(@3 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([status] as nvarchar(64))) = datalength(@3);
select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
select @rows as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit;
-- "Wait", "1", "Y"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       datediff_big(millisecond, sysutcdatetime(), [lease_until]) as claim_lease_ms,
       [result] as claim_result,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (readcommittedlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [status] = @1,
    [claim_token] = null,
    [claimed_at] = null,
    [gateway_txn] = null,
    [lease_until] = null,
    [attempts] = 0,
    [last_error] = null,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@2 as bigint)
  and [status] = cast(@3 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([status] as nvarchar(64))) = datalength(@3);
select @rows = count(*) from @claimed;
commit transaction;
end try
begin catch
if @@trancount > 0 rollback transaction;
throw;
end catch;
select @rows as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit;
-- "Wait", "1", "Failed"
