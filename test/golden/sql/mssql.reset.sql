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
    [gateway_txn] = null
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
