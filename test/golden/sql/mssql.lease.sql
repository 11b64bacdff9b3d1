-- taken, and ended --------------------------------------------------------------------------


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
    [gateway_txn] = @3,
    [lease_until] = dateadd(millisecond, cast(@4 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null,
    [note] = @5
output inserted.[status] into @claimed
where [order_id] = cast(@6 as bigint)
  and [status] = cast(@7 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @7
  and datalength(cast([status] as nvarchar(64))) = datalength(@7)
  and ([amount] = cast(@8 as decimal(38, 8))
   or [amount] is null and @8 is null);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "p-1", "30000", "paid", "1", "Wait", "42.00"

set nocount on;
set xact_abort on;
select [account_id] as [account_id],
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

commit transaction;

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
    [claimed_at] = sysutcdatetime(),
    [lease_until] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and [claim_token] = cast(@5 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @5
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@5);
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
-- "Y", "\"done\"", "1", "Working", <token>

-- ended with an effect ----------------------------------------------------------------------


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
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

set nocount on;
set xact_abort on;
select [account_id] as [account_id],
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

commit transaction;


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
    [claimed_at] = sysutcdatetime(),
    [lease_until] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and [claim_token] = cast(@5 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @5
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@5);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", null, "1", "Working", <token>

set nocount on;
set xact_abort on;
select [account_id] as [account_id]
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

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

-- renewed -----------------------------------------------------------------------------------


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
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "100", "1", "Wait"

set nocount on;
set xact_abort on;
select cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

commit transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [lease_until] = dateadd(millisecond, cast(@1 as int), sysutcdatetime())
output inserted.[status] into @claimed
where [order_id] = cast(@2 as bigint)
  and [status] = cast(@3 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([status] as nvarchar(64))) = datalength(@3)
  and [claim_token] = cast(@4 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @4
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@4);
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
-- "100", "1", "Working", <token>

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
    [claimed_at] = sysutcdatetime(),
    [lease_until] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and [claim_token] = cast(@5 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @5
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@5);
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
-- "Y", null, "1", "Working", <token>

-- given back --------------------------------------------------------------------------------


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
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

set nocount on;
set xact_abort on;
select cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

commit transaction;

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
    [gateway_txn] = null,
    [lease_until] = null,
    [last_error] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and [claim_token] = cast(@5 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @5
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@5);
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
-- "Wait", "Error: not now", "1", "Working", <token>

-- failed for good ---------------------------------------------------------------------------


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
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

set nocount on;
set xact_abort on;
select cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

commit transaction;

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
    [lease_until] = null,
    [last_error] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and [claim_token] = cast(@5 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @5
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@5);
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
-- "Failed", "Error: not now", "1", "Working", <token>

-- taken over --------------------------------------------------------------------------------


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
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([amount] = cast(@6 as decimal(38, 8))
   or [amount] is null and @6 is null);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait", "42.00"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([status] as nvarchar(64)) as claim_status,
       cast([row_version] as varbinary(8)) as claim_version,
       datediff_big(millisecond, cast('1970-01-01' as datetime2(7)), [claimed_at]) as claim_claimed_at_ms,
       cast([gateway_txn] as nvarchar(64)) as claim_payment_id,
       datediff_big(millisecond, sysutcdatetime(), [lease_until]) as claim_lease_ms,
       [result] as claim_result,
       cast(cast([amount] as decimal(12, 2)) as varchar(41)) as claim_actual_0,
       case when ([amount] = cast(@1 as decimal(38, 8))
            or [amount] is null and @1 is null) then 1 else 0 end as claim_matches_0,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@2 as bigint);
-- "42.00", "1"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [claim_token] = @1,
    [lease_until] = dateadd(millisecond, cast(@2 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [last_error] = @3
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([amount] = cast(@6 as decimal(38, 8))
   or [amount] is null and @6 is null)
  and [lease_until] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "Working", "42.00"

set nocount on;
set xact_abort on;
select cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where [order_id] = cast(@1 as bigint);
-- "1"

commit transaction;

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
    [claimed_at] = sysutcdatetime(),
    [lease_until] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(64))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
  and [claim_token] = cast(@5 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @5
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@5);
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
-- "Y", "\"done\"", "1", "Working", <token>
