//! Audits on their way in: a queue of bounded size and one task that writes it out in batches. Whoever brought an audit waits until it is
//! stored, so that what was acknowledged is never lost.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::task::JoinHandle;

use crate::store::{Loss, NewAudit, Store};

/// Submissions that share one transaction. A commit waits for the disk, so the busier the Console, the more each of them carries.
const BATCH: usize = 256;
/// Room in the queue, in units of 1 KiB: 64 MiB.
pub(crate) const ROOM: u32 = 64 << 10;
const UNIT: usize = 1 << 10;
/// Rows deleted at once, so that audits which arrive meanwhile wait only shortly.
const DELETE_AT_ONCE: u64 = 5_000;

/// Takes audits in.
pub(crate) struct Ingest {
    sender: Mutex<Option<UnboundedSender<Submission>>>,
    /// What bounds the queue: by size, as one submission may hold one audit or a thousand.
    room: Arc<Semaphore>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

/// Why audits were not taken. The Defender keeps them and tries again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The queue is full, or the Console is stopping.
    Full,
    /// The database did not take them.
    Failed,
}

struct Submission {
    audits: Vec<NewAudit>,
    loss: Option<Loss>,
    stored: oneshot::Sender<bool>,
    _room: OwnedSemaphorePermit,
}

impl Ingest {
    /// Starts the writer. It keeps the newest `keep` audits.
    pub(crate) fn start(store: Arc<dyn Store>, count: u64, keep: u64, room: u32) -> Self {
        let (sender, receiver) = unbounded_channel();
        let writer = tokio::spawn(Writer { store, count, keep }.run(receiver));
        Self {
            sender: Mutex::new(Some(sender)),
            room: Arc::new(Semaphore::new(room as usize)),
            writer: Mutex::new(Some(writer)),
        }
    }

    /// Returns when the audits are stored. `size` is what they take in memory, in bytes.
    pub(crate) async fn store(
        &self,
        audits: Vec<NewAudit>,
        loss: Option<Loss>,
        size: usize,
    ) -> Result<(), Refused> {
        let units = u32::try_from(size / UNIT + 1).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(units).map_err(|_| Refused::Full)?;
        let (stored, answer) = oneshot::channel();
        let submission = Submission { audits, loss, stored, _room: room };
        {
            let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
            sender.as_ref().ok_or(Refused::Full)?.send(submission).map_err(|_| Refused::Full)?;
        }
        if answer.await.unwrap_or(false) { Ok(()) } else { Err(Refused::Failed) }
    }

    /// Takes nothing more, and returns when everything taken is stored.
    pub(crate) async fn finish(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer
            && let Err(error) = writer.await
        {
            tracing::error!(%error, "the audit writer ended badly");
        }
    }
}

struct Writer {
    store: Arc<dyn Store>,
    /// How many audits are stored now.
    count: u64,
    keep: u64,
}

// === impl Writer ===

impl Writer {
    async fn run(mut self, mut queue: UnboundedReceiver<Submission>) {
        let mut submissions = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut submissions, BATCH).await > 0 {
            self.write(&mut submissions).await;
            self.retain().await;
        }
    }

    async fn write(&mut self, submissions: &mut Vec<Submission>) {
        let mut audits = Vec::new();
        let mut losses = Vec::new();
        for submission in &mut *submissions {
            audits.append(&mut submission.audits);
            losses.extend(submission.loss.take());
        }
        let stored = match self.store.add_audits(&audits, &losses).await {
            Ok(new) => {
                self.count += new;
                tracing::debug!(new, of = audits.len(), "audits stored");
                true
            }
            Err(error) => {
                tracing::error!(%error, audits = audits.len(), "audits not stored; their Defenders will send them again");
                false
            }
        };
        for submission in submissions.drain(..) {
            // Nobody waits any more if the connection is gone; the audits are stored all the same.
            let _ = submission.stored.send(stored);
        }
    }

    async fn retain(&mut self) {
        while self.count > self.keep {
            let surplus = (self.count - self.keep).min(DELETE_AT_ONCE);
            match self.store.delete_oldest_audits(surplus).await {
                Ok(0) => self.count = self.keep,
                Ok(deleted) => {
                    self.count -= deleted;
                    tracing::info!(deleted, keep = self.keep, "the oldest audits were deleted to make room");
                }
                Err(error) => {
                    tracing::error!(%error, "cannot delete old audits");
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Sqlite;

    fn audit(id: &str) -> NewAudit {
        NewAudit {
            id: id.to_owned(),
            time: 1,
            received: 2,
            kind: "processes".to_owned(),
            attack_type: "unexpectedProcess".to_owned(),
            effect: "prevent".to_owned(),
            rule: "rule".to_owned(),
            function: "f".to_owned(),
            region: "r".to_owned(),
            account: None,
            runtime: "python3.12".to_owned(),
            request_id: None,
            msg: "msg".to_owned(),
            record: "{}".to_owned(),
            count: 1,
            fold: None,
        }
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_a_stopped_one_too() {
        let place = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&place.path().join("gambeson.db")).await.unwrap());
        let ingest = Ingest::start(Arc::clone(&store), 0, 1_000, 4);
        assert_eq!(ingest.store(vec![audit("a")], None, 100).await, Ok(()));
        assert_eq!(ingest.store(vec![audit("b")], None, 5 * UNIT).await, Err(Refused::Full));
        assert_eq!(ingest.store(vec![audit("a"), audit("c")], None, 100).await, Ok(()));
        ingest.finish().await;
        assert_eq!(ingest.store(vec![audit("d")], None, 100).await, Err(Refused::Full));
        assert_eq!(store.count_audits().await.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_the_database_does_not_take_is_not_acknowledged() {
        let place = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(Sqlite::open(&place.path().join("gambeson.db")).await.unwrap());
        let ingest = Ingest::start(Arc::clone(&store), 0, 1_000, ROOM);
        store.close().await;
        assert_eq!(ingest.store(vec![audit("a")], None, 100).await, Err(Refused::Failed));
    }
}
