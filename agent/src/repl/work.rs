//! Work that Ctrl-C ends without ending the session.

use crate::error::CommandError;

/// Does some work; Ctrl-C gives it up. Without a person at the terminal the work is simply done, and a signal ends the
/// process as it ends any other.
///
/// # Errors
/// Interrupted, on Ctrl-C.
pub fn cancellable<T: Send + 'static>(
    attended: bool,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, CommandError> {
    if !attended {
        return Ok(work());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (done, finished) = tokio::sync::oneshot::channel();
    let abandoned = crate::terminal::Muted::default();
    let mute = abandoned.clone();
    std::thread::spawn(move || {
        mute.govern_this_thread();
        // Nobody may be waiting any more; then the result is not wanted.
        let _ = done.send(work());
    });
    runtime.map_err(CommandError::internal)?.block_on(async {
        tokio::select! {
            result = finished => result.map_err(CommandError::internal),
            _ = tokio::signal::ctrl_c() => {
                abandoned.mute();
                Err(CommandError::Interrupted)
            }
        }
    })
}
