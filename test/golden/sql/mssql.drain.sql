-- one order, claimed with an effect ---------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

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
    [due_at] = null,
    [result] = @2,
    [note] = @3
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [claim_token] = cast(@6 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @6
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@6);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", null, "sent", "1", "Working", <token>

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


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- one order, whose effect needs the id alone ------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [order_id] as [order_id]
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [order_id] as [order_id]
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- one order, worked on outside and claimed --------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [account_id] as [account_id]
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

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
    [due_at] = null,
    [result] = @2,
    [note] = @3
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [claim_token] = cast(@6 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @6
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@6);
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
-- "Y", "\"done\"", "sent", "1", "Working", <token>


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [account_id] as [account_id]
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- work, and an effect after it --------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [account_id] as [account_id]
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [account_id] as [account_id]
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- three orders by one effect ----------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint)
   or [order_id] = cast(@8 as bigint))
  and [status] = cast(@9 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([status] as nvarchar(64))) = datalength(@9)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "2", "3", "1", "1", "Wait"

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
    [due_at] = null,
    [result] = @2,
    [note] = @3
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint)
   or [order_id] = cast(@8 as bigint))
  and [status] = cast(@9 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([status] as nvarchar(64))) = datalength(@9)
  and [claim_token] = cast(@10 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @10
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@10);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", null, "sent", "1", "2", "3", "1", "1", "Working", <token>

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts,
       [account_id] as [account_id]
from [shop].[order] with (updlock, rowlock)
where ([order_id] = cast(@2 as bigint)
   or [order_id] = cast(@3 as bigint)
   or [order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint))
  and [claim_token] = cast(@7 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @7
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@7);
-- "Working", "1", "2", "3", "1", "1", <token>

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

commit transaction;


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- three orders, of which others were faster with one ----------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint)
   or [order_id] = cast(@8 as bigint))
  and [status] = cast(@9 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([status] as nvarchar(64))) = datalength(@9)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "2", "3", "1", "1", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, rowlock)
where ([order_id] = cast(@2 as bigint)
   or [order_id] = cast(@3 as bigint)
   or [order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint))
  and [claim_token] = cast(@7 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @7
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@7);
-- "Working", "1", "2", "3", "1", "1", <token>

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where ([order_id] = cast(@3 as bigint)
   or [order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [claim_token] = cast(@6 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @6
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@6);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", null, "1", "2", "Working", <token>

commit transaction;


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- left by somebody, and taken over ----------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [claim_token] = @1,
    [lease_until] = dateadd(millisecond, cast(@2 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@2 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [last_error] = @3
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [lease_until] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "Working"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- failed, to be tried again -----------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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

rollback transaction;

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
    [due_at] = dateadd(millisecond, cast(@2 as int), sysutcdatetime()),
    [last_error] = @3
output inserted.[status] into @claimed
where [order_id] = cast(@4 as bigint)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [claim_token] = cast(@6 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @6
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@6);
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
-- "Wait", "5000", "Error: not now", "1", "Working", <token>


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- failed for good ---------------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "Wait"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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

rollback transaction;

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
    [due_at] = null,
    [last_error] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- renewed, and given back -------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint)
   or [order_id] = cast(@8 as bigint))
  and [status] = cast(@9 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([status] as nvarchar(64))) = datalength(@9)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "600", "1", "2", "3", "1", "1", "Wait"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[order]
set [lease_until] = dateadd(millisecond, cast(@1 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@1 as int), sysutcdatetime())
output inserted.[status] into @claimed
where ([order_id] = cast(@2 as bigint)
   or [order_id] = cast(@3 as bigint))
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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
-- "600", "2", "3", "Working", <token>

rollback transaction;

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
    [due_at] = sysutcdatetime(),
    [attempts] = case when [attempts] > 0 then [attempts] - 1 else 0 end
output inserted.[status] into @claimed
where ([order_id] = cast(@2 as bigint)
   or [order_id] = cast(@3 as bigint))
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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
-- "Wait", "2", "3", "Working", <token>

-- given back, as if they had not been taken -------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [status] = @1,
    [claim_token] = @2,
    [lease_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [result] = null
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint)
   or [order_id] = cast(@8 as bigint))
  and [status] = cast(@9 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([status] as nvarchar(64))) = datalength(@9)
  and [due_at] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "2", "3", "1", "1", "Wait"

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
    [due_at] = null,
    [result] = @2
output inserted.[status] into @claimed
where [order_id] = cast(@3 as bigint)
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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
    [due_at] = sysutcdatetime(),
    [attempts] = case when [attempts] > 0 then [attempts] - 1 else 0 end
output inserted.[status] into @claimed
where ([order_id] = cast(@2 as bigint)
   or [order_id] = cast(@3 as bigint))
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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
-- "Wait", "2", "3", "Working", <token>

-- left again, by a run that stops -----------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[order]
set [claim_token] = @1,
    [lease_until] = dateadd(millisecond, cast(@2 as int), sysutcdatetime()),
    [due_at] = dateadd(millisecond, cast(@2 as int), sysutcdatetime()),
    [attempts] = coalesce([attempts], 0) + 1,
    [last_error] = @3
output inserted.[status] into @claimed
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [lease_until] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "Working"

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
set [claim_token] = null,
    [lease_until] = sysutcdatetime(),
    [due_at] = sysutcdatetime(),
    [attempts] = case when [attempts] > 0 then [attempts] - 1 else 0 end
output inserted.[status] into @claimed
where ([order_id] = cast(@1 as bigint))
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [claim_token] = cast(@3 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @3
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@3);
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
-- "1", "Working", <token>

-- nothing is due, and a loop looks ----------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

-- counted for progress ----------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select count(*) as claim_once__found
from [shop].[order] with (readcommittedlock, rowlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
   or [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [lease_until] <= sysutcdatetime());
-- "Wait", "Working"


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
   or [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime())
order by [due_at];
-- "Working", "Wait"

rollback transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select count(*) as claim_once__found
from [shop].[order] with (readcommittedlock, rowlock)
where [due_at] <= sysutcdatetime()
  and ([status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
   or [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [lease_until] <= sysutcdatetime());
-- "Wait", "Working"

-- no column that says when ------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (5) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime();
-- "Working"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (5) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
order by [order_id];
-- "Working", "Wait"

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
where ([order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint)
   or [order_id] = cast(@8 as bigint))
  and [status] = cast(@9 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([status] as nvarchar(64))) = datalength(@9);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Working", <token>, "30000", "1", "2", "3", "1", "1", "Wait"

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
where ([order_id] = cast(@3 as bigint)
   or [order_id] = cast(@4 as bigint)
   or [order_id] = cast(@5 as bigint)
   or [order_id] = cast(@6 as bigint)
   or [order_id] = cast(@7 as bigint))
  and [status] = cast(@8 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @8
  and datalength(cast([status] as nvarchar(64))) = datalength(@8)
  and [claim_token] = cast(@9 collate Latin1_General_CI_AS as char(36))
  and rtrim(cast([claim_token] as nvarchar(64))) collate Latin1_General_BIN2 = @9
  and datalength(rtrim(cast([claim_token] as nvarchar(64)))) = datalength(@9);
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Y", null, "1", "2", "3", "1", "1", "Working", <token>

commit transaction;


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (5) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime();
-- "Working"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (5) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and ([order_id] > @3)
order by [order_id];
-- "Working", "Wait", "3"

rollback transaction;

-- no column that says when; left by somebody ------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime();
-- "Working"

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
where ([order_id] = cast(@4 as bigint))
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [lease_until] <= sysutcdatetime();
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- <token>, "30000", "The lease before ran out, and nobody had ended it.", "1", "Working"

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
  and [status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
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


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([status] as nvarchar(64))) = datalength(@1)
  and [lease_until] <= sysutcdatetime();
-- "Working"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (10) cast([order_id] as varchar(20)) as claim_once__id_0,
       case when [status] = cast(@1 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @1
           and datalength(cast([status] as nvarchar(64))) = datalength(@1) then 1 else 0 end as claim_once__leased,
       cast([attempts] as varchar(20)) as claim_once__attempts
from [shop].[order] with (updlock, readpast, rowlock, readcommittedlock)
where [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
order by [order_id];
-- "Working", "Wait"

rollback transaction;
