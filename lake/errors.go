package lake

import "errors"

var (
	// ErrLakeNotFound reports that a folder or prefix holds no lake.
	ErrLakeNotFound = errors.New("lake not found")
	// ErrLakeExists reports that a folder or prefix holds a lake already.
	ErrLakeExists = errors.New("lake exists already")
	// ErrLayout reports a lake in a layout that this program does not know.
	ErrLayout = errors.New("unknown lake layout")
	// ErrStoreNotFound reports that no event data store has the given name, id or ARN.
	ErrStoreNotFound = errors.New("event data store not found")
	// ErrStoreExists reports that an event data store has the given name already.
	ErrStoreExists = errors.New("event data store exists already")
	// ErrInvalid reports a setting or an argument outside its bounds.
	ErrInvalid = errors.New("invalid argument")
	// ErrConflict reports that other writers kept committing first and the retries are spent.
	// Nothing was committed; the same batch may be tried again from its source.
	ErrConflict = errors.New("commit conflict")
	// ErrAlreadyIngested reports that a batch holds an object that is in the ledger: since the
	// ledger was read, another writer took it in. Nothing was committed. Abort the batch,
	// read the ledger again and ingest what is left.
	ErrAlreadyIngested = errors.New("object was ingested already")
	// ErrCommitUnknown reports that the storage answered neither yes nor no.
	// The caller must not acknowledge, retry, roll back or delete anything.
	ErrCommitUnknown = errors.New("commit outcome unknown")
	// ErrFirewall reports that the commit firewall refused to publish a commit.
	ErrFirewall = errors.New("commit refused")
	// ErrCorrupt marks every error caused by bytes that cannot have been written by us.
	ErrCorrupt = errors.New("corrupt lake")
	// ErrOutcomeUnknown is what a Storage returns when a write may or may not have
	// happened, or happened and may not be durable.
	ErrOutcomeUnknown = errors.New("write outcome unknown")
	// ErrSnapshotNotFound reports a state of a store that never was or is not kept any more.
	ErrSnapshotNotFound = errors.New("snapshot not found")
	// ErrPendingDeletion reports a store that was deleted and waits for its removal; it
	// can be restored and nothing else.
	ErrPendingDeletion = errors.New("event data store is pending deletion")
	// ErrProtected reports that termination protection keeps a store from being deleted.
	ErrProtected = errors.New("termination protection is on")
	// ErrLegalHold reports that a legal hold keeps events from being removed.
	ErrLegalHold = errors.New("legal hold is on")
	// ErrClock reports a clock that cannot be right, by what the store knows of time.
	ErrClock = errors.New("clock is wrong")
	// ErrBatchDone reports the use of a batch after Commit or Abort.
	ErrBatchDone = errors.New("batch is finished")
)
