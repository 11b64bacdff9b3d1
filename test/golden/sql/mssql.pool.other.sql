-- confirm -----------------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([card_id] as varchar(20)) as pool_id,
       cast([owner] as nvarchar(64)) as pool_owner,
       cast([slot] as varchar(20)) as pool_slot,
       case when [draw_token] = cast(@1 collate Latin1_General_CI_AS as char(36))
           and rtrim(cast([draw_token] as nvarchar(64))) collate Latin1_General_BIN2 = @1
           and datalength(rtrim(cast([draw_token] as nvarchar(64)))) = datalength(@1) then 1 else 0 end as pool_own_token,
       case when [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
           and datalength(cast([status] as nvarchar(64))) = datalength(@2) then 1 else 0 end as pool_is_reserved,
       datediff_big(millisecond, sysutcdatetime(), [reserved_until]) as pool_remaining_ms,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[cards] with (updlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[cards]
set [status] = @1,
    [taken_at] = sysutcdatetime(),
    [reserved_until] = null,
    [draw_token] = @2
output inserted.[status] into @claimed
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and [owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [reserved_until] > sysutcdatetime()
  and ([card_id] = cast(@6 as bigint));
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
-- "Taken", <token>, "spring", "anna", "Reserved", "11"

-- confirm, with an effect -------------------------------------------------------------------


select transaction_isolation_level as isolation_level
from sys.dm_exec_sessions
where session_id = @@spid;
set transaction isolation level read committed;
begin transaction;

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([card_id] as varchar(20)) as pool_id,
       cast([owner] as nvarchar(64)) as pool_owner,
       cast([slot] as varchar(20)) as pool_slot,
       case when [draw_token] = cast(@1 collate Latin1_General_CI_AS as char(36))
           and rtrim(cast([draw_token] as nvarchar(64))) collate Latin1_General_BIN2 = @1
           and datalength(rtrim(cast([draw_token] as nvarchar(64)))) = datalength(@1) then 1 else 0 end as pool_own_token,
       case when [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
           and datalength(cast([status] as nvarchar(64))) = datalength(@2) then 1 else 0 end as pool_is_reserved,
       datediff_big(millisecond, sysutcdatetime(), [reserved_until]) as pool_remaining_ms,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only,
       [card_number] as [card_number]
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [taken_at] = sysutcdatetime(),
    [reserved_until] = null,
    [draw_token] = @2
output inserted.[status] into @claimed
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and [owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and [reserved_until] > sysutcdatetime()
  and ([card_id] = cast(@6 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", <token>, "spring", "anna", "Reserved", "11"

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

commit transaction;

-- confirm, too late -------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select cast([card_id] as varchar(20)) as pool_id,
       cast([owner] as nvarchar(64)) as pool_owner,
       cast([slot] as varchar(20)) as pool_slot,
       case when [draw_token] = cast(@1 collate Latin1_General_CI_AS as char(36))
           and rtrim(cast([draw_token] as nvarchar(64))) collate Latin1_General_BIN2 = @1
           and datalength(rtrim(cast([draw_token] as nvarchar(64)))) = datalength(@1) then 1 else 0 end as pool_own_token,
       case when [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
           and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
           and datalength(cast([status] as nvarchar(64))) = datalength(@2) then 1 else 0 end as pool_is_reserved,
       datediff_big(millisecond, sysutcdatetime(), [reserved_until]) as pool_remaining_ms,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[cards] with (updlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

-- release -----------------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[cards]
set [status] = @1,
    [owner] = null,
    [slot] = null,
    [taken_at] = null,
    [draw_token] = null,
    [reserved_until] = null
output inserted.[status] into @claimed
where [campaign] = cast(@2 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@2)
  and [owner] = cast(@3 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([owner] as nvarchar(64))) = datalength(@3)
  and ([status] = cast(@4 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([status] as nvarchar(64))) = datalength(@4)
   or [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5));
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
-- "Free", "spring", "anna", "Taken", "Reserved"

-- expire ------------------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (100) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [reserved_until] <= sysutcdatetime()
order by [reserved_until];
-- "spring", "Reserved"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
set transaction isolation level read committed;
declare @claimed table (status nvarchar(4000));
declare @rows int;
begin try
begin transaction;
update [shop].[cards]
set [status] = @1,
    [owner] = null,
    [slot] = null,
    [taken_at] = null,
    [draw_token] = null,
    [reserved_until] = null
output inserted.[status] into @claimed
where [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [reserved_until] <= sysutcdatetime()
  and ([card_id] = cast(@3 as bigint)
   or [card_id] = cast(@4 as bigint));
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
-- "Free", "Reserved", "11", "12"

-- count -------------------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select count(*) as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and ([worth] = cast(@3 as int)
   or [worth] is null and @3 is null);
-- "spring", "Free", "10"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select count(*) as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and ([worth] = cast(@3 as int)
   or [worth] is null and @3 is null);
-- "spring", "Taken", "10"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select count(*) as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and ([worth] = cast(@3 as int)
   or [worth] is null and @3 is null);
-- "spring", "Reserved", "10"

-- refill, two pages -------------------------------------------------------------------------

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (100) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [reserved_until] <= sysutcdatetime()
order by [reserved_until];
-- "spring", "Reserved"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1000) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
order by [card_id];
-- "spring", "Free"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1000) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [card_id] > cast(@3 as bigint)
order by [card_id];
-- "spring", "Free", "1010"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1000) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and [card_id] > cast(@3 as bigint)
order by [card_id];
-- "spring", "Free", "1010"
