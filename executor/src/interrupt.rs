//! The wish to stop, counted: the first asks politely, the second insists.

use std::sync::Arc;

use tokio::sync::watch;

/// A shared count of interrupts (Ctrl-C).
///
/// The first is forwarded to a running child as SIGINT and ends every wait; the second kills.
#[derive(Debug, Clone)]
pub struct Interrupt(Arc<watch::Sender<u32>>);

impl Interrupt {
    /// An interrupt that nobody has raised yet.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Raises it once more; safe to call from any thread.
    pub fn raise(&self) {
        self.0.send_modify(|count| *count = count.saturating_add(1));
    }

    /// How often it was raised.
    pub fn count(&self) -> u32 {
        *self.0.borrow()
    }

    /// Whether it was raised at all.
    pub fn is_raised(&self) -> bool {
        self.count() > 0
    }

    /// Returns once it was raised at least `times` times.
    pub async fn reached(&self, times: u32) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as `self`, so waiting cannot fail.
        let _ = receiver.wait_for(|count| *count >= times).await;
    }
}

impl Default for Interrupt {
    fn default() -> Self {
        Self::new()
    }
}
