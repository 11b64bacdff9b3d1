-- one card ----------------------------------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = @2,
    [slot] = 1,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @3
output inserted.[status] into @claimed
where [campaign] = cast(@4 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([card_id] = cast(@6 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "anna", <token>, "spring", "Free", "11"

commit transaction;

-- one card, with where and read -------------------------------------------------------------


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
       case when ([worth] = cast(@3 as int)
            or [worth] is null and @3 is null) then 1 else 0 end as pool_matches,
       case when @@options & 2 = 0 then 1 else 0 end as claim_autocommit,
       @@trancount as claim_in_transaction,
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only,
       [card_number] as [card_number]
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@4 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@4)
  and ([owner] = cast(@5 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([owner] as nvarchar(64))) = datalength(@5))
order by [slot];
-- <token>, "Reserved", "10", "spring", "anna"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1) cast([card_id] as varchar(20)) as pool_id,
       [card_number] as [card_number]
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2)
  and ([worth] = cast(@3 as int)
   or [worth] is null and @3 is null)
order by [card_id];
-- "spring", "Free", "10"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = @2,
    [slot] = 1,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @3
output inserted.[status] into @claimed
where [campaign] = cast(@4 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([worth] = cast(@6 as int)
   or [worth] is null and @6 is null)
  and ([card_id] = cast(@7 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "anna", <token>, "spring", "Free", "10", "11"

commit transaction;

-- one card, reserved ------------------------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = @2,
    [slot] = 1,
    [reserved_until] = dateadd(millisecond, cast(@3 as int), sysutcdatetime()),
    [draw_token] = @4
output inserted.[status] into @claimed
where [campaign] = cast(@5 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@5)
  and [status] = cast(@6 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @6
  and datalength(cast([status] as nvarchar(64))) = datalength(@6)
  and ([card_id] = cast(@7 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Reserved", "anna", "3600000", <token>, "spring", "Free", "11"

commit transaction;

-- one card, with an effect ------------------------------------------------------------------


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
select top (1) cast([card_id] as varchar(20)) as pool_id,
       [card_number] as [card_number]
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = @2,
    [slot] = 1,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @3
output inserted.[status] into @claimed
where [campaign] = cast(@4 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([card_id] = cast(@6 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "anna", <token>, "spring", "Free", "11"

select @@trancount as transactions, xact_state() as state, current_transaction_id() as id;

commit transaction;

-- three cards -------------------------------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (3) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = case when [card_id] = cast(@2 as bigint) then @3
    when [card_id] = cast(@4 as bigint) then @3
    when [card_id] = cast(@5 as bigint) then @3
    when [card_id] = cast(@6 as bigint) then @3
    when [card_id] = cast(@7 as bigint) then @3
    end,
    [slot] = case when [card_id] = cast(@2 as bigint) then 1
    when [card_id] = cast(@4 as bigint) then 2
    when [card_id] = cast(@5 as bigint) then 3
    when [card_id] = cast(@6 as bigint) then 1
    when [card_id] = cast(@7 as bigint) then 1
    end,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @8
output inserted.[status] into @claimed
where [campaign] = cast(@9 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @9
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@9)
  and [status] = cast(@10 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @10
  and datalength(cast([status] as nvarchar(64))) = datalength(@10)
  and ([card_id] = cast(@2 as bigint)
   or [card_id] = cast(@4 as bigint)
   or [card_id] = cast(@5 as bigint)
   or [card_id] = cast(@6 as bigint)
   or [card_id] = cast(@7 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "11", "anna", "12", "13", "11", "11", <token>, "spring", "Free"

commit transaction;

-- one card, in the caller's transaction -----------------------------------------------------

select @@trancount as transactions, xact_state() as state;

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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = @2,
    [slot] = 1,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @3
output inserted.[status] into @claimed
where [campaign] = cast(@4 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([card_id] = cast(@6 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "anna", <token>, "spring", "Free", "11"

-- the owner has one -------------------------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

rollback transaction;

-- what the owner had reserved is over -------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
  and ([card_id] = cast(@3 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Free", "Reserved", "11"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = @2,
    [slot] = 1,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @3
output inserted.[status] into @claimed
where [campaign] = cast(@4 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@4)
  and [status] = cast(@5 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([status] as nvarchar(64))) = datalength(@5)
  and ([card_id] = cast(@6 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "anna", <token>, "spring", "Free", "11"

commit transaction;

-- there are none ----------------------------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
select top (1) 1 as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2);
-- "spring", "Free"

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
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

rollback transaction;

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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
select top (1) 1 as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2);
-- "spring", "Free"

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
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

rollback transaction;

-- there are none, but reservations that are over --------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
select top (1) 1 as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2);
-- "spring", "Free"

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
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

rollback transaction;

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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
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
select top (1) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
select top (1) 1 as pool_found
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@1 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @1
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@1)
  and [status] = cast(@2 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @2
  and datalength(cast([status] as nvarchar(64))) = datalength(@2);
-- "spring", "Free"

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
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4))
order by [slot];
-- <token>, "Reserved", "spring", "anna"

rollback transaction;

-- three owners together ---------------------------------------------------------------------


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
       case when databasepropertyex(db_name(), 'Updateability') = 'READ_ONLY' then 1 else 0 end as claim_read_only
from [shop].[cards] with (readcommittedlock, rowlock)
where [campaign] = cast(@3 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @3
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@3)
  and ([owner] = cast(@4 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @4
  and datalength(cast([owner] as nvarchar(64))) = datalength(@4)
   or [owner] = cast(@5 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @5
  and datalength(cast([owner] as nvarchar(64))) = datalength(@5)
   or [owner] = cast(@6 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @6
  and datalength(cast([owner] as nvarchar(64))) = datalength(@6)
   or [owner] = cast(@7 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @7
  and datalength(cast([owner] as nvarchar(64))) = datalength(@7)
   or [owner] = cast(@8 collate Latin1_General_CI_AS as varchar(40))
  and cast([owner] as nvarchar(64)) collate Latin1_General_BIN2 = @8
  and datalength(cast([owner] as nvarchar(64))) = datalength(@8))
order by [slot];
-- <token>, "Reserved", "spring", "anna", "berta", "carl", "anna", "anna"

set lock_timeout 1500;
set nocount on;
set xact_abort on;
select top (5) cast([card_id] as varchar(20)) as pool_id
from [shop].[cards] with (updlock, readpast, rowlock, readcommittedlock)
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
declare @claimed table (status nvarchar(4000));
update [shop].[cards]
set [status] = @1,
    [owner] = case when [card_id] = cast(@2 as bigint) then @3
    when [card_id] = cast(@4 as bigint) then @5
    when [card_id] = cast(@6 as bigint) then @7
    when [card_id] = cast(@8 as bigint) then @3
    when [card_id] = cast(@9 as bigint) then @3
    end,
    [slot] = 1,
    [taken_at] = sysutcdatetime(),
    [draw_token] = @10
output inserted.[status] into @claimed
where [campaign] = cast(@11 collate Latin1_General_CI_AS as varchar(20))
  and cast([campaign] as nvarchar(64)) collate Latin1_General_BIN2 = @11
  and datalength(cast([campaign] as nvarchar(64))) = datalength(@11)
  and [status] = cast(@12 collate Latin1_General_CI_AS as varchar(10))
  and cast([status] as nvarchar(64)) collate Latin1_General_BIN2 = @12
  and datalength(cast([status] as nvarchar(64))) = datalength(@12)
  and ([card_id] = cast(@2 as bigint)
   or [card_id] = cast(@4 as bigint)
   or [card_id] = cast(@6 as bigint)
   or [card_id] = cast(@8 as bigint)
   or [card_id] = cast(@9 as bigint));
select count(*) as claim_rows,
       @@trancount as claim_transactions,
       @@options & 2 as claim_implicit,
       current_transaction_id() as claim_transaction_id
from @claimed;
-- "Taken", "11", "anna", "12", "berta", "13", "carl", "11", "11", <token>, "spring", "Free"

commit transaction;
